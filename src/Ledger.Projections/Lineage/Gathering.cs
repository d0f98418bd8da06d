using System.Collections.Frozen;
using Ledger.Domain;
using Ledger.Projections.Views;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Lineage;

/// <summary>One collection of the streams around documents, level by level.</summary>
/// <param name="past">Whether references once made and ties taken back are followed too: more than is wanted now.
/// </param>
internal sealed class Gathering(NpgsqlConnection connection, bool past, CancellationToken cancellationToken)
{
    /// <summary>Documents that share work with each other are followed so many steps.</summary>
    internal const int ChainMax = 12;

    /// <summary>From an entry to the client's uppermost parent there are no more steps than this.</summary>
    internal const int LevelsMax = 16;

    /// <summary>Records loaded around one document; beyond, the walk is cut.</summary>
    internal const int StreamsMax = 50_000;

    internal static readonly string[] Upwards =
    [
        Rels.Resource, Rels.Supplier, Rels.Project, Rels.Task, Rels.Contract, Rels.Client, Rels.BillTo, Rels.Parent,
        Rels.RateCard, Rels.Proposal, Rels.Opportunity, Rels.MergedInto, Rels.LegalEntity,
    ];

    /// <summary>Whether it leads to what a record rests on.</summary>
    internal static bool IsUpward(string rel) => UpwardRels.Contains(rel);

    private static readonly FrozenSet<string> UpwardRels = Upwards.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What later records say of documents, work and postings.</summary>
    internal static readonly string[] Onward =
    [
        Rels.Bills, Rels.Credits, Rels.Posts, Rels.Settles, Rels.Replaces, Rels.Corrects, Rels.Prepays, Rels.Reverses,
        Rels.CoverageFrom,
    ];

    private readonly HashSet<string> streams = new(StringComparer.Ordinal);
    private readonly HashSet<(string Kind, string Number)> numbers = [];

    /// <summary>What may have to do with documents, streams and numbers.</summary>
    /// <param name="beside">Streams that are wanted too, with all that is the same thing.</param>
    public async Task Around(IReadOnlyCollection<string> documents, params string[] beside)
    {
        await Documents(await Take(documents));
        await Terms([.. streams, .. await Take(beside)]);
        foreach (var speaker in await Texts(Speaking, streams)) streams.Add(speaker);
    }

    // Persons' decisions and successions are few: their own edges are read, not those to every record.
    private const string Speaking =
        """
        select distinct e.stated_by from views.edge e
        where (e.stated_by >= 'override/' and e.stated_by < 'override0'
            or e.stated_by >= 'succession/' and e.stated_by < 'succession0')
          and e.to_stream = any ($1)
        """;

    /// <summary>Whether so much was found that not all was followed.</summary>
    public bool Truncated { get; private set; }

    public IReadOnlyCollection<string> Streams => streams;

    public IReadOnlyCollection<(string Kind, string Number)> Numbers => numbers;

    /// <summary>The documents that may have to do with a record: whatever refers to it, and whatever refers to that;
    /// for what comes after documents or speaks of other records, what it is about.</summary>
    /// <returns>By entity, in the order they came into the ledger.</returns>
    public async Task<IReadOnlyList<(string Entity, long Opened)>> Reaching(string stream)
    {
        var frontier = await Take([stream]);
        if (IsAbout(stream)) frontier = [.. frontier, .. await Take(await Out(frontier, null))];
        var documents = new List<string>();
        for (var level = 0; level < LevelsMax && frontier.Count > 0 && !IsFull(); level++)
        {
            documents.AddRange(frontier.Where(s => Is(s, Kind.Invoice)));
            var open = frontier.Where(s => s == stream || !Is(s, Kind.Invoice)).ToArray();
            var cards = open.Where(s => Is(s, Kind.RateCard)).ToArray();
            var later = await In(open, [.. Upwards, .. Onward]);
            frontier = await Take([.. later, .. await Out(cards, [Rels.Client])]);
            var told = frontier.Where(s => Is(s, Kind.Coverage) || Is(s, Kind.Posting)).ToArray();
            frontier = [.. frontier, .. await Take(await Out(told, [.. Onward]))];
        }

        return await Entities(documents);
    }

    private bool IsFull()
    {
        Truncated |= streams.Count >= StreamsMax;
        return Truncated;
    }

    /// <summary>Whether a record leads to what it has to do with, instead of the other way.</summary>
    private static bool IsAbout(string stream) =>
        Is(stream, Kind.Posting) || Is(stream, Kind.Payment) || Kind.Find(StreamName.KindOf(stream)).IsGovernance;

    /// <summary>Documents that share work or lead to each other, with what they bill and what became of them.
    /// </summary>
    private async Task Documents(IReadOnlyCollection<string> first)
    {
        var frontier = first;
        for (var step = 0; step < ChainMax && frontier.Count > 0 && !IsFull(); step++)
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
        for (var level = 0; level < LevelsMax && frontier.Count > 0 && !IsFull(); level++)
        {
            var clients = frontier.Where(s => Is(s, Kind.Client)).ToArray();
            frontier = await Take(await Out(frontier, Upwards));
            if (clients.Length > 0) frontier = [.. frontier, .. await Take(await CardsOf(clients))];
        }
    }

    /// <summary>Adds streams and all that is the same thing, or once was said to be; answers the new ones.</summary>
    private async Task<IReadOnlyCollection<string>> Take(IReadOnlyCollection<string> found)
    {
        var fresh = found.Where(s => !streams.Contains(s)).Distinct().ToArray();
        if (fresh.Length == 0) return [];
        var members = await Texts(past ? Once : Same, fresh);
        return members.Where(streams.Add).ToArray();
    }

