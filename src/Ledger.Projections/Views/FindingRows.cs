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

    /// <summary>The names the members of an entity went by, one tie after the other, as they stand.</summary>
    public static IEnumerable<Row> Of(Entity entity)
    {
        if (entity.Members.Count < 2) return [];
        var opened = entity.Members.Select((m, place) => (m.Stream, place)).ToDictionary(m => m.Stream, m => m.place);
        var groups = entity.Members.ToDictionary(m => m.Stream, m => new List<SourceRecord> { m });
        Dictionary<string, Row> open = [];
        List<Row> rows = [];
        // As the ledger learnt of them, not as they were said.
        foreach (var tie in entity.Ties.OrderBy(t => t.Position))
        {
            if (!groups.TryGetValue(tie.A, out var one) || !groups.TryGetValue(tie.B, out var other)) continue;
            if (ReferenceEquals(one, other)) continue;
            var (kept, renamed) = First(one) < First(other) ? (one, other) : (other, one);
            var id = kept.MinBy(m => opened[m.Stream])!.Stream;
            foreach (var member in renamed)
            {
                if (open.TryGetValue(member.Stream, out var before) && before.From < tie.Position)
                    rows.Add(before with { To = tie.Position });
                open[member.Stream] = new(
                    member.Stream, id, Math.Max(tie.Position, member.Fold.Opened), null, tie.Stream);
                groups[member.Stream] = kept;
            }

            kept.AddRange(renamed);
        }

        return open.Values.Concat(rows);

        int First(List<SourceRecord> group) => group.Min(m => opened[m.Stream]);
    }

    /// <summary>Leaves of rows that begin with the same event the first: the one that still holds.</summary>
    public static void Once(List<Row> rows)
    {
        var seen = new HashSet<(string, string, long, string)>();
        rows.RemoveAll(r => !seen.Add((r.Alias, r.Entity, r.From, r.StatedBy)));
    }

    /// <summary>The names of two that once were linked and are not any more.</summary>
    public static IEnumerable<Row> Of(LinkRows.Row link, SourceRecord a, SourceRecord b)
    {
        var (id, alias) = a.Fold.Opened < b.Fold.Opened ? (a, b) : (b, a);
        for (var i = 0; i + 1 < link.Past.Count; i += 2)
        {
            var from = Math.Max(link.Past[i], alias.Fold.Opened);
            if (from < link.Past[i + 1]) yield return new(alias.Stream, id.Stream, from, link.Past[i + 1], link.Stream);
        }
    }

    internal sealed record Row(string Alias, string Entity, long From, long? To, string StatedBy);
}
