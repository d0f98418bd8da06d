using System.CommandLine;

namespace Ledger.Api;

/// <summary><c>ledger serve</c>: the HTTP door and the pages.</summary>
internal static class ServeCommand
{
    public static Command Create() => new LedgerCommand("serve", "Serves the ledger over HTTP until it is stopped.", """
        ledger serve
        ledger serve --data ./my-ledger --urls http://127.0.0.1:8080
        ledger serve --database "Host=db;Database=ledger;Username=ledger"
        """).WithUrls().OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        return await Serve(ledger, parsed.GetValue(Common.Urls)!, _ => { }, cancellationToken);
    });

    /// <summary>Listens until it is told to stop.</summary>
    /// <param name="listening">Is told the address, once.</param>
    public static async Task<int> Serve(
        OpenLedger ledger, string[] urls, Action<string> listening, CancellationToken cancellationToken)
    {
        await using var app = Server.Build(ledger, urls);
        await Server.Start(app, cancellationToken);
        Terminal.Note($"Listening at {string.Join(", ", app.Urls)}; Ctrl-C stops.");
        if (!app.Urls.All(Server.IsLoopback))
            Terminal.Note(
                "Anyone who reaches this address can read. To append takes a source's token ('ledger source add').");
        listening(app.Urls.First());
        await app.WaitForShutdownAsync(cancellationToken);
        return Exit.Good;
    }
}
