using Ledger.Domain;
using Ledger.Projections.Identity;
using Ledger.Projections.Views;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Lineage;

/// <summary>The records around documents as the views stand, level by level: each is read once, together with what is
/// tied to it, said over it and points at it. What a record itself points at, its own state tells. More than is wanted,
/// never less: a world of it says of the documents what the whole world would.</summary>
/// <param name="connection">Within the moment that all of it is read from.</param>
internal sealed class Ancestry(NpgsqlConnection connection, CancellationToken cancellationToken)
{
    private readonly HashSet<string> walked = new(StringComparer.Ordinal);
    private readonly HashSet<(string Kind, string Number)> numbers = [];
    private readonly HashSet<KindKey> crowded = [];
    private readonly Dictionary<string, SourceRecord> records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Edge[]> edges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node> nodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> speaking = new(StringComparer.Ordinal);
    private readonly Pointing pointing = new();
    private Projections.Standing? standing;
    private long position;

    /// <summary>What may have to do with documents.</summary>
    /// <param name="beside">Streams that are wanted too, with what they rest on.</param>
    public async Task Around(IReadOnlyCollection<string> documents, params string[] beside)
    {
        await Documents(await Take(documents));
        await Take(beside);
        await Terms();
        speaking.ExceptWith(records.Keys);
        if (standing is null || speaking.Count > 0) await Level([]);
    }

    /// <summary>What was read, as a world.</summary>
    public World World()
    {
        foreach (var (stream, record) in standing!.Records) records.TryAdd(stream, record);
        return new(position, standing.Day, records.Values, standing.Firm, crowded);
    }

    /// <summary>What records say by themselves, worked out while the database was at the next.</summary>
    public Foretold Foretold => new(edges, nodes);

    /// <summary>Documents that share work or lead to each other, with what they bill and what became of them.
    /// </summary>
    private async Task Documents(List<string> first)
    {
        var frontier = first;
        for (var step = 0; step < Gathering.ChainMax && frontier.Count > 0 && !IsFull(); step++)
        {
            var found = await Out(frontier, null);
            found.UnionWith(Pointing.Drain(pointing.AtDocuments));
            var near = await Take(found);
            near.AddRange(await Take(await Out(near.FindAll(s => Gathering.Is(s, Kind.Coverage)), null)));
            near.AddRange(await Take(Pointing.Drain(pointing.AtWork)));
            near.AddRange(await Take(Pointing.Drain(pointing.AtPostings)));
            frontier = near.FindAll(s => Gathering.Is(s, Kind.Invoice));
        }
    }

    /// <summary>What work, documents and terms rest on, and the cards made for the clients among it.</summary>
    private async Task Terms()
    {
        List<string> frontier = [.. walked];
        for (var level = 0; level < Gathering.LevelsMax && frontier.Count > 0 && !IsFull(); level++)
        {
            var found = await Out(frontier, Gathering.Upwards);
            found.UnionWith(Pointing.Drain(pointing.Cards));
            frontier = await Take(found);
        }
    }

    private bool IsFull() => walked.Count >= Gathering.StreamsMax;

    /// <summary>What some streams point at, or what others say that they do.</summary>
    private async Task<HashSet<string>> Out(List<string> from, string[]? rels)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        List<(string Kind, string Number)> named = [];
        foreach (var stream in from)
        {
            if (rels is null && pointing.Out.Remove(stream, out var others))
                foreach (var (by, to, kind, number) in others)
                {
                    found.Add(by);
                    Add(to, kind, number);
                }

            if (!records.TryGetValue(stream, out var record)) continue;
            foreach (var edge in EdgesOf(record))
            {
                if (rels is not null && Array.IndexOf(rels, edge.Rel) < 0) continue;
                if (!ReferenceEquals(edge.From, record.Stream)) found.Add(edge.From);
                Add(edge.ToStream, edge.To.Kind, edge.To.Number);
            }
        }

