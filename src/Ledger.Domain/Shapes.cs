using System.Collections;
using NodaTime;

namespace Ledger.Domain;

/// <summary>A document that stands behind a record: where it is, and its SHA-256 in hex where known.</summary>
public sealed record Attachment(
    string Id, string? Name = null, string? Mime = null, long? Bytes = null, string? Sha256 = null, string? Uri = null);

/// <summary>Tax of one category. <paramref name="Rate"/> in percent; amounts in the document's currency.</summary>
/// <param name="Amount">Null where the source tells category and rate but no amount, as most do of a line.</param>
/// <param name="Code">The source's own tax code, or of an exemption its reason.</param>
public sealed record Tax(
    decimal? Amount = null, string? Category = null, string? Code = null, decimal? Rate = null, decimal? Base = null);

/// <summary>A charge or an allowance on a line or a document; <paramref name="Amount"/> is positive, but on
/// a document over less than nothing as stated there.</summary>
public sealed record Adjustment(
    bool Charge, decimal Amount, string? Reason = null, decimal? Percent = null, decimal? Base = null,
    string? TaxCategory = null);

/// <summary>When a document falls due.</summary>
public sealed record Terms(TermsKind Kind, int? Days = null, string? Text = null);

public enum TermsKind
{
    Net,
    Eom,
    DayCurrent,
    DayFollowing,
    Text,
}

/// <summary>A registration for a tax, unique within its jurisdiction.</summary>
public sealed record TaxId(string Scheme, string Country, string Value);

public sealed record Address(
    string? Street = null, string? City = null, string? PostalCode = null, string? Region = null,
    string? Country = null, string? Use = null);

/// <summary>A span of days, both ends in it; an open end has no last day.</summary>
public sealed record Period(LocalDate From, LocalDate? To = null)
{
    public bool Contains(LocalDate day) => day >= From && (To is null || day <= To);
}

/// <summary>A record's amount in another currency.</summary>
/// <param name="Rate">How much of <paramref name="Currency"/> one unit of the record's own currency was taken for.
/// </param>
public sealed record ForeignAmount(decimal Amount, Currency Currency, decimal? Rate = null);

/// <summary>Who says yes: nobody yet, waiting, yes, or no.</summary>
public enum ApprovalStatus
{
    Open,
    Submitted,
    Approved,
    Rejected,
}

/// <summary>How far the approval of work has come.</summary>
/// <param name="By">Who decided.</param>
/// <param name="At">When the source says it was decided.</param>
/// <param name="Quantity">How much was approved, where less than all.</param>
public sealed record Approval(
    ApprovalStatus Status, string? By = null, Instant? At = null, Quantity? Quantity = null, string? Reason = null);

/// <summary>What a source's own flags say of a piece of work; kept as said, never believed as an event.</summary>
public sealed record StatedFlags(string? Approval = null, bool? Billed = null);

/// <summary>A reduction of what work is worth: before billing (written down) or for good (written off).</summary>
/// <param name="On">The day from which it counts; null = always.</param>
public sealed record WriteDown(
    bool Off, decimal? Amount = null, Currency? Currency = null, Quantity? Quantity = null, string? Reason = null,
    string? Approver = null, LocalDate? On = null);

/// <summary>Custom fields: names and texts, equal by content.</summary>
public sealed class Ext : IReadOnlyDictionary<string, string>, IEquatable<Ext>
{
    private readonly SortedDictionary<string, string> values;

    public Ext(IEnumerable<KeyValuePair<string, string>> values)
    {
        this.values = new(StringComparer.Ordinal);
        foreach (var (name, value) in values) this.values.Add(name, value);
    }

    public int Count => values.Count;

    public IEnumerable<string> Keys => values.Keys;

    public IEnumerable<string> Values => values.Values;

    public string this[string key] => values[key];

    public bool ContainsKey(string key) => values.ContainsKey(key);

    public bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out string value) =>
        values.TryGetValue(key, out value);

    /// <summary>These fields, and those known before that are not among them.</summary>
    public Ext Over(Ext? before) =>
        before is null ? this : new(before.Where(field => !ContainsKey(field.Key)).Concat(this));

    public bool Equals(Ext? other) => other is not null && values.SequenceEqual(other.values);

    public override bool Equals(object? obj) => Equals(obj as Ext);

    public override int GetHashCode() =>
        values.Aggregate(0, (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value));

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
