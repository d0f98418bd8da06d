using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>What a finding rests on, gathered while it is looked for.</summary>
internal sealed class Evidence
{
    private readonly List<string> streams = [];
    private readonly HashSet<string> named = [];
    private readonly List<SaidValue> values = [];
    private readonly SortedSet<long> events = [];
    private readonly List<Items<long>> clashes = [];
    private Counterpart? counterpart;
    private Correction? correction;

    /// <summary>A record belongs to it, by the event that last changed one of these fields.</summary>
    public Evidence Names(SourceRecord record, params ReadOnlySpan<string> fields)
    {
        if (named.Add(record.Stream)) streams.Add(record.Stream);
        if (record.Fold.Events > 0) events.Add(record.Asserted(fields));
        return this;
    }

    /// <summary>A record says something that matters.</summary>
    /// <param name="asserted">Fields of its state that say it, the first one known counts.</param>
    public Evidence Says(SourceRecord record, string field, string? value, params ReadOnlySpan<string> asserted)
    {
        Names(record, asserted);
        values.Add(new(record.Source, record.Stream, field, value, record.Asserted(asserted)));
        return this;
    }

    /// <summary>A record says something by an event that is known.</summary>
    public Evidence SaysAt(SourceRecord record, string field, string? value, long position)
    {
        if (named.Add(record.Stream)) streams.Add(record.Stream);
        events.Add(position);
        values.Add(new(record.Source, record.Stream, field, value, position));
        return this;
    }

    /// <summary>Statements of one thing that cannot all be right, the one whose word counts first. Where none are
    /// named, all that is said of it is one such thing; what a system was registered with is no statement of it.
    /// </summary>
    public Evidence Clashes(params ReadOnlySpan<long> positions)
    {
        clashes.Add(Items.Of(positions));
        return this;
    }

    /// <summary>Something never came, or came otherwise. What is told first stays.</summary>
    public Evidence Lacks(string source, Kind kind, string? stream, string field, string? value)
    {
        counterpart ??= new(source, kind.Name, stream, field, value);
        return this;
    }

    /// <summary>Something has to be corrected. What is told first stays.</summary>
    public Evidence Mends(SourceRecord record, string field, string? from, string? to)
    {
        correction ??= new(record.Source, record.Kind.Name, record.Stream, field, from, to);
        return this;
    }

    /// <summary>A record has to be made that is not there.</summary>
    public Evidence Needs(string source, Kind kind, string? stream, string field, string? value)
    {
        if (counterpart is null) correction ??= new(source, kind.Name, stream, field, null, value ?? "there");
        return Lacks(source, kind, stream, field, value);
    }

    /// <summary>A record never said what it should.</summary>
    public Evidence Should(SourceRecord record, string field, string? from, string? to) =>
        Mends(record, field, from, to).Lacks(record.Source, record.Kind, record.Stream, field, to);

    /// <summary>The ledger works something out about a record.</summary>
    public Evidence Computes(string stream, string field, string? value)
    {
        values.Add(new("ledger", stream, field, value, null));
        return this;
    }

    public Finding Finds(DriftClass drift, string sentence, Money? amount = null) => new(drift, sentence)
    {
        Amount = amount, Streams = streams.ToItems(), Values = values.ToItems(), Events = events.ToItems(),
        Parting = new(clashes.Count > 0 ? clashes.ToItems() : [Said()]), Counterpart = counterpart,
        Correction = correction,
    };

    private Items<long> Said()
    {
        var said = values.Where(v => StreamName.KindOf(v.Stream) != Kind.Source.Name).Select(v => v.Position)
            .OfType<long>().ToItems();
        return said.Count > 0 ? said : events.ToItems();
    }

    /// <summary>A finding about a document.</summary>
    public Finding Finds(DriftClass drift, Document document, string sentence, Money? amount = null) =>
        Finds(drift, sentence, amount ?? (document.Currency is { } currency ? Money.Zero(currency) : null)) with
        {
            Invoice = document.Number, Of = document.Net?.Amount,
        };
}
