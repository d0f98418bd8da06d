using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Projections.Views;

/// <summary>Hours and costs as they are compared: one narrow row a record, so that millions are compared in one
/// statement. It finds candidates, more than there are; what differs is said by the same functions as ever.</summary>
internal static class WorkRows
{
    /// <summary>How many values a record is compared by.</summary>
    public const int Values = 6;

    public static readonly Table<Row> Table = new(
        "work", ["stream"],
        [
            Column.Text<Row>("stream", r => r.Record.Stream),
            Column.Text<Row>("entity", r => r.Entity),
            Column.Text<Row>("kind", r => r.Record.Kind.Name),
            Column.Text<Row>("source", r => r.Record.Source),
            Column.Flag<Row>("live", r => r.Record.IsLive),
            Column.Flag<Row>("odd", r => r.IsOdd),
            Column.Date<Row>("day", r => DayOf(r.Record)),
            Column.Amount<Row>("amount", r => (r.Record.Fold.State as Expense)?.Amount),
            Column.Text<Row>("currency", r => (r.Record.Fold.State as Expense)?.Currency?.Code),
            .. Enumerable.Range(0, Values).Select(n => Column.Whole<Row>($"value{n + 1}", r => r.Digests[n])),
        ]);

    public static bool Has(Kind kind) => kind == Kind.Time || kind == Kind.Expense;

    public static bool Has(string stream) => stream.StartsWith("time/", StringComparison.Ordinal)
        || stream.StartsWith("expense/", StringComparison.Ordinal);

    public static IEnumerable<Row> Of(Entity entity) =>
        Has(entity.Kind) ? entity.Members.Select(record => Of(record, entity.Id)) : [];

    private static Row Of(SourceRecord record, string entity)
    {
        var digests = new long?[Values];
        // What nobody can reckon with is not even compared here.
        if (record.Fold.State is { } state && Reckonable.IsSound(state))
            foreach (var (n, value) in IdentityDrift.ValuesOf(record, Named).Index())
                digests[n] = value is null ? null : Digest(Text(value));
        return new(record, entity, IsOdd(record), digests);
    }

    /// <summary>Whether more than its own values has to be looked at: it is said to be billed, states what nobody can
    /// reckon with, or points at something by a number, which may mean anything.</summary>
    private static bool IsOdd(SourceRecord record) => record.Fold.State is { } state
        && ((state as TimeEntry)?.Stated?.Billed == true || (state as Expense)?.Stated?.Billed == true
            || !Reckonable.IsSound(state)
            || Edges.Of(record).Any(e => e.ToStream is null
                || e.To.Kind == Kind.Time.Name || e.To.Kind == Kind.Expense.Name));

    private static LocalDate? DayOf(SourceRecord record) => record.Fold.State switch
    {
        TimeEntry t => t.WorkedOn,
        Expense e => e.IncurredOn,
        _ => null,
    };

    // A number may mean another thing at each system, so no two say the same by one.
    private static string Named(Ref reference, string statedBy) =>
        reference.Stream(statedBy) ?? $"{reference.Kind}#{reference.Source}#{statedBy}#{reference.Number}";

    private static string Text(object value) => value switch
    {
        string text => text,
        LocalDate day => LocalDatePattern.Iso.Format(day),
        Currency currency => currency.Code,
        decimal amount => DecimalText.Write(amount),
        (decimal rate, Currency currency) => $"{DecimalText.Write(rate)} {currency.Code}",
        (decimal quantity, Unit unit) => $"{DecimalText.Write(quantity)} {unit.Code}",
        _ => throw new System.Diagnostics.UnreachableException($"no value {value.GetType().Name}"),
    };

    /// <summary>The first eight bytes of a SHA-256: what differs differs by it too.</summary>
    public static long Digest(string text) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    internal sealed record Row(SourceRecord Record, string Entity, bool IsOdd, long?[] Digests);
}
