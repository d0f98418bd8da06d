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
    private readonly Dictionary<string, SourceRecord> ahead = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Foretold> foretold = new(StringComparer.Ordinal);
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
    public IReadOnlyDictionary<string, Foretold> Foretold => foretold;

    /// <summary>Documents that share work or lead to each other, with what they bill and what became of them.
    /// </summary>
    private async Task Documents(List<string> first)
    {
        var frontier = first;
        for (var step = 0; step < Gathering.ChainMax && frontier.Count > 0 && !IsFull(); step++)
        {
            var found = await Out(frontier);
            found.UnionWith(Pointing.Drain(pointing.AtDocuments));
            var near = await Take(found);
            near.AddRange(await Take(await Out(near.FindAll(s => Gathering.Is(s, Kind.Coverage)))));
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
            var found = await Out(frontier, upwards: true);
            found.UnionWith(Pointing.Drain(pointing.Cards));
            frontier = await Take(found);
        }
    }

    private bool IsFull() => walked.Count >= Gathering.StreamsMax;

    /// <summary>What some streams point at, or what others say that they do.</summary>
    private async Task<HashSet<string>> Out(List<string> from, bool upwards = false)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        List<(string Kind, string Number)> named = [];
        foreach (var stream in from)
        {
            if (!upwards && pointing.Out.Remove(stream, out var others))
                foreach (var (by, to, kind, number) in others)
                {
                    found.Add(by);
                    Add(to, kind, number);
                }

            if (!records.TryGetValue(stream, out var record)) continue;
            foreach (var edge in EdgesOf(record))
            {
                if (upwards && !Gathering.IsUpward(edge.Rel)) continue;
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
        if (!foretold.TryGetValue(record.Stream, out var known))
            foretold.Add(record.Stream, known = new(Edges.Of(record), null));
        return known.Edges;
    }

    /// <summary>Reads streams and all that ties in force, keys that tie and successions reach from them.</summary>
    /// <returns>Those that had not been looked at.</returns>
    private async Task<List<string>> Take(IEnumerable<string> found)
    {
        List<string> taken = [];
        for (var frontier = Reached(found); frontier.Count > 0;)
        {
            taken.AddRange(frontier);
            frontier = Reached(await Level([.. frontier]));
        }

        return taken;
    }

    /// <summary>Those that had not been looked at; of records that were read ahead also what they rest on, which
    /// would be the next to be asked for.</summary>
    private List<string> Reached(IEnumerable<string> found)
    {
        List<string> reached = [];
        foreach (var stream in found)
            if (walked.Add(stream)) reached.Add(stream);
        if (ahead.Count == 0) return reached;
        for (var i = 0; i < reached.Count; i++)
        {
            if (!ahead.TryGetValue(reached[i], out var record) || Gathering.Is(record.Stream, Kind.Invoice)) continue;
            foreach (var edge in EdgesOf(record))
                if (edge.ToStream is { } to && Gathering.IsUpward(edge.Rel) && walked.Add(to))
                    reached.Add(to);
        }

        return reached;
    }

    /// <summary>Reads a level, in one round trip, with those who were found to speak of the levels before. With the
    /// first, that is the documents, what they point at is read ahead.</summary>
    /// <returns>What is tied to it.</returns>
    private async Task<HashSet<string>> Level(string[] streams)
    {
        await using var batch = new NpgsqlBatch(connection);
        var first = standing is null;
        if (first) AncestrySql.Open(batch);
        var documents = Array.FindAll(streams, s => Gathering.Is(s, Kind.Invoice));
        var work = Array.FindAll(streams, s => Gathering.Is(s, Kind.Time) || Gathering.Is(s, Kind.Expense));
        var postings = Array.FindAll(streams, s => Gathering.Is(s, Kind.Posting));
        var clients = Array.FindAll(streams, s => Gathering.Is(s, Kind.Client));
        // Hours and costs have no keys, and there are many of them.
        var keyed = work.Length == 0 ? streams
            : Array.FindAll(streams, s => !Gathering.Is(s, Kind.Time) && !Gathering.Is(s, Kind.Expense));
        speaking.ExceptWith(streams);
        List<string> unread = [];
        foreach (var stream in streams)
            if (ahead.Remove(stream, out var record)) records[stream] = record;
            else if (!records.ContainsKey(stream)) unread.Add(stream);
        speaking.ExceptWith(records.Keys);
        AncestrySql.Ask(batch, AncestrySql.Records, [.. unread, .. Pointing.Drain(speaking)]);
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
        if (first && documents.Length > 0) AncestrySql.Ask(batch, AncestrySql.PointedAt, documents);

        await batch.PrepareAsync(cancellationToken);
        var next = new HashSet<string>(StringComparer.Ordinal);
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            if (first) await Opened(reader);
            await Told(reader, records);
            if (streams.Length > 0) await Tied(reader, next);
            if (keyed.Length > 0) await Held(reader, next);
            if (documents.Length > 0) await Leaving(reader);
            foreach (var (of, _, into) in sides)
                if (of.Length > 0) await Texts(reader, into);
            if (clients.Length > 0) await Texts(reader, pointing.Cards);
            if (first && documents.Length > 0) await PointedAt(reader, documents);
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

    /// <summary>Reads what documents point at, of which they say how much there may be.</summary>
    private async Task PointedAt(NpgsqlDataReader reader, string[] documents)
    {
        var most = documents.Sum(d => foretold.TryGetValue(d, out var told) ? told.Edges.Length : 0);
        ahead.EnsureCapacity(most);
        foretold.EnsureCapacity(foretold.Count + most);
        records.EnsureCapacity(records.Count + most);
        walked.EnsureCapacity(walked.Count + most);
        await Told(reader, ahead);
    }

    /// <summary>Reads records, and works out what each says by itself while the database is at the next.</summary>
    private async Task Told(NpgsqlDataReader reader, Dictionary<string, SourceRecord> into)
    {
        await foreach (var record in Rows(reader))
        {
            into[record.Stream] = record;
            foretold[record.Stream] = new(
                Edges.Of(record),
                InvoiceWalk.IsWork(record.Kind) ? Describe.Record(record, Items<string>.None) : null);
        }
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
