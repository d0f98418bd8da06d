using Ledger.Domain;
using Ledger.Projections.Identity;

namespace Ledger.Projections;

/// <summary>What a reference points at.</summary>
/// <param name="Stream">Null where it is by number.</param>
internal readonly record struct Target(string Kind, string? Stream, string? Number)
{
    /// <summary>Longest stream, and more than any number or kind that resolves.</summary>
    private const int LengthMax = 400;

    /// <summary>Where a reference of one source points; null for what no record can be called.</summary>
    public static Target? Of(Ref to, string statedBy)
    {
        var target = new Target(to.Kind, to.Stream(statedBy), to.Id is null ? to.Number : null);
        return Math.Max(target.Kind.Length, (target.Stream ?? target.Number)!.Length) <= LengthMax ? target : null;
    }
}

/// <summary>What a record once said and says no more, or waits to say: where to look when asked how it was.</summary>
/// <param name="Targets">What it pointed at.</param>
/// <param name="Keys">The keys it had.</param>
/// <param name="Joined">Of one that links two records as it does: positions of what joined and what parted them, in
/// turn.</param>
internal sealed record Former(Items<Target> Targets, Items<BusinessKey> Keys, Items<long> Joined)
{
    public static readonly Former Nothing = new(Items<Target>.None, Items<BusinessKey>.None, Items<long>.None);

    /// <summary>Scheme of the numbers a record once bore, as printed: by these references find it, and no rule.
    /// </summary>
    public const string Numbered = "~was";

    /// <summary>More than any number that resolves.</summary>
    private const int NumberMax = 400;

    /// <summary>The fields from which keys are made.</summary>
    private static readonly string[] KeyFields =
    [
        "number", "taxIds", "registrationNo", "employeeNo", "addresses", "documentType", "country", "base", "quote",
        "on", "publisher", "type",
    ];

    /// <summary>More than the pairs and days one rate was ever said to be of.</summary>
    private const int RatesMax = 200;

    /// <summary>Of a whole stream: a matter of its events alone, whatever the order they came in.</summary>
    /// <param name="record">What they fold to.</param>
    public static Former Of(SourceRecord record, IReadOnlyCollection<RecordedEvent> events)
    {
        if (events.Count < 2 || !MayHave(record)) return Nothing;
        var steps = StreamFold.History(record.Kind, events);
        // Which of them a time gone by knew is not for here: each event may have had its say without the others.
        var targets = steps.SelectMany(step => Said(record, step.After))
            .Concat(events.SelectMany(e => Said(record, e.Body)))
            .Except(IsPlain(record) ? Said(record, record.Fold.State) : []);
        var states = steps.Select(step => step.After).OfType<RecordState>().ToArray();
        var keys = EverOf(record, states).Except(BusinessKeys.Of(record))
            .Concat(states.Select(state => state.Number).Concat(events.Select(e => e.Body.Number)).OfType<string>()
                .Distinct().Where(number => number != record.Fold.State?.Number && number.Length <= NumberMax)
                .Select(number => new BusinessKey(Numbered, number)));
        return new(
            targets.OrderBy(t => t.Kind, StringComparer.Ordinal).ThenBy(t => t.Stream, StringComparer.Ordinal)
                .ThenBy(t => t.Number, StringComparer.Ordinal).ToItems(),
            keys.OrderBy(k => k.Scheme, StringComparer.Ordinal).ThenBy(k => k.Value, StringComparer.Ordinal).ToItems(),
            JoinedBy(record, steps));
    }

    /// <summary>Whether events added at the end of a stream leave what it once said, and what others find it by, as it
    /// was.</summary>
    public static bool Stays(SourceRecord before, SourceRecord after)
    {
        if (after.Kind.IsGovernance || after.Fold.Pending.Count > 0 || before.Fold.State is null) return false;
        if (before.Fold.DeletedBy is not null || after.Fold.DeletedBy is not null) return false;
        foreach (var field in References.FieldsOf(after.Kind).Concat(KeyFields))
            if (before.Fold.Asserted.GetValueOrDefault(field) != after.Fold.Asserted.GetValueOrDefault(field))
                return false;
        return !BusinessKeys.Has(after.Kind) || (BusinessKeys.Of(before).SequenceEqual(BusinessKeys.Of(after))
            && BusinessKeys.HintsOf(before).SequenceEqual(BusinessKeys.HintsOf(after)));
    }

