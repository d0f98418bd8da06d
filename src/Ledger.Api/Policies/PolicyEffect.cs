using Ledger.Api.Pages;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Cases;
using Ledger.Projections.Drift;

namespace Ledger.Api;

/// <summary>What a policy would change of what has to be looked at, before it is agreed.</summary>
internal sealed class PolicyEffect(DryRun dryRun)
{
    public async Task<IResult> Answer(HttpContext http, OfferedDecision offer, CancellationToken cancellationToken)
    {
        if (offer.Problem is { } problem)
            return problem;
        var effect = await Of(offer, cancellationToken);
        At.Say(http, effect.Position);
        return TypedResults.Json(effect, DoorJson.Plain.PolicyEffectAnswer);
    }

    /// <summary>Nothing where it stands already.</summary>
    public async Task<PolicyEffectAnswer> Of(OfferedDecision offer, CancellationToken cancellationToken)
    {
        var (before, after) = await dryRun.Worlds(offer, cancellationToken);
        if (after is null)
            return new(before.Position, true, ["nothing changes"], []);
        Func<World, Dictionary<(string Class, string Weight), int>> counted =
            offer.Ready!.Envelope.Kind == Kind.Routing.Name ? Routed : Weighed;
        var (was, becomes) = (counted(before), counted(after));
        PolicyEffectItem[] items =
        [
            .. was.Keys.Union(becomes.Keys).Order()
                .Select(key => new PolicyEffectItem(
                    key.Class, key.Weight, was.GetValueOrDefault(key), becomes.GetValueOrDefault(key)))
                .Where(item => item.Before != item.After),
        ];
        return new(
            before.Position, items.Length == 0,
            items.Length == 0 ? ["nothing changes"] : [.. items.Select(item => item.Words)], items);
    }

    /// <summary>How many findings there are of a class, by what becomes of them: their severity, or tolerated.
    /// </summary>
    private static Dictionary<(string Class, string Weight), int> Weighed(World world)
    {
        var report = DriftRun.Compute(world);
        var differences = Breach.Of(world, report, new Dictionary<string, long>()).Select(b => b.Opened)
            .OfType<DriftCaseOpened>().Select(o => (Words.Name(o.Class), Words.Name(o.Severity)));
        return report.Findings.Where(f => f.Weight is FindingWeight.Tolerated)
            .Select(f => (Words.Name(f.Class), Words.Name(f.Weight))).Concat(differences)
            .CountBy(key => key).ToDictionary();
    }

    /// <summary>How many cases of a class there are to look at, by who does; those that a person gave to somebody, or
    /// settled, stay as they are.</summary>
    private static Dictionary<(string Class, string Weight), int> Routed(World world)
    {
        var stays = world.Records.Values.Where(r => r.Fold.State is Case known
                && (known.IsAssignedByHand() || known.Status is not CaseStatus.Open)).Select(r => r.Id).ToHashSet();
        return Breach.Of(world, DriftRun.Compute(world), new Dictionary<string, long>())
            .Where(b => !stays.Contains(b.Id))
            .Select(b => (b.Sort, "looked at by " + (b.Opened.Assignee ?? "nobody"))).CountBy(key => key)
            .ToDictionary();
    }
}

/// <summary>What would be otherwise.</summary>
/// <param name="Position">The last event that was known.</param>
/// <param name="IsNone">Whether nothing would change.</param>
/// <param name="Words">A line for each class and weight, such as "amount, tolerated: 3 more (2 → 5)".</param>
public sealed record PolicyEffectAnswer(
    long Position, bool IsNone, IReadOnlyList<string> Words, IReadOnlyList<PolicyEffectItem> Items);

/// <summary>Of one class and weight.</summary>
/// <param name="Class">A class of drift, or a finding's code.</param>
/// <param name="Weight">low, medium or high: has to be looked at; tolerated: left alone. Where it is decided who looks
/// at what: <c>looked at by</c> somebody, or nobody.</param>
/// <param name="Before">How many there are.</param>
/// <param name="After">How many there would be.</param>
public sealed record PolicyEffectItem(string Class, string Weight, int Before, int After)
{
    internal string Words => FormattableString.Invariant(
        $"{Class}, {Weight}: {Math.Abs(After - Before)} {(After > Before ? "more" : "less")} ({Before} → {After})");
}
