using Npgsql;

namespace Ledger.Projections.Drift;

/// <summary>Compares everything the systems said as the views stand, from one moment of the database: the report that
/// <see cref="DriftRun.Compute(World)"/> of everything makes, byte for byte. What documents, payments and books hang on
/// is held in memory; of hours and costs beside them only what differs, a page at a time.</summary>
/// <param name="source">A migrated database; it stays the caller's.</param>
public sealed class DriftReader(NpgsqlDataSource source)
{
    public async Task<DriftReport> Full(CancellationToken cancellationToken) =>
        (await Worlds.InOneMoment(source, async connection => await DriftKept.Whole(
            connection, await Checkpoint.Of(connection, cancellationToken), cancellationToken),
            cancellationToken)).Report;
}
