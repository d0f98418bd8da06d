namespace Ledger.Api;

/// <summary>Lets a stream's lines in for as long as its sender may send, and no faster than it may.</summary>
internal sealed class LineGate(Admission admission, Caller caller)
{
    /// <summary>Most lines that go in at one turn.</summary>
    public int TurnMax => caller.TurnMax;

    public Offered Check(Offered line) => caller.Check(line);

    /// <summary>Waits for a turn.</summary>
    /// <returns>Null = the lines may go in.</returns>
    public async Task<ProblemAnswer?> Open(int lines, CancellationToken cancellationToken) =>
        await admission.Refuse(caller, cancellationToken) ?? await caller.Pace(lines, cancellationToken);

    public ItemAnswer[] Warn(Offered[] lines, ItemAnswer[] answers) => caller.Warn(lines, answers);
}
