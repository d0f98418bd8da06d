using System.Globalization;

namespace Ledger.Projections.Tests;

/// <summary>What stands in the view tables, and how it is compared.</summary>
internal static class ViewState
{
    /// <summary>Every row of every view table, by table and key.</summary>
    public static async Task<List<string>> All(LedgerDatabase ledger)
    {
        var rows = new List<string>();
        foreach (var table in await ledger.Rows(
            "select relname from pg_class where relnamespace = 'views'::regnamespace and relkind = 'r' order by 1"))
            rows.AddRange(await ledger.Rows($"select '{table} ' || to_jsonb(t)::text from views.{table} t order by 1"));
        return rows;
    }

    /// <summary>One world told as text, so that two can be compared whatever made them.</summary>
    public static IEnumerable<string> Told(World world) =>
        world.Records.Values.OrderBy(r => r.Stream, StringComparer.Ordinal).Select(r =>
            $"{r.Stream} in {world.EntityOf(r.Stream).Id}: {r.Fold.State} by "
            + $"{string.Join(",", r.Fold.Asserted.OrderBy(a => a.Key).Select(a => $"{a.Key}@{a.Value}"))} "
            + (r.Fold with { State = null, Asserted = new Dictionary<string, long>() }));

    /// <summary>What the tables say of entities, coverage, proposals and findings.</summary>
    public static async Task<List<string>> Derived(LedgerDatabase ledger) =>
    [
        .. await ledger.Rows(
            """
            select 'entity', id, live, array_to_string(members, ','), legal_entity, array_to_string(succeeded, ','),
              amount
            from views.entity order by id
            """),
        .. await ledger.Rows(
            """
            select 'coverage', stated_by, from_entity, rel, to_entity, live from views.coverage
            order by stated_by, ordinal
            """),
        .. await ledger.Rows("select 'proposal', a, b, confidence from views.proposal order by a, b"),
        .. await ledger.Rows(
            """
            select 'may cover', from_entity, rel, array_to_string(documents, ','), confidence, from_stream
            from views.coverage_proposal where not disputed order by from_entity
            """),
        .. await ledger.Rows(
            """
            select 'finding', entity, code, stream, part, position, words from views.finding
            order by entity, ordinal
            """),
    ];

    /// <summary>The same of a world over everything.</summary>
    public static IEnumerable<string> Derived(World world) =>
    [
        .. world.AllEntities.OrderBy(e => e.Id, StringComparer.Ordinal).Select(world.Compose).Select(c => Row(
            "entity", c.Entity.Id, c.Entity.IsLive, string.Join(",", c.Entity.Members.Select(m => m.Stream)),
            c.LegalEntity, string.Join(",", c.Entity.Succeeded), EntityMoney.Of(c)?.Amount)),
        .. world.Coverage.GroupBy(c => c.StatedBy).OrderBy(g => g.Key, StringComparer.Ordinal).SelectMany(g => g)
            .Select(c => Row("coverage", c.StatedBy, c.FromEntity, c.Rel, c.ToEntity, c.Live)),
        .. world.Proposals.OrderBy(p => p.A, StringComparer.Ordinal).ThenBy(p => p.B, StringComparer.Ordinal)
            .Select(p => Row("proposal", p.A, p.B, p.Confidence)),
        .. world.CoverageProposals.OrderBy(p => p.From, StringComparer.Ordinal).Select(p => Row(
            "may cover", p.From, p.Rel, string.Join(",", p.Covers.Select(c => c.To)), p.Confidence, p.FromStream)),
        .. world.AllEntities.OrderBy(e => e.Id, StringComparer.Ordinal).SelectMany(world.FindingsOf)
            .Select(f => Row("finding", f.Entity, f.Code, f.Stream, f.Part, f.Position, f.Words)),
    ];

    private static string Row(params object?[] values) => string.Join(
        "|", values.Select(v => v is null ? "-" : Convert.ToString(v, CultureInfo.InvariantCulture)));
}
