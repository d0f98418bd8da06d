using Ledger.Projections.Lineage;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Projections;

internal sealed partial class Stages
{
    /// <summary>How many pools are matched at a time where all are.</summary>
    private const int PagePools = 1_000;

    /// <summary>Proposes what may cover what, in tables that propose nothing yet.</summary>
    public async Task MatchAll(CancellationToken cancellationToken)
    {
        var pools = await CoverableRows.Pools(connection, schema, cancellationToken);
        List<CoverageProposal> found = [];
        foreach (var page in pools.Chunk(PagePools))
            found.AddRange((await CoverableRows.In(connection, schema, page, cancellationToken))
                .GroupBy(c => c.Pool).SelectMany(CoverageProposals.Within));
        await CoverageProposalRows.Table.Copy(
            connection, schema, [.. CoverageProposals.Disputed(found)], cancellationToken);
    }

    /// <summary>Puts what is open of some entities in the place of what was, as far as it is another.</summary>
    /// <param name="told">Streams; those that are no entities have nothing open.</param>
    /// <param name="now">All that is open of them; what is left in it is to be written.</param>
    /// <returns>The pools in which anything changed.</returns>
    private async Task<HashSet<string>> Reopen(
        NpgsqlBatch batch, IReadOnlyCollection<string> told, List<Coverable> now, CancellationToken cancellationToken)
    {
        string[] entities = [.. told.Where(stream => Coverables.Has(stream))];
        if (entities.Length == 0) return [];
        var before = (await CoverableRows.Of(connection, schema, entities, cancellationToken)).ToHashSet();
        var same = now.Where(before.Contains).ToHashSet();
        now.RemoveAll(same.Contains);
        before.ExceptWith(same);
        // Who stays in a pool as another is put in its own place.
        var gone = before.Where(b => !now.Any(n => n.Entity == b.Entity && n.Pool == b.Pool)).ToArray();
        sql.DeleteCoverable(batch, gone);
        return [.. before.Concat(now).Select(c => c.Pool.ToString())];
    }

    /// <summary>Looks in some pools again for what may cover what.</summary>
    private async Task Match(HashSet<string> pools, CancellationToken cancellationToken)
    {
        if (pools.Count == 0) return;
        var found = (await CoverableRows.In(connection, schema, pools, cancellationToken))
            .GroupBy(c => c.Pool).SelectMany(CoverageProposals.Within).ToList();
        // A document may be posted from several pools; who would cover it from another disputes it.
        var before = await CoverageProposalRows.Of(connection, schema, pools, [], cancellationToken);
        if (found.Count == 0 && before.Count == 0) return;
        var documents = found.Concat(before).SelectMany(p => p.Covers).Select(c => c.To).ToHashSet();
        var beside = (await CoverageProposalRows.Of(connection, schema, [], documents, cancellationToken))
            .Where(p => p.Rel == Rels.Posts && !pools.Contains(p.Pool!.ToString()));
        var now = CoverageProposals.Disputed(found.Concat(beside)).ToArray();
        await using var batch = new NpgsqlBatch(connection);
        sql.Delete(batch, "coverage_proposal", "from_entity", [.. before.Select(p => p.From)]);
        CoverageProposalRows.Table.Upsert(batch, schema, now);
        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
