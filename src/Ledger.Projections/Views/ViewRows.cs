using Ledger.Projections.Identity;
using Npgsql;

namespace Ledger.Projections.Views;

/// <summary>Rows on their way into a set of view tables.</summary>
internal sealed class ViewRows
{
    /// <summary>From so many on a COPY, which takes two round trips of its own, is quicker than an array of each
    /// column.</summary>
    public const int Many = 50;

    public List<BySource.Row> BySource { get; } = [];

    public List<BySource.Row> Turns { get; } = [];

    public List<LinkRows.Row> Links { get; } = [];

    public List<KeyRows.Row> Keys { get; } = [];

    public List<OverrideRows.Row> Overrides { get; } = [];

    public List<Poison> Poisoned { get; } = [];

    public List<EntityRows.Row> Entities { get; } = [];

    public List<EntityRows.Member> Members { get; } = [];

    public List<WorkRows.Row> Work { get; } = [];

    public List<AliasRows.Row> Aliases { get; } = [];

    public List<EdgeRows.Row> Edges { get; } = [];

    public List<PastEdgeRows.Row> PastEdges { get; } = [];

    public List<CoverageRows.Row> Coverage { get; } = [];

    public List<Proposal> Proposals { get; } = [];

    public List<FindingRows.Row> Findings { get; } = [];

    public List<StandingBillRows.Row> StandingBills { get; } = [];

    public List<Coverable> Coverables { get; } = [];

    /// <summary>Every table, in the order a person would look for a fault.</summary>
    public static readonly IReadOnlyList<(string Name, IReadOnlyList<string> Key)> Tables =
    [
        Of(Views.BySource.Table), Of(Views.BySource.Turns),
        Of(PoisonRows.Table), Of(LinkRows.Table), Of(KeyRows.Table), Of(OverrideRows.Table),
        Of(EntityRows.Members), Of(EntityRows.Table), Of(WorkRows.Table), Of(AliasRows.Table), Of(EdgeRows.Table),
        Of(PastEdgeRows.Table), Of(CoverageRows.Table), Of(ProposalRows.Table), Of(FindingRows.Table),
        Of(StandingBillRows.Table),
        Of(CoverableRows.Table), Of(CoverageProposalRows.Table),
    ];

    public void Add(ComposedEntity composed, long? pausedAt)
    {
        Entities.Add(EntityRows.Of(composed, pausedAt));
        Members.AddRange(EntityRows.MembersOf(composed.Entity));
        Work.AddRange(WorkRows.Of(composed.Entity));
    }

    /// <summary>Adds all of them to empty tables.</summary>
    public Task Copy(NpgsqlConnection connection, string schema, CancellationToken cancellationToken) =>
        Copy(connection, schema, 1, cancellationToken);

    /// <summary>Adds those of which there are many, where none of them is there.</summary>
    public Task CopyMany(NpgsqlConnection connection, string schema, CancellationToken cancellationToken) =>
        Copy(connection, schema, Many, cancellationToken);

    /// <summary>Adds the others.</summary>
    public void UpsertFew(NpgsqlBatch batch, string schema) => Upsert(batch, schema, Many - 1);

    /// <summary>Puts all of them in the place of what was there.</summary>
    public void Upsert(NpgsqlBatch batch, string schema) => Upsert(batch, schema, int.MaxValue);

    private async Task Copy(
        NpgsqlConnection connection, string schema, int atLeast, CancellationToken cancellationToken)
    {
        await Views.BySource.Table.Copy(connection, schema, BySource, atLeast, cancellationToken);
        await Views.BySource.Turns.Copy(connection, schema, Turns, atLeast, cancellationToken);
        await LinkRows.Table.Copy(connection, schema, Links, atLeast, cancellationToken);
        await KeyRows.Table.Copy(connection, schema, Keys, atLeast, cancellationToken);
        await OverrideRows.Table.Copy(connection, schema, Overrides, atLeast, cancellationToken);
        await PoisonRows.Table.Copy(connection, schema, Poisoned, atLeast, cancellationToken);
        await EntityRows.Table.Copy(connection, schema, Entities, atLeast, cancellationToken);
        await EntityRows.Members.Copy(connection, schema, Members, atLeast, cancellationToken);
        await WorkRows.Table.Copy(connection, schema, Work, atLeast, cancellationToken);
        await AliasRows.Table.Copy(connection, schema, Aliases, atLeast, cancellationToken);
        await EdgeRows.Table.Copy(connection, schema, Edges, atLeast, cancellationToken);
        await PastEdgeRows.Table.Copy(connection, schema, PastEdges, atLeast, cancellationToken);
        await CoverageRows.Table.Copy(connection, schema, Coverage, atLeast, cancellationToken);
        await ProposalRows.Table.Copy(connection, schema, Proposals, atLeast, cancellationToken);
        await FindingRows.Table.Copy(connection, schema, Findings, atLeast, cancellationToken);
        await StandingBillRows.Table.Copy(connection, schema, StandingBills, atLeast, cancellationToken);
        await CoverableRows.Table.Copy(connection, schema, Coverables, atLeast, cancellationToken);
    }

    private void Upsert(NpgsqlBatch batch, string schema, int atMost)
    {
        Views.BySource.Table.Upsert(batch, schema, BySource, atMost);
        Views.BySource.Turns.Upsert(batch, schema, Turns, atMost);
        LinkRows.Table.Upsert(batch, schema, Links, atMost);
        KeyRows.Table.Upsert(batch, schema, Keys, atMost);
        OverrideRows.Table.Upsert(batch, schema, Overrides, atMost);
        PoisonRows.Table.Upsert(batch, schema, Poisoned, atMost);
        EntityRows.Table.Upsert(batch, schema, Entities, atMost);
        EntityRows.Members.Upsert(batch, schema, Members, atMost);
        WorkRows.Table.Upsert(batch, schema, Work, atMost);
        AliasRows.Table.Upsert(batch, schema, Aliases, atMost);
        EdgeRows.Table.Upsert(batch, schema, Edges, atMost);
        PastEdgeRows.Table.Upsert(batch, schema, PastEdges, atMost);
        CoverageRows.Table.Upsert(batch, schema, Coverage, atMost);
        ProposalRows.Table.Upsert(batch, schema, Proposals, atMost);
        FindingRows.Table.Upsert(batch, schema, Findings, atMost);
        StandingBillRows.Table.Upsert(batch, schema, StandingBills, atMost);
        CoverableRows.Table.Upsert(batch, schema, Coverables, atMost);
    }

    private static (string, IReadOnlyList<string>) Of<TRow>(Table<TRow> table) => (table.Name, table.Key);
}
