using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>Takes one stream of lines, in order: while some are stored the next are read, on every thread there is, and
/// what has gathered by then goes in together. So a slow stream is answered line by line, and a fast one takes the way
/// of imports; while what comes is stored already, it is found and not read. Once the database has left, or the sender
/// may send no more, every line that follows is answered so: the sender knows exactly what to send again.</summary>
/// <param name="gate">Null = its sender may send anything, as fast as it can.</param>
internal sealed class LineIntake(Intake intake, string? traceparent, LineGate? gate = null)
{
    /// <summary>How many groups of lines are read ahead: with those under way, all the memory a stream takes.</summary>
    private const int GroupsAhead = 20;

    private const int TurnLines = 5_000;

    /// <summary>How many groups are looked up while the next is skimmed.</summary>
    private const int GroupsAsked = 2;

    private readonly Repeats _repeats = intake.Repeats();
    private int _next;
    private ProblemAnswer? _refusal;

    /// <summary>Answers turn by turn. The first failure of all is thrown; a later one is an answer.</summary>
    public async IAsyncEnumerable<ItemAnswer[]> Take(
        LineGroups groups, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ahead = Channel.CreateBounded<Task<Offered[]>>(GroupsAhead);
        var reading = Read(groups, ahead.Writer, leaving.Token);
        var underWay = new Queue<Task<ItemAnswer[]>>();
        try
        {
            while (await ahead.Reader.WaitToReadAsync(cancellationToken))
            {
                foreach (var turn in Turns(await Gathered(ahead.Reader)))
                {
                    // Only large appends keep their order among each other while they are under way.
                    var isLarge = turn.Count(item => item is Ready) >= EventStore.LargeFrom
                        && Array.TrueForAll(turn, item => item is Ready or Held);
                    while (underWay.Count > (isLarge ? 1 : 0))
                        yield return await underWay.Dequeue();
                    // Let in one after the other: one that must wait is not overtaken.
                    var opening = Open(turn.Length, cancellationToken);
                    while (!opening.IsCompleted && underWay.Count > 0)
                        yield return await underWay.Dequeue();
                    await opening;
                    underWay.Enqueue(Take(turn, cancellationToken));
                    if (!isLarge)
                        yield return await underWay.Dequeue();
                }

                // Nothing has come meanwhile: whoever waits for answers gets them now.
                while (underWay.Count > 0 && ahead.Reader.Count == 0)
                    yield return await underWay.Dequeue();
            }

            while (underWay.Count > 0)
                yield return await underWay.Dequeue();
        }
        finally
        {
            // Whoever owns the bytes gets them back only when nobody reads them any more.
            await leaving.CancelAsync();
            await reading;
            await Task.WhenAll(underWay).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private static async Task<Offered[]> Gathered(ChannelReader<Task<Offered[]>> ahead)
    {
        var gathered = new List<Offered>();
        while (gathered.Count < TurnLines && ahead.TryPeek(out var group)
            && (gathered.Count == 0 || group.IsCompletedSuccessfully))
        {
            ahead.TryRead(out _);
            gathered.AddRange(await group);
        }

        return [.. gathered];
    }

    private IEnumerable<Offered[]> Turns(Offered[] gathered) =>
        gate is null || gathered.Length <= gate.TurnMax ? [gathered] : gathered.Chunk(gate.TurnMax);

    private async Task Open(int lines, CancellationToken cancellationToken)
    {
        if (_refusal is not null || gate is null)
            return;
        try
        {
            _refusal = await gate.Open(lines, cancellationToken);
        }
        catch (Exception error) when (_next > 0 && ProblemHandling.IsUnavailable(error))
        {
            _refusal = Problems.Unavailable();
        }
    }

    private async Task<ItemAnswer[]> Take(Offered[] turn, CancellationToken cancellationToken)
    {
        var first = _next;
        _next += turn.Length;
        try
        {
            if (_refusal is null)
            {
                var answers = await intake.Take(turn, first, atomic: false, cancellationToken);
                _repeats.Saw(turn.Length, answers.Count(answer => answer.Verdict == "duplicate"));
                return gate is null ? answers : gate.Warn(turn, answers);
            }
        }
        catch (Exception error) when (first > 0 && ProblemHandling.IsUnavailable(error))
        {
            _refusal = Problems.Unavailable();
        }

        return [.. turn.Select((item, i) => ItemAnswer.Unavailable(first + i, item, _refusal))];
    }

    private async Task Read(
        LineGroups groups, ChannelWriter<Task<Offered[]>> to, CancellationToken cancellationToken)
    {
        var asking = new Queue<Task>();
        try
        {
            await foreach (var group in groups.Read(cancellationToken))
            {
                if (asking.Count == GroupsAsked)
                    await asking.Dequeue();
                var read = group.Count >= Offered.Many && _repeats.AreExpected
                    ? Find(group, cancellationToken)
                    : Task.FromResult(Offered.Each(group.Count, i => Read(group[i])));
                if (!read.IsCompleted)
                    asking.Enqueue(read);
                await to.WriteAsync(read, cancellationToken);
            }

            to.Complete();
        }
        catch (Exception error)
        {
            // Thrown again to whoever takes the groups, after those that came before.
            to.Complete(error);
        }

        await Task.WhenAll(asking).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    /// <summary>Reads what is not stored already.</summary>
    private async Task<Offered[]> Find(List<Line> group, CancellationToken cancellationToken)
    {
        var skimmed = Offered.Each(group.Count, i => Skim(group[i]));
        var stored = await _repeats.Find(
            Array.ConvertAll(skimmed, line => line switch
            {
                Claimed claimed => claimed.Claim,
                Ready ready => Claim.Of(ready.Event),
                _ => null,
            }),
            cancellationToken);
        return Offered.Each(group.Count, i => stored[i] is { } duplicate ? new Held(skimmed[i].Body, duplicate)
            : skimmed[i] is Claimed ? Read(group[i])
            : skimmed[i]);
    }

    /// <summary>What its sender may not send is not looked up.</summary>
    private Offered Skim(Line line)
    {
        if (line.TooLong || Recorded.Claim(line.Bytes.Span) is not { } claim)
            return Read(line);
        var claimed = new Claimed(line.Bytes, claim);
        return gate?.Check(claimed) ?? claimed;
    }

    private Offered Read(Line line)
    {
        var read = line.Read(intake, traceparent);
        return gate?.Check(read) ?? read;
    }
}
