using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Ledger.Api;

/// <summary><c>ledger serve</c>: the HTTP door and the pages.</summary>
internal static class ServeCommand
{
    private static readonly Option<string?> Roots = new("--roots")
    {
        Description = "Adds the log's signed root to this file, now and then; keep it where the database's keepers "
            + "cannot change it.",
        HelpName = "FILE",
    };

    private static readonly Option<TimeSpan> RootsEvery = new("--roots-every")
    {
        Description = "How often: 30s, 15m, 1h or 1d; every hour where not said.",
        HelpName = "TIME",
        CustomParser = Every,
    };

    private static readonly Option<string> Exceptions = new Option<string>("--exceptions")
    {
        Description = "Who opens and closes exceptions: the server as the records change, or only "
            + "'ledger exceptions keep'. [env: LEDGER_EXCEPTIONS]",
        DefaultValueFactory = _ => Common.Variable("LEDGER_EXCEPTIONS") ?? "kept",
    }.AcceptOnlyFromAmong("kept", "by-hand");

    public static Command Create() => new LedgerCommand("serve", "Serves the ledger over HTTP until it is stopped.", """
        ledger serve
        ledger serve --data ./my-ledger --urls http://127.0.0.1:8080
        ledger serve --database "Host=db;Database=ledger;Username=ledger" --signing-key /etc/ledger/signing-key.pem
        ledger serve --roots /media/auditor/roots.txt --roots-every 1h
        """) { Roots, RootsEvery, Exceptions }.WithUrls().OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var keeps = parsed.GetValue(Exceptions) == "kept";
        if (parsed.GetValue(Roots) is not { } file)
            return await Serve(ledger, parsed.GetValue(Common.Urls)!, keeps, _ => { }, cancellationToken);
        if (ledger.Signer is null)
            throw new NotReadyException("--roots writes signed roots: name the key with --signing-key.");
        var every = parsed.GetValue(RootsEvery) is { Ticks: > 0 } said ? said : TimeSpan.FromHours(1);
        await using var roots = new RootSchedule(ledger.Store, file, every, Terminal.Note);
        return await Serve(ledger, parsed.GetValue(Common.Urls)!, keeps, _ => { }, cancellationToken);
    });

    private static TimeSpan Every(ArgumentResult given)
    {
        var text = given.Tokens[0].Value;
        var number = text.AsSpan(0, Math.Max(0, text.Length - 1));
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is > 0 and < 10_000)
            switch (text[^1])
            {
                case 's': return TimeSpan.FromSeconds(count);
                case 'm': return TimeSpan.FromMinutes(count);
                case 'h': return TimeSpan.FromHours(count);
                case 'd' when count <= 30: return TimeSpan.FromDays(count);
            }

        given.AddError($"--roots-every takes a time such as 30s, 15m, 1h or 1d, not '{text}'.");
        return default;
    }

    /// <summary>Listens until it is told to stop.</summary>
    /// <param name="keepsExceptions">Whether it opens and closes exceptions by itself.</param>
    /// <param name="listening">Is told the address, once.</param>
    public static async Task<int> Serve(
        OpenLedger ledger, string[] urls, bool keepsExceptions, Action<string> listening,
        CancellationToken cancellationToken)
    {
        await using var app = Server.Build(ledger, urls, keepsExceptions: keepsExceptions);
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