    // A field that only the event which began the record has set never said anything else.
    private static bool MayHave(SourceRecord record)
    {
        if (record.Fold.Pending.Count > 0 || record.Kind.IsGovernance) return true;
        foreach (var field in References.FieldsOf(record.Kind))
            if (IsLater(field)) return true;
        return Array.Exists(KeyFields, IsLater)
            || (BusinessKeys.Has(record.Kind) && record.Fold.DeletedBy is not null);

        bool IsLater(string field) =>
            record.Fold.Asserted.TryGetValue(field, out var position) && position != record.Fold.First;
    }

    /// <summary>Every key that some of the events may have made, whichever of them a time gone by knew.</summary>
    private static IEnumerable<BusinessKey> EverOf(SourceRecord record, IReadOnlyList<RecordState> states)
    {
        if (!BusinessKeys.Has(record.Kind)) return [];
        var credited = states.OfType<Invoice>().Any(i => i.DocumentType == DocumentType.CreditNote);
        var addresses = states.OfType<Client>().Select(c => c.Addresses).Distinct().ToArray();
        var countries = states.OfType<LegalEntity>().Select(l => l.Country).Distinct().ToArray();
        if (states.OfType<ExchangeRate>().ToArray() is { Length: > 0 } rates) states = EveryRate(rates);
        return states.SelectMany(state => state switch
        {
            Invoice i when credited =>
                [i with { DocumentType = DocumentType.CreditNote }, i with { DocumentType = DocumentType.Invoice }],
            Client c => [.. addresses.Select(a => c with { Addresses = a }), c with { Addresses = null }],
            LegalEntity l => [.. countries.Select(c => l with { Country = c }), l with { Country = null }],
            _ => new[] { state },
        }).SelectMany(state => BusinessKeys.Of(record with { Fold = Folded.Nothing with { State = state } }))
            .Distinct();
    }

    private static ExchangeRate[] EveryRate(ExchangeRate[] rates)
    {
        var all = from day in rates.Select(r => r.On).Distinct()
                  from of in rates.Select(r => r.Base).Distinct()
                  from quote in rates.Select(r => r.Quote).Distinct()
                  from publisher in rates.Select(r => r.Publisher).Distinct()
                  from type in rates.Select(r => r.Type).Append(null).Distinct()
                  select rates[^1] with { On = day, Base = of, Quote = quote, Publisher = publisher, Type = type };
        return [.. all.Take(RatesMax)];
    }

    // A link that names no pair now has no row of its own to be found by.
    private static bool IsPlain(SourceRecord record) =>
        !(record.Kind == Kind.Identity || record.Kind == Kind.Succession)
        || Views.LinkRows.Of(record, Nothing) is not null;

    private static IEnumerable<Target> Said(SourceRecord record, object? saying) =>
        References.In(saying).Select(to => Target.Of(to, record.Source)).OfType<Target>();

    private static Items<long> JoinedBy(SourceRecord record, IReadOnlyList<FoldStep> steps)
    {
        if (Views.LinkRows.Of(record, Nothing) is not { } now) return Items<long>.None;
        List<long> joined = [];
        long? since = null;
        foreach (var step in steps)
        {
            var link = Views.LinkRows.Of(After(record, step), Nothing);
            var holds = link is { InForce: true } && link.A == now.A && link.B == now.B;
            if (holds) since ??= step.Event.Position;
            else if (since is { } from)
            {
                if (from < step.Event.Position) joined.AddRange([from, step.Event.Position]);
                since = null;
            }
        }

        return joined.ToItems();
    }

    private static SourceRecord After(SourceRecord record, FoldStep step) => record with
    {
        Fold = Folded.Nothing with { State = step.After, DeletedBy = step.Deleted ? step.Event.Position : null },
    };
}
