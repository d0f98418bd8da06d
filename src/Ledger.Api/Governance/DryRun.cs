using System.Globalization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;
using NodaTime;

namespace Ledger.Api;

/// <summary>What a decision of whose word counts would change of the money, before it is made.</summary>
internal sealed class DryRun(EventStore store, LiveWorld live)
{
    /// <summary>It may look at every document there is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static readonly Parameter Parameter = new(
        "dry-run", "true = nothing is decided; the answer says what it would change of the money.",
        Microsoft.OpenApi.JsonSchemaType.Boolean, Microsoft.OpenApi.ParameterLocation.Query);

    /// <summary>Kinds whose entities stand for money.</summary>
    private static readonly Kind[] WithMoney = [Kind.Invoice, Kind.Posting, Kind.Payment, Kind.Expense];

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
        var now = await live.Now(cancellationToken);
        if (offer.Ready is not { } ready || await Assignment(ready, cancellationToken) is not { } said
            || Array.Find(WithMoney, kind => kind.Name == ((OwnershipAssignment)said.Fold.State!).Of) is not { } kind)
            return DifferenceAnswer.Of(new(now.Position, Items<MoneyFigure>.None));
        // It is recorded today, so today is the day on which all is judged from then on.
        var today = SystemClock.Instance.GetCurrentInstant().InUtc().Date;
        SourceRecord[] records =
            [.. now.Records.Values.Where(r => r.Kind == kind || r.Kind.IsGovernance || Firm.Concerns(r))];
        var before = new World(now.Position, today, records);
        var after = new World(now.Position, today, records.Where(r => r.Stream != said.Stream).Append(said));
        return DifferenceAnswer.Of(Between(now.Position, kind, Money(before, kind), Money(after, kind)));
    }

    /// <summary>The assignment as it would stand.</summary>
    private async Task<SourceRecord?> Assignment(Ready ready, CancellationToken cancellationToken)
    {
        var events = new List<RecordedEvent>();
        await foreach (var stored in store.ReadStream(ready.Envelope.Stream, cancellationToken))
            events.Add(Recorded.Event(stored));
        var (envelope, body) = (ready.Envelope, EventCatalog.Find(ready.Envelope.Type).Read(ready.Event.Data.Span));
        events.Add(new(
            long.MaxValue, envelope.Source, envelope.Id, envelope.Stream, envelope.Type, envelope.Time,
            envelope.CountsFrom, envelope.Sequence, envelope.Actor, envelope.Time, body));
        var fold = StreamFold.Fold(Kind.Ownership, events);
        return fold.State is OwnershipAssignment
            ? new(envelope.Stream, Kind.Ownership, envelope.Source, envelope.RecordId, fold)
            : null;
    }

    private static Dictionary<string, EntityMoney> Money(World world, Kind kind)
    {
        var money = new Dictionary<string, EntityMoney>();
        foreach (var entity in world.Entities(kind).Where(e => e.IsLive))
            if (EntityMoney.Of(world.Compose(entity)) is { } known)
                money.Add(entity.Id, known);
        return money;
    }

    private static MoneyDifference Between(
        long position, Kind kind, Dictionary<string, EntityMoney> before, Dictionary<string, EntityMoney> after)
    {
        var moves = before.Keys.Union(after.Keys)
            .SelectMany(id => Moves(before.GetValueOrDefault(id), after.GetValueOrDefault(id)));
        return new(
            position,
            moves.GroupBy(move => move.Currency?.Code).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new MoneyFigure(
                    kind.Name, g.Key, g.Count(m => m is { Was: not null, Is: not null }), g.Count(m => m.Was is null),
                    g.Count(m => m.Is is null), g.Sum(m => m.By), g.Sum(m => Math.Abs(m.By))))
                .ToItems());
    }

    /// <summary>What changes of one entity: in one currency, or out of one and into another.</summary>
    private static IEnumerable<Move> Moves(EntityMoney? was, EntityMoney? now)
    {
        if (was == now)
            return [];
        if (was is not null && now is not null && was.Currency == now.Currency)
            return [new(was.Currency, was.Amount, now.Amount)];
        return ((Move?[])
        [
            was is null ? null : new(was.Currency, was.Amount, null),
            now is null ? null : new(now.Currency, null, now.Amount),
        ]).OfType<Move>();
    }

    private sealed record Move(Currency? Currency, decimal? Was, decimal? Is)
    {
        public decimal By => (Is ?? 0m) - (Was ?? 0m);
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
/// <param name="Currency">Null = what states none.</param>
/// <param name="Changed">How many entities have another amount.</param>
/// <param name="Came">How many have one that had none in this currency.</param>
/// <param name="Went">How many have none in it any more.</param>
/// <param name="Sum">Of all after, less that of all before; a signed decimal.</param>
/// <param name="Moved">The same without setting one against the other.</param>
public sealed record DifferenceItem(
    string Kind, string? Currency, long Changed, long Came, long Went, string Sum, string Moved)
{
    internal static DifferenceItem Of(MoneyFigure figure) => new(
        figure.Kind, figure.Currency, figure.Changed, figure.Came, figure.Went,
        figure.Sum.ToString(CultureInfo.InvariantCulture), figure.Moved.ToString(CultureInfo.InvariantCulture));
}