    private const string Same =
        """
        select unnest(e.members) from views.entity_member m join views.entity e on e.id = m.entity
        where m.stream = any ($1)
        """;

    private const string Once =
        """
        with recursive reach (stream) as (
          select unnest($1) collate "C"
          union
          select n.stream from reach r cross join lateral (
            select l.b from views.link l where l.a = r.stream
            union all
            select l.a from views.link l where l.b = r.stream
            union all
            select unnest(e.members) from views.entity_member m join views.entity e on e.id = m.entity
            where m.stream = r.stream) n (stream))
        select stream from reach
        """;

    /// <summary>What some streams point at.</summary>
    private async Task<IReadOnlyCollection<string>> Out(IReadOnlyCollection<string> from, string[]? rels)
    {
        if (from.Count == 0) return [];
        var found = new List<string>();
        var named = new List<(string Kind, string Number)>();
        await using var command = new NpgsqlCommand(
            """
            select distinct n.stream, n.kind, n.number from (
              select * from views.edge where stated_by = any ($1) and stated_by = from_stream
              union all
              select * from views.edge where from_stream = any ($1) and stated_by <> from_stream) e
            cross join lateral (values (e.to_stream, e.to_kind, e.to_number), (e.stated_by, null, null))
              n (stream, kind, number)
            where ($2::text[] is null or e.rel = any ($2))
              and (n.stream is null or n.stream <> e.from_stream)
            """
            + (past ? " union select p.to_stream, p.to_kind, p.to_number from views.past_edge p "
                + "where p.stated_by = any ($1)" : ""),
            connection);
        command.Parameters.Add(Column.Array(from.ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(new()
        {
            Value = (object?)rels ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        await command.PrepareAsync(cancellationToken);
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                if (!reader.IsDBNull(0)) found.Add(reader.GetString(0));
                else if (!reader.IsDBNull(2)) named.Add((reader.GetString(1), reader.GetString(2)));
            }
        }

        return [.. found, .. await Bearing(named)];
    }

    /// <summary>What points at some streams, or at the numbers they bear.</summary>
    private async Task<IReadOnlyCollection<string>> In(IReadOnlyCollection<string> to, string[] rels)
    {
        if (to.Count == 0) return [];
        await using var command = new NpgsqlCommand(past ? InEver : InNow, connection);
        command.Parameters.Add(Column.Array(to.ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(rels, NpgsqlDbType.Text));
        return await Texts(command);
    }

    private const string InNow =
        """
        with told as (
          select e.stated_by, e.from_stream from views.edge e where e.to_stream = any ($1) and e.rel = any ($2)
          union
          select e.stated_by, e.from_stream from views.by_source s
          join views.edge e on e.to_kind = s.kind and e.to_number = s.number
            and left(e.to_number, 120) = left(s.number, 120)
          where s.stream = any ($1) and s.number is not null and e.rel = any ($2))
        select stated_by from told union select from_stream from told
        """;

    // The numbers that a record once bore, as printed, are among its former keys.
    private const string InEver =
        InNow + """

         union
        select p.stated_by from views.past_edge p where p.to_stream = any ($1)
        union
        select p.stated_by from views.by_source s
        join views.past_edge p on p.to_kind = s.kind and p.to_number = s.number
          and left(p.to_number, 120) = left(s.number, 120)
        where s.stream = any ($1) and s.number is not null
        union
        select x.stream from views.record_key k
        cross join lateral (
          select e.stated_by, e.from_stream from views.edge e
          where e.to_kind = k.kind and left(e.to_number, 120) = left(k.value, 120) and e.to_number = k.value
            and e.rel = any ($2)
          union all
          select p.stated_by, p.stated_by from views.past_edge p
          where p.to_kind = k.kind and left(p.to_number, 120) = left(k.value, 120) and p.to_number = k.value) n
        cross join lateral (values (n.stated_by), (n.from_stream)) x (stream)
        where k.stream = any ($1) and k.scheme = '~was'
        """;

    private Task<List<string>> CardsOf(IReadOnlyCollection<string> clients) => Texts(
        """
        select e.stated_by from views.edge e
        where e.to_stream = any ($1) and e.rel = 'client' and e.stated_by like 'rate\_card/%'
        """,
        clients);

    /// <summary>The entities of some streams, in the order they came into the ledger.</summary>
    private async Task<IReadOnlyList<(string Entity, long Opened)>> Entities(IReadOnlyCollection<string> of)
    {
        await using var command = new NpgsqlCommand(
            """
            select distinct e.id, e.opened_position from views.entity_member m join views.entity e on e.id = m.entity
            where m.stream = any ($1) order by e.opened_position, e.id
            """,
            connection);
        command.Parameters.Add(Column.Array(of.ToArray(), NpgsqlDbType.Text));
        await command.PrepareAsync(cancellationToken);
        var entities = new List<(string, long)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) entities.Add((reader.GetString(0), reader.GetInt64(1)));
        return entities;
    }

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
            """
            + (past
                ? " union select k.stream from unnest($1, $2) n (kind, number) join views.record_key k "
                    + "on left(k.value, 120) = left(n.number, 120) and k.scheme = '~was' and k.kind = n.kind "
                    + "and k.value = n.number"
                : ""),
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
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) texts.Add(reader.GetString(0));
        return texts;
    }

    internal static bool Is(string stream, Kind kind) =>
        stream.Length > kind.Name.Length && stream[kind.Name.Length] == '/'
        && stream.StartsWith(kind.Name, StringComparison.Ordinal);
}
