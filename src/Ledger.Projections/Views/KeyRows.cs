using Ledger.Projections.Identity;

namespace Ledger.Projections.Views;

/// <summary>The business keys of records: one row a key, those once held last.</summary>
internal static class KeyRows
{
    public static readonly Table<Row> Table = new(
        "record_key", ["stream", "ordinal"],
        Column.Text<Row>("stream", r => r.Stream),
        Column.Count<Row>("ordinal", r => r.Ordinal),
        Column.Text<Row>("kind", r => r.Key.Kind),
        Column.Text<Row>("scheme", r => r.Key.Scheme),
        Column.Text<Row>("value", r => r.Key.Value),
        Column.Text<Row>("legal_entity", r => r.Key.LegalEntity),
        Column.Flag<Row>("held", r => r.Held));

    public static IEnumerable<Row> Of(SourceRecord record, Firm firm, Former former) =>
        KindKey.Of(record, firm).Select(key => (key, true))
            .Concat(former.Keys.Select(k => (new KindKey(record.Kind.Name, null, k.Scheme, k.Value), false)))
            .Select((k, ordinal) => new Row(record.Stream, ordinal, k.Item1, k.Item2));

    internal sealed record Row(string Stream, int Ordinal, KindKey Key, bool Held);
}
