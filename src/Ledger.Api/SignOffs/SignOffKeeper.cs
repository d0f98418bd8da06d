using System.Collections.Concurrent;
using Ledger.Api.Pages;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.SignOffs;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Api;

/// <summary>What became of the sign-offs.</summary>
/// <param name="Suspended">Sign-offs that count no more.</param>
/// <param name="Position">Up to which event they were looked at.</param>
internal sealed record SignOffsKept(int Suspended, long Position);

/// <summary>Suspends the sign-offs whose scope a later event touched: in the ledger's own name, outside any fold, so
/// that a rebuild says nothing twice. Two servers at once say it once.</summary>
internal sealed class SignOffKeeper(Decisions decisions, DriftNow now, NpgsqlDataSource source)
{
    private static readonly DecidedBy ByItself = new(CaseKeeper.Itself);

    /// <summary>By sign-off, which of its events was looked at and up to where: a start looks again from there on where
    /// it was signed.</summary>
    private readonly ConcurrentDictionary<string, (long Said, long UpTo)> _looked = new();

    private readonly Lock _gate = new();
    private long? _lookedAt;

    /// <summary>Up to which event everything that counts was looked at; null = nothing yet since this one began.
    /// </summary>
    public long? LookedAt
    {
        get
        {
            lock (_gate) return _lookedAt;
        }
    }

    /// <summary>Brings the sign-offs in line with the records as the views have them.</summary>
    /// <param name="dryRun">Only say how many would be suspended.</param>
    public async Task<SignOffsKept> Keep(bool dryRun, CancellationToken cancellationToken)
    {
        // Without one that counts nothing is loaded.
        var (position, _, any) = await GovernanceReader.SignOffs(source, "signed", 0, 1, cancellationToken);
        if (any.Count == 0)
            return Kept(0, position, dryRun);
        var world = (await now.Read(cancellationToken)).World;
        var counting = world.Records.Values.Select(Counting).OfType<Counting>().ToArray();
        if (counting.Length == 0)
            return Kept(0, world.Position, dryRun);
        var went = await WentReader.Since(source, counting.Min(c => c.Since), world.Position, cancellationToken);
        var steps = SignOffKeeping.Steps(world, went, counting);
        if (dryRun)
            return new(steps.Count, world.Position);
        foreach (var step in steps)
            await Say(step, counting.Single(c => c.Stream == step.Stream).Signed, cancellationToken);
        foreach (var looked in counting)
            _looked[looked.Stream] = (world.Records[looked.Stream].Fold.Last, world.Position);
        return Kept(steps.Count, world.Position, dryRun);
    }

    private SignOffsKept Kept(int suspended, long position, bool dryRun)
    {
        lock (_gate)
        {
            if (!dryRun && !(position < _lookedAt)) _lookedAt = position;
        }

        return new(suspended, position);
    }

    private Counting? Counting(SourceRecord record)
    {
        if (record is not { IsLive: true, Source: SourceRegistration.Own, Fold.State: SignOff signed }
            || signed.Status is not SignOffStatus.Signed) return null;
        // Nobody can have looked at what came after it was signed.
        var since = Math.Min(signed.Position, record.Fold.Last);
        if (_looked.TryGetValue(record.Stream, out var looked) && looked.Said == record.Fold.Last)
            since = Math.Max(since, looked.UpTo);
        return new(record.Stream, signed, since);
    }

    /// <summary>Says it, unless the sign-off is no longer what was looked at: another server, or a person, said
    /// something meanwhile.</summary>
    private async Task Say(SignOffStep step, SignOff seen, CancellationToken cancellationToken)
    {
        var (_, problem) = await decisions.Tell<SignOff>(
            Kind.SignOff, StreamName.IdOf(step.Stream), "suspended-" + DecimalText.Write(step.Body.Position),
            before => Equals(before, seen) ? new(step.Body) : Decision.Stands, ByItself, cancellationToken);
        if (problem is not null)
            throw new InvalidOperationException($"{step.Stream} could not be suspended: {problem.Detail}");
    }
}
