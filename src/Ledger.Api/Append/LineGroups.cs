using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Ledger.Api;

/// <summary>Lines in groups: as many as have come, and no more than go well together.</summary>
internal sealed class LineGroups(PipeReader pipe, int lineBytesMax)
{
    private const int GroupLines = 500;
    private const int GroupBytes = 1 << 20;

    /// <exception cref="InvalidDataException">It is not packed as it says.</exception>
    public async IAsyncEnumerable<List<Line>> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = new LineReader(pipe, lineBytesMax);
        try
        {
            do
            {
                while (Group(lines) is { Count: > 0 } group)
                    yield return group;
            }
            while (await lines.ReadMore(cancellationToken));
        }
        finally
        {
            lines.Release();
        }
    }

    private static List<Line> Group(LineReader lines)
    {
        var group = new List<Line>();
        for (var bytes = 0; group.Count < GroupLines && bytes < GroupBytes && lines.TryNext(out var line);)
        {
            group.Add(line);
            bytes += line.Bytes.Length;
        }

        return group;
    }
}

/// <summary>Takes one stream of lines, in order: while one group is stored the next is read. Once the database has
/// left, or the sender may send no more, every line that follows is answered so, without being tried: the sender
/// knows exactly what to send again.</summary>
/// <param name="gate">Null = its sender may send anything, as fast as it can.</param>
internal sealed class LineIntake(Intake intake, string? traceparent, LineGate? gate = null)
{
    private const int GroupsAhead = 2;

    private int _next;
    private ProblemAnswer? _refusal;

    /// <summary>Answers group by group. The first failure of all is thrown; a later one is an answer.</summary>
    public async IAsyncEnumerable<ItemAnswer[]> Take(
        LineGroups groups, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ahead = Channel.CreateBounded<List<Offered>>(GroupsAhead);
        var reading = Read(groups, ahead.Writer, leaving.Token);
        try
        {
            await foreach (var group in ahead.Reader.ReadAllAsync(cancellationToken))
                foreach (var turn in Turns(group))
                    yield return await Take(turn, cancellationToken);
        }
        finally
        {
            // Whoever owns the bytes gets them back only when nobody reads them any more.
            await leaving.CancelAsync();
            await reading;
        }
    }

    private IEnumerable<List<Offered>> Turns(List<Offered> group)
    {
        if (gate is null || group.Count <= gate.TurnMax)
            return [group];
        return group.Chunk(gate.TurnMax).Select(turn => turn.ToList());
    }

    private async Task<ItemAnswer[]> Take(List<Offered> group, CancellationToken cancellationToken)
    {
        var first = _next;
        _next += group.Count;
        try
        {
            if (_refusal is null && gate is not null)
                _refusal = await gate.Open(group.Count, cancellationToken);
            if (_refusal is null)
                return await intake.Take(group, first, atomic: false, cancellationToken);
        }
        catch (Exception error) when (first > 0 && ProblemHandling.IsUnavailable(error))
        {
            _refusal = Problems.Unavailable();
        }

        return [.. group.Select((item, i) => ItemAnswer.Unavailable(first + i, item, _refusal))];
    }

    private Offered Read(Line line)
    {
        var read = line.Read(intake, traceparent);
        return gate?.Check(read) ?? read;
    }

    private async Task Read(LineGroups groups, ChannelWriter<List<Offered>> to, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var group in groups.Read(cancellationToken))
                await to.WriteAsync(group.ConvertAll(Read), cancellationToken);
            to.Complete();
        }
        catch (Exception error)
        {
            // Thrown again to whoever takes the groups, after those that came before.
            to.Complete(error);
        }
    }
}
