using System.Net;
using Ledger.Store;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>The connection breaks after every single byte of an append.</summary>
internal static class CutWire
{
    public static readonly Scenario Scenario = new(
        "cut-wire", "the connection to PostgreSQL, and to the door, cut after each byte of an append, both ways",
        Trials: 20_000, Few: 120, Hurt);

    private const int LargeEvents = 600;

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var database = await TestDatabase.Create(cancellationToken);
        await using var direct = NpgsqlDataSource.Create(database.ConnectionString);
        var at = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var wire = Wire.ToPostgres(at.Host!, at.Port);
        at.Host = wire.Folder;
        await using var source = NpgsqlDataSource.Create(at);
        await using var warm = new EventStore(source);
        await using var undisturbed = new EventStore(direct);
        await using var server = LedgerProcess.Serve(database.ConnectionString);
        var address = await server.Listening(cancellationToken);
        await using var line = Wire.ToPort(address);
        using var door = new Door(address);
        var through = new Uri($"http://127.0.0.1:{((IPEndPoint)line.Address).Port}");

        var books = new Books(run);
        Subject[] subjects =
        [
            // A warm append goes over an open connection; a cold one connects, signs in, prepares, looks and appends.
            new("warm append", wire, id => Append(warm, id, cancellationToken),
                id => Append(undisturbed, id, cancellationToken)) { Warms = true },
            new("cold append", wire, id => Cold(source, id, cancellationToken),
                id => Append(undisturbed, id, cancellationToken)),
            // Written by COPY: far too many bytes to try each, so a few hundred places stand for all.
            new("large append", wire, id => Large(warm, books, id, cancellationToken),
                id => Large(undisturbed, books, id, cancellationToken)) { Warms = true, PlacesMost = 400 },
            new("request", line, id => Request(through, id, cancellationToken),
                id => Post(door, id, cancellationToken)),
        ];
        var cuts = new List<(Subject Subject, Way Way, long After)>();
        foreach (var subject in subjects)
            foreach (var (way, bytes) in await Measure(run, books, subject))
                for (var after = 0L; after <= bytes; after += Math.Max(1, bytes / subject.PlacesMost))
                    cuts.Add((subject, way, after));

        // Fewer trials than places are spread over all of them, from one the dice say.
        var stride = Math.Max(1.0, (double)cuts.Count / run.Trials);
        var offset = run.Dice("offset").NextDouble() * stride;
        for (var next = offset; next < cuts.Count && run.Next(); next += stride)
            await Try(run, books, cuts[(int)next]);

        await books.Check(direct, cancellationToken);
        run.Note($"{cuts.Count} places to cut");
    }

    /// <summary>The bytes of an append that nothing disturbs.</summary>
    private static async Task<(Way, long)[]> Measure(Run run, Books books, Subject subject)
    {
        for (var n = 0; n < 3; n++)
        {
            var id = $"m-{subject.Name.Replace(' ', '-')}-{n}";
            books.Offer(id);
            subject.Wire.Arm(null);
            books.Take(await subject.Append(id)
                ?? throw new InvalidOperationException("An append that nothing disturbed failed."));
        }

        var (there, back) = (subject.Wire.Passed(Way.ToServer), subject.Wire.Passed(Way.ToClient));
        run.Note($"{subject.Name}: {there} bytes to the server, {back} bytes back");
        return [(Way.ToServer, there), (Way.ToClient, back)];
    }

    private static async Task Try(Run run, Books books, (Subject Subject, Way Way, long After) cut)
    {
        var (subject, way, after) = cut;
        var id = $"cut-{run.Trial}";
        if (subject.Warms)
        {
            books.Offer("w-" + id);
            await subject.Append("w-" + id);
        }

        books.Offer(id);
        subject.Wire.Arm((way, after));
        var told = await subject.Append(id);
        if (subject.Wire.WasCut)
            run.Fault();
        subject.Wire.Arm(null);
        told ??= await subject.Append(id);
        if (told is null)
            run.Anomaly($"{subject.Name} cut {way} after {after} bytes: not even the second attempt was answered");
        else
            books.Take(told);

        // Whoever asks later hears the same.
        if (await subject.Again(id) is { } again)
            books.Take(again);
        else
            run.Anomaly($"{subject.Name} cut {way} after {after} bytes: nobody answers any more");
    }

    private static async Task<Ack?> Cold(NpgsqlDataSource source, string id, CancellationToken cancellationToken)
    {
        source.Clear();
        await using var store = new EventStore(source);
        return await Append(store, id, cancellationToken);
    }

    private static async Task<Ack?> Large(
        EventStore store, Books books, string id, CancellationToken cancellationToken)
    {
        var offered = Enumerable.Range(0, LargeEvents).Select(n => n == 0 ? id : $"{id}-{n}")
            .Select(each => Sample.New(each, $"time/psa:{each}")).ToList();
        foreach (var each in offered)
            books.Offer(each.Id);
        try
        {
            var acks = (await store.Append(offered, atomic: false, cancellationToken)).Select(Stored).ToList();
            acks.ForEach(books.Take);
            return acks[0];
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }

    private static Ack Stored(Verdict verdict) => verdict switch
    {
        Appended appended => Ack.Of(appended.Receipt),
        Duplicate duplicate => Ack.Of(duplicate.Receipt),
        var other => throw new InvalidOperationException($"A good event was answered with {other}."),
    };

    private static async Task<Ack?> Append(EventStore store, string id, CancellationToken cancellationToken)
    {
        try
        {
            return Stored(await store.Append(Sample.New(id, $"time/psa:{id}"), cancellationToken));
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }

    private static async Task<Ack?> Request(Uri through, string id, CancellationToken cancellationToken)
    {
        using var door = new Door(through, patience: TimeSpan.FromSeconds(20));
        return await Post(door, id, cancellationToken);
    }

    private static async Task<Ack?> Post(Door door, string id, CancellationToken cancellationToken) =>
        await door.Post(Sample.Time(id), Door.Json, cancellationToken) switch
        {
            null => null,
            { Status: 200 or 201 } answer => Ack.Of(answer.Json),
            var other => throw new InvalidOperationException($"A good event was answered with {other.Text}."),
        };

    /// <summary>A way to append that goes over a wire.</summary>
    /// <param name="Append">Null = what became of it is not known.</param>
    /// <param name="Again">The same event, past the wire.</param>
    private sealed record Subject(
        string Name, Wire Wire, Func<string, Task<Ack?>> Append, Func<string, Task<Ack?>> Again)
    {
        /// <summary>Whether an append must open its connection first, for the next one to find it open.</summary>
        public bool Warms { get; init; }

        /// <summary>How many places to cut, each way, stand for all its bytes.</summary>
        public long PlacesMost { get; init; } = long.MaxValue;
    }
}
