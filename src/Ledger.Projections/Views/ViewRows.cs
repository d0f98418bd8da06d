using Ledger.Projections.Identity;
using Npgsql;

namespace Ledger.Projections.Views;

/// <summary>Rows on their way into a set of view tables.</summary>
internal sealed class ViewRows
{
    public List<BySource.Row> BySource { get; } = [];

    public List<LinkRows.Row> Links { get; } = [];

    public List<KeyRows.Row> Keys { get; } = [];

    public List<OverrideRows.Row> Overrides { get; } = [];

    public List<Poison> Poisoned { get; } = [];

    public List<EntityRows.Row> Entities { get; } = [];

    public List<EntityRows.Member> Members { get; } = [];

    public List<AliasRows.Row> Aliases { get; } = [];

    public List<EdgeRows.Row> Edges { get; } = [];

    public List<PastEdgeRows.Row> PastEdges { get; } = [];

    public List<CoverageRows.Row> Coverage { get; } = [];

    public List<Proposal> Proposals { get; } = [];

    public List<FindingRows.Row> Findings { get; } = [];

    public List<Coverable> Coverables { get; } = [];

    /// <summary>Every table, in the order a person would look for a fault.</summary>
    public static readonly IReadOnlyList<(string Name, IReadOnlyList<string> Key)> Tables =
    [
        Of(Views.BySource.Table), Of(PoisonRows.Table), Of(LinkRows.Table), Of(KeyRows.Table), Of(OverrideRows.Table),
        Of(EntityRows.Members), Of(EntityRows.Table), Of(AliasRows.Table), Of(EdgeRows.Table), Of(PastEdgeRows.Table),
        Of(CoverageRows.Table), Of(ProposalRows.Table), Of(FindingRows.Table), Of(CoverableRows.Table),
        Of(CoverageProposalRows.Table),
    ];

    public void Add(ComposedEntity composed, long? pausedAt)
    {
        Entities.Add(EntityRows.Of(composed, pausedAt));
        Members.AddRange(EntityRows.MembersOf(composed.Entity));
    }

    /// <summary>Adds all of them to empty tables.</summary>
    public async Task Copy(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await Views.BySource.Table.Copy(connection, schema, BySource, cancellationToken);
        await LinkRows.Table.Copy(connection, schema, Links, cancellationToken);
        await KeyRows.Table.Copy(connection, schema, Keys, cancellationToken);
        await OverrideRows.Table.Copy(connection, schema, Overrides, cancellationToken);
        await PoisonRows.Table.Copy(connection, schema, Poisoned, cancellationToken);
        await EntityRows.Table.Copy(connection, schema, Entities, cancellationToken);
        await EntityRows.Members.Copy(connection, schema, Members, cancellationToken);
        await AliasRows.Table.Copy(connection, schema, Aliases, cancellationToken);
        await EdgeRows.Table.Copy(connection, schema, Edges, cancellationToken);
        await PastEdgeRows.Table.Copy(connection, schema, PastEdges, cancellationToken);
        await CoverageRows.Table.Copy(connection, schema, Coverage, cancellationToken);
        await ProposalRows.Table.Copy(connection, schema, Proposals, cancellationToken);
        await FindingRows.Table.Copy(connection, schema, Findings, cancellationToken);
        await CoverableRows.Table.Copy(connection, schema, Coverables, cancellationToken);
    }

    /// <summary>Puts all of them in the place of what was there.</summary>
    public void Upsert(NpgsqlBatch batch, string schema)
    {
        Views.BySource.Table.Upsert(batch, schema, BySource);
        LinkRows.Table.Upsert(batch, schema, Links);
        KeyRows.Table.Upsert(batch, schema, Keys);
        OverrideRows.Table.Upsert(batch, schema, Overrides);
        PoisonRows.Table.Upsert(batch, schema, Poisoned);
        EntityRows.Table.Upsert(batch, schema, Entities);
        EntityRows.Members.Upsert(batch, schema, Members);
        AliasRows.Table.Upsert(batch, schema, Aliases);
        EdgeRows.Table.Upsert(batch, schema, Edges);
        PastEdgeRows.Table.Upsert(batch, schema, PastEdges);
        CoverageRows.Table.Upsert(batch, schema, Coverage);
        ProposalRows.Table.Upsert(batch, schema, Proposals);
        FindingRows.Table.Upsert(batch, schema, Findings);
        CoverableRows.Table.Upsert(batch, schema, Coverables);
    }

    private static (string, IReadOnlyList<string>) Of<TRow>(Table<TRow> table) => (table.Name, table.Key);
}
