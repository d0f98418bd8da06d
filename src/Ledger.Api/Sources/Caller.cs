using System.Threading.RateLimiting;
using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>Who sends events, and what it is held to.</summary>
internal sealed class Caller
{
    /// <summary>May state any source: the operator, and a program of this machine before the first token was made.
    /// </summary>
    public static Caller Anyone(Announced announced) => new(null, WriterLimit.None, null, announced);

    /// <summary>A stream waits this long for its turn before the rest of it is refused.</summary>
    private static readonly TimeSpan PaceMax = TimeSpan.FromSeconds(10);

    private readonly WriterLimit _limit;
    private readonly TokenBucketRateLimiter? _bucket;
    private readonly Announced _announced;

    /// <param name="token">What it came with; null = it needs none.</param>
    /// <param name="bucket">Shared by all that sends for the source here; null = it may send as fast as it can.</param>
    /// <param name="announced">What it is told of what it sends.</param>
    public Caller(WriterToken? token, WriterLimit limit, TokenBucketRateLimiter? bucket, Announced announced) =>
        (Token, _limit, _bucket, _announced) = (token, limit, bucket, announced);

    public WriterToken? Token { get; }

    /// <summary>The one source it may state; null = any.</summary>
    public string? Source => Token?.Source;

    public int BodyBytesMax => Math.Min(AppendEvents.BodyBytesMax, _limit.BodyBytes ?? int.MaxValue);

    public int LineBytesMax => Math.Min(AppendEvents.LineBytesMax, _limit.BodyBytes ?? int.MaxValue);

    public int ItemsMax => Math.Min(AppendEvents.ItemsMax, _limit.BodyItems ?? int.MaxValue);

    /// <summary>Most events that go in at one turn.</summary>
    public int TurnMax => _limit.Rate?.Burst ?? int.MaxValue;

    /// <summary>What it offers, or, where it may not, the refusal: before anything is looked up, so that nothing can be
    /// learnt of what another source stated.</summary>
    public Offered Check(Offered item)
    {
        if (Source is { } own && item.Source is { } stated && stated != own)
            return new TurnedAway(item.Source, item.Id, "rejected", Problems.NotYourSource());
        if (_limit.Depth is { } depth && EnvelopeReader.IsDeeper(item.Body.Span, depth))
            return new Faulty(item.Body, item.Source ?? Source, item.Id, Problems.Malformed(
                [new("", null, "too_deep", FormattableString.Invariant($"this source nests {depth} levels at most"))]));
        // What names no source is shown to whoever sent it.
        return item is Faulty { Source: null } faulty ? faulty with { Source = Source } : item;
    }

    /// <summary>Says of each answer where the type that was sent is deprecated.</summary>
    /// <param name="items">What was offered, each with its answer.</param>
    public ItemAnswer[] Warn(IReadOnlyList<Offered> items, ItemAnswer[] answers)
    {
        if (_announced.Deprecated.Count > 0)
            for (var i = 0; i < answers.Length; i++)
                if (items[i] is Ready ready
                    && _announced.Deprecated.TryGetValue(ready.Envelope.Type, out var notice))
                    answers[i] = answers[i] with { Warning = notice.Words };
        return answers;
    }

    /// <summary>Takes a turn for so many events, now.</summary>
    /// <returns>Null = they may go in.</returns>
    public ProblemAnswer? Take(int events)
    {
        if (events > TurnMax)
            return Problems.TooLarge(FormattableString.Invariant(
                $"This source sends {TurnMax} events at once at most; send fewer, or a stream of lines."));
        return Wait(events) is { } wait ? Problems.TooFast(wait) : null;
    }

    /// <summary>Takes a turn for so many events, as soon as there is one: a stream is slowed down first.</summary>
    public async Task<ProblemAnswer?> Pace(int events, CancellationToken cancellationToken)
    {
        while (Wait(events) is { } wait)
        {
            if (wait > PaceMax)
                return Problems.TooFast(wait);
            await Task.Delay(wait, cancellationToken);
        }

        return null;
    }

    /// <summary>Null = it was this caller's turn.</summary>
    private TimeSpan? Wait(int events)
    {
        if (_bucket is null || events == 0)
            return null;
        _bucket.TryReplenish();
        using var lease = _bucket.AttemptAcquire(events);
        if (lease.IsAcquired)
            return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
    }
}
