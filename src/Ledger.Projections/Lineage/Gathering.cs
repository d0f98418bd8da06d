using Ledger.Domain;
using Ledger.Projections.Views;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Lineage;

/// <summary>One collection of the streams around documents, level by level.</summary>
internal sealed class Gathering(NpgsqlConnection connection, CancellationToken cancellationToken)
{
    /// <summary>Documents that share work with each other are followed so many steps.</summary>
    private const int ChainMax = 12;

    /// <summary>From an entry to the client's uppermost parent there are no more steps than this.</summary>
    private const int LevelsMax = 16;

    /// <summary>Records loaded around one document; beyond, the walk is cut.</summary>
    private const int StreamsMax = 50_000;

    private static readonly string[] Upwards =
    [
        Rels.Resource, Rels.Supplier, Rels.Project, Rels.Task, Rels.Contract, Rels.Client, Rels.BillTo, Rels.Parent,
        Rels.RateCard, Rels.Proposal, Rels.MergedInto,
    ];

    /// <summary>What later records say of documents, work and postings.</summary>
    private static readonly string[] Onward =
    [
        Rels.Bills, Rels.Credits, Rels.Posts, Rels.Settles, Rels.Replaces, Rels.Corrects, Rels.Prepays, Rels.Reverses,
        Rels.CoverageFrom,
    ];

    private readonly HashSet<string> streams = new(StringComparer.Ordinal);
    private readonly HashSet<(string Kind, string Number)> numbers = [];

    /// <summary>The world around documents.</summary>
    public async Task<World> Around(IReadOnlyCollection<string> documents, long position)
    {
        await Documents(await Take(documents));
        await Terms(streams.ToArray());
        return await Worlds.Around(connection, position, streams, numbers, cancellationToken);
    }

    /// <summary>The documents that may have to do with a record: whatever refers to it, and whatever refers to that;
    /// for a posting or payment, what it is for.</summary>
    /// <returns>Their streams, and the record's own; at most <paramref name="max"/> documents.</returns>
    public async Task<IReadOnlyCollection<string>> Reaching(string stream, int max)
    {
        var frontier = await Take([stream]);
        if (Is(stream, Kind.Posting) || Is(stream, Kind.Payment))
            return [.. frontier, .. await Out(frontier, [Rels.Posts, Rels.Settles, Rels.Reverses])];
        var documents = new List<string>();
        for (var level = 0; level < LevelsMax && frontier.Count > 0 && documents.Count < max; level++)
        {
            documents.AddRange(frontier.Where(s => Is(s, Kind.Invoice)));
            var open = frontier.Where(s => level == 0 || !Is(s, Kind.Invoice)).ToArray();
            var cards = open.Where(s => Is(s, Kind.RateCard)).ToArray();
            var later = await In(open, [.. Upwards, Rels.Bills, Rels.Credits, Rels.Replaces, Rels.Corrects]);
            frontier = await Take([.. later, .. await Out(cards, [Rels.Client])]);
        }

        return [stream, .. documents.Take(max)];
    }

    /// <summary>Documents that share work or lead to each other, with what they bill and what became of them.
    /// </summary>
    private async Task Documents(IReadOnlyCollection<string> first)
    {
        var frontier = first;
        for (var step = 0; step < ChainMax && frontier.Count > 0 && streams.Count < StreamsMax; step++)
        {
            var near = await Take(await Out(frontier, null));
            near = [.. near, .. await Take(await In(frontier, Onward))];
            var told = near.Where(s => Is(s, Kind.Coverage)).ToArray();
            near = [.. near, .. await Take(await Out(told, null))];
            var work = near.Where(s => Is(s, Kind.Time) || Is(s, Kind.Expense)).ToArray();
            near = [.. near, .. await Take(await In(work, Onward))];
            var postings = near.Where(s => Is(s, Kind.Posting)).ToArray();
            near = [.. near, .. await Take(await In(postings, Onward))];
            frontier = [.. near.Where(s => Is(s, Kind.Invoice))];
        }
    }

