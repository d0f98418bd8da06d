using Ledger.Projections;
using Spectre.Console;

namespace Ledger.Api;

/// <summary>What a person sees: results on stdout, progress on stderr; what moves moves only on a terminal.</summary>
internal static class Terminal
{
    private const long PlainEvery = 25_000;

    private static readonly Lazy<IAnsiConsole> Moving = new(() => AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }));

    /// <summary>A line of the result.</summary>
    public static void Write(string line) => Console.Out.WriteLine(line);

    /// <summary>A line of progress, or what went wrong.</summary>
    public static void Note(string line) => Console.Error.WriteLine(line);

    /// <summary>Whether a person sits there.</summary>
    public static bool IsInteractive => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <summary>Brings the views up with the log, watched.</summary>
    public static Task<long> Project(Projector projector, CancellationToken cancellationToken) =>
        Watch("Projecting events", progress => projector.CatchUp(
            new Reporting<Projections.Progress>(p => progress(p.Done)), cancellationToken));

    /// <summary>Shows how far some work has come.</summary>
    /// <param name="what">Such as "Appending events".</param>
    /// <param name="work">Is given a way to tell how many it has done.</param>
    /// <param name="more">What to say beside how many; null = nothing.</param>
    public static async Task<T> Watch<T>(
        string what, Func<Action<long>, Task<T>> work, Func<long, string>? more = null)
    {
        if (!Console.IsErrorRedirected)
            return await Moving.Value.Status().StartAsync(what, status => work(
                done => status.Status = FormattableString.Invariant($"{what}: {done:N0}{more?.Invoke(done)}")));
        Note(what + " …");
        var next = PlainEvery;
        return await work(done =>
        {
            if (done < next)
                return;
            next = done + PlainEvery;
            Note(FormattableString.Invariant($"{what}: {done:N0}{more?.Invoke(done)}"));
        });
    }
}
