using Ledger.Domain;
using Npgsql;

namespace Ledger.Projections.Views;

/// <summary>What the ledger announced that whoever sends events has to know.</summary>
/// <param name="Suspended">Systems that are suspended on the ledger's day.</param>
/// <param name="Deprecated">Types of events that will not be taken for ever.</param>
public sealed record Announced(
    IReadOnlyDictionary<string, Standstill> Suspended, IReadOnlyDictionary<string, SchemaNotice> Deprecated)
{
    public static readonly Announced Nothing =
        new(new Dictionary<string, Standstill>(), new Dictionary<string, SchemaNotice>());

    private const string Select =
        $"""
         select {BySource.Columns} from views.by_source s
         where s.stream >= 'schema/ledger:' and s.stream < 'schema/ledger;' and s.state is not null
         union all
         select {BySource.Columns} from views.by_source s
         where s.stream >= 'source/ledger:' and s.stream < 'source/ledger;' and s.state ? 'suspended'
         """;

    /// <summary>As the views have it.</summary>
    public static async Task<Announced> Read(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var day = (await Checkpoint.Of(source, cancellationToken)).Day;
        await using var command = source.CreateCommand(Select);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var (suspended, deprecated) = (new Dictionary<string, Standstill>(), new Dictionary<string, SchemaNotice>());
        while (await row.ReadAsync(cancellationToken))
        {
            var record = BySource.Read(row);
            if (!record.IsLive) continue;
            if (record.Fold.State is Source { Suspended: { } standstill } && standstill.CountsOn(day))
                suspended[record.Id] = standstill;
            if (record.Fold.State is SchemaNotice { Type: { } type } notice) deprecated[type] = notice;
        }

        return new(suspended, deprecated);
    }
}