    /// <summary>What work, documents and terms rest on, and the cards made for the clients among it.</summary>
    private async Task Terms(IReadOnlyCollection<string> first)
    {
        var frontier = first;
        for (var level = 0; level < LevelsMax && frontier.Count > 0 && streams.Count < StreamsMax; level++)
        {
            var clients = frontier.Where(s => Is(s, Kind.Client)).ToArray();
            frontier = await Take(await Out(frontier, Upwards));
            if (clients.Length > 0) frontier = [.. frontier, .. await Take(await CardsOf(clients))];
        }
    }

    /// <summary>Adds streams and all that is the same thing; answers the new ones.</summary>
    private async Task<IReadOnlyCollection<string>> Take(IReadOnlyCollection<string> found)
    {
        var fresh = found.Where(s => !streams.Contains(s)).Distinct().ToArray();
        if (fresh.Length == 0) return [];
        var members = await Texts(
            """
            select unnest(e.members) from views.entity_member m join views.entity e on e.id = m.entity
            where m.stream = any ($1)
            union
            select s.stream from views.by_source s where s.stream = any ($1)
            """,
            fresh);
        return members.Where(streams.Add).ToArray();
    }

    /// <summary>What some streams point at.</summary>
    private async Task<IReadOnlyCollection<string>> Out(IReadOnlyCollection<string> from, string[]? rels)
    {
        if (from.Count == 0) return [];
        var found = new List<string>();
        var named = new List<(string Kind, string Number)>();
        await using var command = new NpgsqlCommand(
            """
            select e.stated_by, e.to_stream, e.to_kind, e.to_number from views.edge e
            where e.from_stream = any ($1) and ($2::text[] is null or e.rel = any ($2))
            """,
            connection);
        command.Parameters.Add(Column.Array(from.ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(new()
        {
            Value = (object?)rels ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(reader.GetString(0));
                if (!reader.IsDBNull(1)) found.Add(reader.GetString(1));
                else if (!reader.IsDBNull(3)) named.Add((reader.GetString(2), reader.GetString(3)));
            }
        }

        return [.. found, .. await Bearing(named)];
    }

    /// <summary>What points at some streams, or at the numbers they bear.</summary>
    private async Task<IReadOnlyCollection<string>> In(IReadOnlyCollection<string> to, string[] rels)
    {
        if (to.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            """
            with told as (
              select e.stated_by, e.from_stream from views.edge e where e.to_stream = any ($1) and e.rel = any ($2)
              union all
              select e.stated_by, e.from_stream from views.by_source s
              join views.edge e on e.to_kind = s.kind and e.to_number = s.number
                and left(e.to_number, 120) = left(s.number, 120)
              where s.stream = any ($1) and s.number is not null and e.rel = any ($2))
            select distinct n.stream from told t cross join lateral (values (t.stated_by), (t.from_stream)) n (stream)
            """,
            connection);
        command.Parameters.Add(Column.Array(to.ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(rels, NpgsqlDbType.Text));
        return await Texts(command);
    }

    private Task<List<string>> CardsOf(IReadOnlyCollection<string> clients) => Texts(
        """
        select e.stated_by from views.edge e
        where e.to_stream = any ($1) and e.rel = 'client' and e.stated_by like 'rate\_card/%'
        """,
        clients);

    /// <summary>The streams that bear some numbers.</summary>
    private async Task<IReadOnlyCollection<string>> Bearing(IReadOnlyCollection<(string Kind, string Number)> named)
    {
        var fresh = named.Where(numbers.Add).ToArray();
        if (fresh.Length == 0) return [];
        await using var command = new NpgsqlCommand(
            """
            select s.stream from unnest($1, $2) n (kind, number)
            join views.by_source s on s.kind = n.kind and s.number = n.number
              and left(s.number, 120) = left(n.number, 120)
            """,
            connection);
        command.Parameters.Add(Column.Array(fresh.Select(n => n.Kind).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(fresh.Select(n => n.Number).ToArray(), NpgsqlDbType.Text));
        return await Texts(command);
    }

    private async Task<List<string>> Texts(string sql, IReadOnlyCollection<string> given)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(Column.Array(given.ToArray(), NpgsqlDbType.Text));
        return await Texts(command);
    }

    private async Task<List<string>> Texts(NpgsqlCommand command)
    {
        var texts = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) texts.Add(reader.GetString(0));
        return texts;
    }

    private static bool Is(string stream, Kind kind) =>
        stream.StartsWith(kind.Name + "/", StringComparison.Ordinal);
}
