using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Identity;
using NodaTime;

namespace Ledger.Projections.Views;

/// <summary>What does not fit about an entity: one row a finding.</summary>
internal static class FindingRows
{
    public static readonly Table<Row> Table = new(
        "finding", ["entity", "ordinal"],
        Column.Text<Row>("entity", r => r.Finding.Entity),
        Column.Count<Row>("ordinal", r => r.Ordinal),
        Column.Text<Row>("code", r => r.Finding.Code),
        Column.Text<Row>("stream", r => r.Finding.Stream),
        Column.Text<Row>("part", r => r.Finding.Part),
        Column.Whole<Row>("position", r => r.Finding.Position),
        Column.Text<Row>("words", r => r.Finding.Words.Replace('\0', '\uFFFD')),
        Column.Json<Row>("figures", r => RowJson.Of(r.Finding.Figures, Write)));

    /// <summary>In the order they are given, which must be the same whatever else is told.</summary>
    public static IEnumerable<Row> Of(IEnumerable<Finding> findings) => findings.GroupBy(f => f.Entity)
        .SelectMany(of => of.Select((finding, ordinal) => new Row(ordinal, finding)));

    private static void Write(Utf8JsonWriter writer, Items<Figure> figures)
    {
        writer.WriteStartObject();
        foreach (var figure in figures) writer.WriteString(figure.Name, figure.Value);
        writer.WriteEndObject();
    }

    internal sealed record Row(int Ordinal, Finding Finding);
}

/// <summary>Pairs that may be one thing: one row a pair.</summary>
internal static class ProposalRows
{
    public static readonly Table<Proposal> Table = new(
        "proposal", ["a", "b"],
        Column.Text<Proposal>("a", p => p.A),
        Column.Text<Proposal>("b", p => p.B),
        Column.Text<Proposal>("kind", p => p.Kind.Name),
        Column.Amount<Proposal>("confidence", p => p.Confidence),
        Column.Json<Proposal>("evidence", p => Json(p.Evidence)),
        Column.Text<Proposal>("id", p => Proposal.IdOf(p.A, p.B)),
        Column.Texts<Proposal>("in_both", p => p.InBoth));

    internal static byte[] Json(Items<Evidence> evidence) => RowJson.Of(evidence, Write);

    private static void Write(Utf8JsonWriter writer, Items<Evidence> evidence)
    {
        writer.WriteStartArray();
        foreach (var one in evidence)
        {
            writer.WriteStartObject();
            writer.WriteString("code", one.Code);
            writer.WriteString("words", one.Words);
            writer.WriteString("weight", DecimalText.Write(one.Weight));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Reads what <see cref="Json"/> wrote.</summary>
    internal static Items<Evidence> Evidence(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateArray().Select(one => new Evidence(
            one.GetProperty("code").GetString()!, one.GetProperty("words").GetString()!,
            decimal.Parse(
                one.GetProperty("weight").GetString()!, System.Globalization.CultureInfo.InvariantCulture))).ToItems();
    }
}

/// <summary>Fields a person decided: one row an override.</summary>
internal static class OverrideRows
{
    private const int LengthMax = 400;

    public static readonly Table<Row> Table = new(
        "override", ["stream"],
        Column.Text<Row>("stream", r => r.Stream),
        Column.Text<Row>("target", r => r.Target),
        Column.Text<Row>("field", r => r.Field),
        Column.Date<Row>("until", r => r.Until),
        Column.Flag<Row>("in_force", r => r.InForce));

    /// <summary>What a record overrides, or did; null where it is no override of what can exist.</summary>
    public static Row? Of(SourceRecord record) =>
        record.Fold.State is TruthOverride { Of: { } of, Field: { } field } said
        && of.Stream(record.Source) is { Length: <= LengthMax } target
            ? new(record.Stream, target, field, said.Until, Overrides.Of(record) is not null)
            : null;

    internal sealed record Row(string Stream, string Target, string Field, LocalDate? Until, bool InForce);
}

/// <summary>Who went by whose name: one row a range of positions.</summary>
internal static class AliasRows
{
    public static readonly Table<Row> Table = new(
        "alias", ["alias", "entity", "from_position", "stated_by"],
        Column.Text<Row>("alias", r => r.Alias),
        Column.Text<Row>("entity", r => r.Entity),
        Column.Whole<Row>("from_position", r => r.From),
        Column.Whole<Row>("to_position", r => r.To),
        Column.Text<Row>("stated_by", r => r.StatedBy));

    internal sealed record Row(string Alias, string Entity, long From, long? To, string StatedBy);
}
