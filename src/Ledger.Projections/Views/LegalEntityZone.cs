using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>Where a record's days end.</summary>
public static class LegalEntityZone
{
    private const string Sql =
        """
        select z.fields #>> '{zone,value}'
        from views.entity_member m
        join views.entity e on e.id = m.entity
        cross join lateral (values (case when e.kind = 'legal_entity' then e.id else coalesce(e.legal_entity,
          'legal_entity/' || coalesce(e.fields #>> '{entity,value,source}', e.fields #>> '{entity,source}') || ':'
          || (e.fields #>> '{entity,value,id}')) end)) l (stream)
        join views.entity_member n on n.stream = l.stream
        join views.entity z on z.id = n.entity
        where m.stream = $1
        """;

    /// <summary>The zone of the legal entity that a record belongs to, or is; UTC where none is known.</summary>
    public static async Task<DateTimeZone> Of(
        NpgsqlDataSource source, string stream, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = stream, NpgsqlDbType = NpgsqlDbType.Text });
        return await command.ExecuteScalarAsync(cancellationToken) is string name
            ? DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) ?? DateTimeZone.Utc
            : DateTimeZone.Utc;
    }
}
