using System.Data;
using System.Text;
using Ledger.Domain;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>A page of entities as of some times.</summary>
/// <param name="Position">The position the views stand at.</param>
/// <param name="Next">What to go on after; null = there is no more.</param>
public sealed record EntityPage(long Position, IReadOnlyList<EntityView> Entities, long? Next);

public static partial class EntityReader
{
    /// <summary>Entities of today looked through for one page of a day gone by: a page may be short, or empty, before
    /// the last.</summary>
    private const int ScanMax = 2_000;

    private const string Candidates =
        """
        select e.opened_position, e.members from views.entity e
        where e.kind = $1 and e.opened_position > $2 and e.opened_position <= $3
        order by e.opened_position limit $4
        """;

    /// <summary>The entity a stream belonged to as of some times; null where there was none.</summary>
    public static async Task<(long Position, EntityView? Entity)> Find(
        NpgsqlDataSource source, string kind, string stream, Times times,
        CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellationToken);
        var (around, now) = await Around(connection, kind, stream, times, cancellationToken);
        if (around.StandAsThen) return (around.Views, now);
        around = await around.Widened(connection, [stream], cancellationToken);
        var past = await around.Fold(connection, cancellationToken);
        return (around.Views, past.World.Records.TryGetValue(stream, out var record) && record.Kind.Name == kind
            ? View(past, past.World.EntityOf(stream))
            : null);
    }

    /// <summary>The same, with everybody's word on each field.</summary>
    public static Task<(long Position, EntityView? Entity, IReadOnlyList<FieldWords> Words)> Who(
        NpgsqlDataSource source, string kind, string stream, Times times, CancellationToken cancellationToken) =>
        Worlds.InOneMoment<(long, EntityView?, IReadOnlyList<FieldWords>)>(source, async (connection, position) =>
        {
            var around = await Surroundings.Of(connection, times, [stream], cancellationToken);
            var past = await around.Fold(connection, cancellationToken);
            if (!past.World.Records.TryGetValue(stream, out var record) || record.Kind.Name != kind)
                return (position, null, []);
            var entity = past.World.EntityOf(stream);
            return (position, View(past, entity), FieldWords.Of(past.World, entity));
        }, cancellationToken);

    /// <summary>The entities of a kind as of some times. Those that are one today come together, in the order in which
    /// what is one today came into the ledger.</summary>
    /// <param name="after">Go on after this <see cref="EntityPage.Next"/>; 0 = at the beginning.</param>
    /// <param name="limit">At most so many; more only where more than that have become one since.</param>
    public static async Task<EntityPage> List(
        NpgsqlDataSource source, string kind, long after, int limit, EntityFilter filter,
        Times times, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellationToken);
        var views = (await Checkpoint.Of(connection, cancellationToken)).Position;
        var known = Math.Min(times.AsKnownAt ?? views, views);
        var found = new List<EntityView>();
        for (var scanned = 0; scanned < ScanMax; scanned += limit)
        {
            var page = await Page(connection, kind, after, known, limit, cancellationToken);
            if (page.Count == 0) return new(views, found, null);
            foreach (var (opened, entities) in await AsThen(connection, page, times, filter, cancellationToken))
            {
                if (found.Count > 0 && found.Count + entities.Count > limit) return new(views, found, after);
                found.AddRange(entities);
                after = opened;
            }

            if (page.Count < limit) return new(views, found, null);
        }

        return new(views, found, after);
    }

    private static async Task<(Surroundings Around, EntityView? Now)> Around(
        NpgsqlConnection connection, string kind, string stream, Times times, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Surroundings.Ask(batch, times, [stream]);
        batch.BatchCommands.Add(new(Found) { Parameters = { Text(kind), Text(stream) } });
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var around = await Surroundings.Read(reader, times, cancellationToken);
        return (around, await reader.ReadAsync(cancellationToken) ? Row(reader) : null);
    }

    private static async Task<List<(long Opened, string[] Members)>> Page(
        NpgsqlConnection connection, string kind, long after, long upTo, int limit,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Candidates, connection)
        {
            Parameters =
            {
                Text(kind), new() { Value = after }, new() { Value = upTo }, new() { Value = limit },
            },
        };
        var page = new List<(long, string[])>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            page.Add((reader.GetInt64(0), reader.GetFieldValue<string[]>(1)));
        return page;
    }

    /// <summary>What the entities of a page were then, each told with the one of today that has the first of its
    /// members, so that each is told once.</summary>
    private static async Task<IEnumerable<(long Opened, List<EntityView> Entities)>> AsThen(
        NpgsqlConnection connection, List<(long Opened, string[] Members)> page, Times times,
        EntityFilter filter, CancellationToken cancellationToken)
    {
        var streams = page.SelectMany(p => p.Members).ToArray();
        var around = await Surroundings.Of(connection, times, streams, cancellationToken);
        var past = await around.Fold(connection, cancellationToken);
        var opened = around.Streams.ToDictionary(s => s.Stream, s => s.Opened ?? long.MaxValue);
        return page.Select(p => (p.Opened, p.Members.Where(past.World.Records.ContainsKey)
            .Select(past.World.EntityOf).Distinct<Entity>(ReferenceEqualityComparer.Instance)
            .Where(entity => p.Members.Contains(entity.Members.MinBy(m => opened[m.Stream])!.Stream))
            .OrderBy(entity => entity.Members[0].Fold.Opened)
            .Select(entity => (Entity: entity, View: View(past, entity)))
            .Where(e => e.View.Fields != "{}" && filter.Fits(past.World, e.Entity, e.View))
            .Select(e => e.View).ToList()));
    }

    private static EntityView View(PastWorld past, Entity entity)
    {
        var composed = past.World.Compose(entity);
        var row = EntityRows.Of(composed, past.PausedAt(entity));
        return new(
            entity.Id, entity.Kind.Name, entity.IsLive, entity.Members[0].Fold.Opened,
            entity.Members.Max(m => m.Fold.Last), row.PausedAt, [.. entity.Members.Select(m => m.Stream)],
            Encoding.UTF8.GetString(row.Fields), composed.LegalEntity);
    }
}
