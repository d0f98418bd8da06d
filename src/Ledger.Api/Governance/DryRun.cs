using System.Globalization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;
using NodaTime;

namespace Ledger.Api;

/// <summary>What a decision would change, before it is made.</summary>
internal sealed class DryRun(EventStore store, LiveWorld live)
{
    /// <summary>It may look at every document there is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static readonly Parameter Parameter = new(
        "dry-run", "true = nothing is decided; the answer says what it would change of the money.",
        Microsoft.OpenApi.JsonSchemaType.Boolean, Microsoft.OpenApi.ParameterLocation.Query);

    public static readonly Parameter Approve = new(
        "approve", "true = it is decided also where that changes money; else it is refused then, and says what.",
        Microsoft.OpenApi.JsonSchemaType.Boolean, Microsoft.OpenApi.ParameterLocation.Query);

    /// <summary>Why a decision that nobody approved is not made: it changes money; null = it changes none.</summary>
    public async Task<ProblemAnswer?> Refused(OfferedDecision offer, CancellationToken cancellationToken)
    {
        if (offer.Problem is not null)
            return null;
        var difference = await Difference(offer, cancellationToken);
        return difference.IsNone ? null : Problems.NotApproved(difference.Words);
    }

    /// <summary>Answers what a decision would change.</summary>
    public async Task<IResult> Answer(
        HttpContext http, OfferedDecision offer, CancellationToken cancellationToken)
    {
        if (offer.Problem is { } problem)
            return problem;
        var difference = await Difference(offer, cancellationToken);
        At.Say(http, difference.Position);
        return TypedResults.Json(difference, DoorJson.Plain.DifferenceAnswer);
    }

    /// <summary>What it would change; nothing where it stands already.</summary>
    public async Task<DifferenceAnswer> Difference(OfferedDecision offer, CancellationToken cancellationToken)
    {
        var (before, after) = await Worlds(offer, cancellationToken);
        return DifferenceAnswer.Of(
            after is null ? new(before.Position, Items<MoneyFigure>.None) : MoneyBetween.Of(before, after));
    }

    /// <summary>Everything as it is, and as it would be; null where the decision stands already.</summary>
    public async Task<(World Before, World? After)> Worlds(OfferedDecision offer, CancellationToken cancellationToken)
    {
        var now = await live.Now(cancellationToken);
        // It is recorded today, so today is the day on which all is judged from then on.
        var today = SystemClock.Instance.GetCurrentInstant().InUtc().Date;
        var before = new World(now.Position, today, now.Records.Values);
        return offer.Ready is { } ready && await Decided(ready, cancellationToken) is { } said
            ? (before, new(now.Position, today, now.Records.Values.Where(r => r.Stream != said.Stream).Append(said)))
            : (before, null);
    }

    /// <summary>The ledger's record of it as it would stand.</summary>
    private async Task<SourceRecord?> Decided(Ready ready, CancellationToken cancellationToken)
    {
        var events = new List<RecordedEvent>();
        await foreach (var stored in store.ReadStream(ready.Envelope.Stream, cancellationToken))
            events.Add(Recorded.Event(stored));
        var (envelope, body) = (ready.Envelope, EventCatalog.Find(ready.Envelope.Type).Read(ready.Event.Data.Span));
        events.Add(new(
            long.MaxValue, envelope.Source, envelope.Id, envelope.Stream, envelope.Type, envelope.Time,
            envelope.CountsFrom, envelope.Sequence, envelope.Actor, envelope.Time, body));
        var kind = Kind.Find(envelope.Kind);
        var fold = StreamFold.Fold(kind, events);
        return fold.State is null ? null : new(envelope.Stream, kind, envelope.Source, envelope.RecordId, fold);
    }
}

/// <summary>What would be other money.</summary>
/// <param name="Position">The last event that was known.</param>
/// <param name="IsNone">Whether nothing would change.</param>
/// <param name="Words">A line for each kind and currency, such as "14 invoices change: GBP 3,210.55".</param>
public sealed record DifferenceAnswer(
    long Position, bool IsNone, IReadOnlyList<string> Words, IReadOnlyList<DifferenceItem> Items)
{
    internal static DifferenceAnswer Of(MoneyDifference difference) => new(
        difference.Position, difference.IsNothing,
        difference.IsNothing ? ["no money changes"] : [.. MoneyDifferenceText.Lines(difference)],
        [.. difference.Figures.Select(DifferenceItem.Of)]);
}

/// <summary>Of one kind and currency.</summary>
/// <param name="Covered">What of it is another: how much is covered by this relation (bills, posts, settles, credits,
/// prepays) of other documents; null = its own amount.</param>
/// <param name="Currency">Null = what states none.</param>
/// <param name="Changed">How many entities have another amount.</param>
/// <param name="Came">How many have one that had none in this currency.</param>
/// <param name="Went">How many have none in it any more.</param>
/// <param name="Sum">Of all after, less that of all before; a signed decimal.</param>
/// <param name="Moved">The same without setting one against the other.</param>
public sealed record DifferenceItem(
    string Kind, string? Currency, long Changed, long Came, long Went, string Sum, string Moved,
    string? Covered)
{
    internal static DifferenceItem Of(MoneyFigure figure) => new(
        figure.Kind, figure.Currency, figure.Changed, figure.Came, figure.Went,
        figure.Sum.ToString(CultureInfo.InvariantCulture), figure.Moved.ToString(CultureInfo.InvariantCulture),
        figure.Covered);
}
