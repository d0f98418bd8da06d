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
/// <param name="Turns">What it was to others: see <see cref="Identity.Turns"/>.</param>
internal sealed record Former(Items<Target> Targets, Items<BusinessKey> Keys, Items<SourceRecord> Turns)
{
    public static readonly Former Nothing = new(
        Items<Target>.None, Items<BusinessKey>.None, Items<SourceRecord>.None);

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

    /// <summary>The fields that say, beside these, with which others a record of such a kind may be one.</summary>
    private static readonly string[] TurningFields =
        [.. KeyFields, "entity", "client", "project", "contract", "currency", "mergedInto", "mergedAt"];

    /// <summary>More than the pairs and days one rate was ever said to be of.</summary>
    private const int RatesMax = 200;

    /// <summary>Of a whole stream: a matter of its events alone, whatever the order they came in.</summary>
    /// <param name="record">What they fold to.</param>
    /// <param name="known">What it was before the last of them came, if its turns are told until then.</param>
    public static Former Of(
        SourceRecord record, IReadOnlyCollection<RecordedEvent> events, SourceRecord? known)
    {
        if (events.Count < 2) return Nothing;
        var mayTurn = MayTurn(record, events);
        if (!mayTurn && !MayHave(record)) return Nothing;
        var turns = mayTurn ? Identity.Turns.Of(record, events, known) : Items<SourceRecord>.None;
        var steps = StreamFold.History(record.Kind, events);
        // Which of them a time gone by knew is not for here: each event may have had its say without the others.
        var targets = steps.SelectMany(step => Said(record, step.After))
            .Concat(events.SelectMany(e => Said(record, e.Body)))
            .Except(IsPlain(record) ? Said(record, record.Fold.State) : []);
        var states = steps.Select(step => step.After).OfType<RecordState>().ToArray();
        // What lost a key once, or bore it for another legal entity, is found by it for ever.
        var (ever, held) = (EverOf(record, states).ToArray(), BusinessKeys.Of(record).ToHashSet());
        var stays = Array.TrueForAll(ever, held.Contains) && !events.Any(Identity.Turns.AreMadeBy)
            && Array.TrueForAll(states, s => Equals(s.Entity, record.Fold.State?.Entity));
        var keys = (stays ? [] : ever)
            .Concat(states.Select(state => state.Number).Concat(events.Select(e => e.Body.Number)).OfType<string>()
                .Distinct().Where(number => number != record.Fold.State?.Number && number.Length <= NumberMax)
                .Select(number => new BusinessKey(Numbered, number)));
        return new(
            targets.OrderBy(t => t.Kind, StringComparer.Ordinal).ThenBy(t => t.Stream, StringComparer.Ordinal)
                .ThenBy(t => t.Number, StringComparer.Ordinal).ToItems(),
            keys.OrderBy(k => k.Scheme, StringComparer.Ordinal).ThenBy(k => k.Value, StringComparer.Ordinal).ToItems(),
            turns);
    }

    /// <summary>Whether events added at the end of a stream leave what it once said, and what others find it by, as it
    /// was.</summary>
    public static bool Stays(SourceRecord before, SourceRecord after)
    {
        if (after.Kind.IsGovernance || after.Fold.Pending.Count > 0 || before.Fold.State is null) return false;
        if (before.Fold.DeletedBy is not null || after.Fold.DeletedBy is not null) return false;
        foreach (var field in References.FieldsOf(after.Kind).Concat(TurningFields))
            if (before.Fold.Asserted.GetValueOrDefault(field) != after.Fold.Asserted.GetValueOrDefault(field))
                return false;
        if (!Identity.Turns.Succeeds(before, after)) return false;
        if (Identity.Turns.IsEndless(after.Fold.Events) && !Identity.Turns.IsEndless(before.Fold.Events)) return false;
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

    private static bool MayTurn(SourceRecord record, IReadOnlyCollection<RecordedEvent> events)
    {
        if (record.Kind == Kind.Identity || record.Kind == Kind.Succession) return true;
        if (record.Fold.Pending.Count > 0 || record.Fold.First != record.Fold.Opened) return true;
        if (events.Any(Identity.Turns.AreMadeBy)) return true;
        return BusinessKeys.Has(record.Kind) && Array.Exists(TurningFields, field =>
            record.Fold.Asserted.TryGetValue(field, out var position) && position != record.Fold.First);
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
        || Views.LinkRows.Of(record) is not null;

    private static IEnumerable<Target> Said(SourceRecord record, object? saying) =>
        References.In(saying).Select(to => Target.Of(to, record.Source)).OfType<Target>();
}