        if (named.Count > 0)
            found.UnionWith(await new NeighbourSql(Checkpoint.Views, connection).Numbered(named, cancellationToken));
        return found;

        void Add(string? stream, string kind, string? number)
        {
            if (stream is not null) found.Add(stream);
            else if (number is not null && numbers.Add((kind, number))) named.Add((kind, number));
        }
    }

    private Edge[] EdgesOf(SourceRecord record)
    {
        if (!edges.TryGetValue(record.Stream, out var known))
            edges.Add(record.Stream, known = Lineage.Edges.Of(record));
        return known;
    }

    /// <summary>Reads streams and all that ties in force, keys that tie and successions reach from them.</summary>
    /// <returns>Those that had not been looked at.</returns>
    private async Task<List<string>> Take(IEnumerable<string> found)
    {
        List<string> taken = [];
        for (var frontier = found.Where(walked.Add).ToArray(); frontier.Length > 0;)
        {
            taken.AddRange(frontier);
            var next = await Level(frontier);
            frontier = [.. next.Where(walked.Add)];
        }

        return taken;
    }

    /// <summary>Reads a level, in one round trip, with those who were found to speak of the levels before.</summary>
    /// <returns>What is tied to it.</returns>
    private async Task<HashSet<string>> Level(string[] streams)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (standing is null) AncestrySql.Open(batch);
        var documents = Array.FindAll(streams, s => Gathering.Is(s, Kind.Invoice));
        var work = Array.FindAll(streams, s => Gathering.Is(s, Kind.Time) || Gathering.Is(s, Kind.Expense));
        var postings = Array.FindAll(streams, s => Gathering.Is(s, Kind.Posting));
        var clients = Array.FindAll(streams, s => Gathering.Is(s, Kind.Client));
        // Hours and costs have no keys, and there are many of them.
        var keyed = work.Length == 0 ? streams
            : Array.FindAll(streams, s => !Gathering.Is(s, Kind.Time) && !Gathering.Is(s, Kind.Expense));
        speaking.ExceptWith(records.Keys);
        speaking.ExceptWith(streams);
        AncestrySql.Ask(batch, AncestrySql.Records, [.. streams, .. Pointing.Drain(speaking)]);
        if (streams.Length > 0) AncestrySql.Ask(batch, AncestrySql.Ties, streams);
        if (keyed.Length > 0) AncestrySql.Ask(batch, AncestrySql.Holders, keyed);
        if (documents.Length > 0) AncestrySql.Ask(batch, AncestrySql.Leaving, documents);
        var sides = new[]
        {
            (documents, AncestrySql.Arriving, pointing.AtDocuments), (work, AncestrySql.ArrivingById, pointing.AtWork),
            (postings, AncestrySql.Arriving, pointing.AtPostings),
        };
        foreach (var (of, sql, _) in sides)
            if (of.Length > 0) AncestrySql.Ask(batch, sql, of, Gathering.Onward);
        if (clients.Length > 0) AncestrySql.Ask(batch, AncestrySql.Cards, clients);

        await batch.PrepareAsync(cancellationToken);
        var next = new HashSet<string>(StringComparer.Ordinal);
        records.EnsureCapacity(records.Count + streams.Length);
        edges.EnsureCapacity(records.Count + streams.Length);
        nodes.EnsureCapacity(nodes.Count + work.Length);
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            if (standing is null) await Opened(reader);
            await foreach (var record in Rows(reader))
            {
                records[record.Stream] = record;
                EdgesOf(record);
                if (InvoiceWalk.IsWork(record.Kind))
                    nodes[record.Stream] = Describe.Record(record, Items<string>.None);
            }

            if (streams.Length > 0) await Tied(reader, next);
            if (keyed.Length > 0) await Held(reader, next);
            if (documents.Length > 0) await Leaving(reader);
            foreach (var (of, _, into) in sides)
                if (of.Length > 0) await Texts(reader, into);
            if (clients.Length > 0) await Texts(reader, pointing.Cards);
        }

        await Numbered(work);
        if (standing!.Firm.Replaced.Count > 0)
            foreach (var stream in streams) next.UnionWith(standing.Firm.CounterpartsOf(stream));
        return next;
    }

    /// <summary>What points at the numbers of hours and costs. Few have one, and those are known only now.</summary>
    private async Task Numbered(string[] work)
    {
        List<(string Kind, string Number)> bear = [];
        foreach (var stream in work)
            if (records.GetValueOrDefault(stream) is { Fold.State.Number: { } number } record)
                bear.Add((record.Kind.Name, number));
        if (bear.Count == 0) return;
        await using var batch = new NpgsqlBatch(connection);
        AncestrySql.Ask(batch, bear, Gathering.Onward);
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await Texts(reader, pointing.AtWork);
    }

    private async Task Opened(NpgsqlDataReader reader)
    {
        await reader.ReadAsync(cancellationToken);
        position = reader.GetInt64(0);
        var day = reader.IsDBNull(1) ? default : LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(1));
        await reader.NextResultAsync(cancellationToken);
        List<SourceRecord> firm = [];
        await foreach (var record in Rows(reader)) firm.Add(record);
        standing = Projections.Standing.Of(day, firm);
    }

    private async IAsyncEnumerable<SourceRecord> Rows(NpgsqlDataReader reader)
    {
        while (await reader.ReadAsync(cancellationToken)) yield return BySource.Read(reader);
        await reader.NextResultAsync(cancellationToken);
    }

    private async Task Tied(NpgsqlDataReader reader, HashSet<string> next)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            speaking.Add(reader.GetString(0));
            if (reader.IsDBNull(1)) continue;
            next.Add(reader.GetString(1));
            next.Add(reader.GetString(2));
        }

        await reader.NextResultAsync(cancellationToken);
    }

    /// <summary>Adds who bears the same keys; those that too many bear tie nobody.</summary>
    private async Task Held(NpgsqlDataReader reader, HashSet<string> next)
    {
        var keys = new Dictionary<KindKey, List<string>>();
        while (await reader.ReadAsync(cancellationToken)) NeighbourSql.Held(keys, reader);
        await reader.NextResultAsync(cancellationToken);
        foreach (var (key, holders) in keys)
            if (holders.Count > BusinessKey.HoldersMax) crowded.Add(key);
            else if (!key.IsHint) next.UnionWith(holders);
    }

    private async Task Leaving(NpgsqlDataReader reader)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            var from = reader.GetString(0);
            if (!pointing.Out.TryGetValue(from, out var others)) pointing.Out.Add(from, others = []);
            others.Add((
                reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetString(4)));
        }

        await reader.NextResultAsync(cancellationToken);
    }

    private async Task Texts(NpgsqlDataReader reader, HashSet<string> into)
    {
        while (await reader.ReadAsync(cancellationToken))
            for (var i = 0; i < reader.FieldCount; i++) into.Add(reader.GetString(i));
        await reader.NextResultAsync(cancellationToken);
    }

    /// <summary>What was found to point at the records read, or out of them, and was not followed yet.</summary>
    private sealed class Pointing
    {
        /// <summary>What others say that a document points at.</summary>
        public Dictionary<string, List<(string By, string? To, string Kind, string? Number)>> Out { get; } = [];

        public HashSet<string> AtDocuments { get; } = new(StringComparer.Ordinal);

        public HashSet<string> AtWork { get; } = new(StringComparer.Ordinal);

        public HashSet<string> AtPostings { get; } = new(StringComparer.Ordinal);

        /// <summary>Rate cards made for clients.</summary>
        public HashSet<string> Cards { get; } = new(StringComparer.Ordinal);

        public static string[] Drain(HashSet<string> found)
        {
            string[] drained = [.. found];
            found.Clear();
            return drained;
        }
    }
}
