using Ledger.Domain;
using Ledger.Projections.Identity;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections;

/// <summary>A business key that very many records bear, or once bore.</summary>
internal readonly record struct WideKey(string Kind, string Scheme, string Value);

/// <summary>Keys that crowd: whether so many bore one at a time gone by is counted, not taken from today.</summary>
internal sealed partial record Surroundings
{
    /// <summary>Whose keys are counted; one that more who were there by then bear, or bore, was a crowd's.</summary>
    private const int CountedMax = 1_000;

    private const string Bearers =
        $"""
        select s.stream, s.opened_position, greatest(s.last_position, q.position), q.position is not null
        from (
          select distinct o.stream from views.record_key o
          where left(o.value, 120) = left($3, 120) and o.value = $3 and o.scheme = $2 and o.kind = $1) o
        join views.by_source s on s.stream = o.stream
        left join views.poisoned q on q.stream = s.stream
        where s.opened_position <= $4
        limit 1001
        """;

    /// <summary>Keys borne by more than the walk follows.</summary>
    public IReadOnlyList<WideKey> Wide { get; init; } = [];

    /// <summary>Those that more records bore then than a key may have.</summary>
    private HashSet<KindKey> Crowded { get; init; } = [];

    /// <summary>Those with more bearers than are counted.</summary>
    private HashSet<WideKey> Uncounted { get; init; } = [];

    /// <summary>With those who bore a key while it was one, and all that they reach.</summary>
    public async Task<Surroundings> Widened(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        var around = this;
        var (seeds, counted) = (streams.ToHashSet(), new HashSet<WideKey>());
        var (crowded, uncounted) = (new HashSet<KindKey>(), new HashSet<WideKey>());
        while (around.Wide.FirstOrDefault(key => counted.Add(key)) is { Kind: not null } key)
        {
            var bearers = await around.BearersOf(connection, key, cancellationToken);
            if (bearers.Count > CountedMax)
            {
                uncounted.Add(key);
                continue;
            }

            var before = seeds.Count;
            await around.Count(connection, key, bearers, seeds, crowded, cancellationToken);
            if (seeds.Count > before) around = await Again(connection, Times, seeds, cancellationToken);
        }

        return around with { Crowded = crowded, Uncounted = uncounted };
    }

    private static async Task<Surroundings> Again(
        NpgsqlConnection connection, Times times, IReadOnlyCollection<string> streams,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Ask(batch, times, streams);
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await Read(reader, times, cancellationToken);
    }

    private async Task Count(
        NpgsqlConnection connection, WideKey key, IReadOnlyList<Reached> bearers, HashSet<string> seeds,
        HashSet<KindKey> crowded, CancellationToken cancellationToken)
    {
        var firm = new Firm((await Fold(connection, [.. Streams.Where(OfFirm)], cancellationToken)).Records);
        var (records, _) = await Fold(connection, bearers, cancellationToken);
        var held = records.SelectMany(r => KindKey.Of(r, firm).Where(k => Is(k, key)).Select(k => (Key: k, r.Stream)));
        foreach (var of in held.GroupBy(h => h.Key))
            if (of.Count() > BusinessKey.HoldersMax) crowded.Add(of.Key);
            else seeds.UnionWith(of.Select(h => h.Stream));
    }

    private async Task<List<Reached>> BearersOf(
        NpgsqlConnection connection, WideKey key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Bearers, connection);
        foreach (var part in new[] { key.Kind, key.Scheme, key.Value })
            command.Parameters.Add(new() { Value = part, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = Position });
        var bearers = new List<Reached>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            bearers.Add(new(
                reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetBoolean(3), false));
        return bearers;
    }

    private HashSet<KindKey>? CrowdedAmong(IReadOnlyCollection<SourceRecord> records)
    {
        if (Crowded.Count == 0 && Uncounted.Count == 0) return null;
        var crowded = Crowded.ToHashSet();
        if (Uncounted.Count == 0) return crowded;
        var firm = new Firm(records);
        crowded.UnionWith(records.SelectMany(r => KindKey.Of(r, firm))
            .Where(k => Uncounted.Contains(new(k.Kind, k.Scheme, k.Value))));
        return crowded;
    }

    private static bool Is(KindKey key, WideKey wide) =>
        key.Kind == wide.Kind && key.Scheme == wide.Scheme && key.Value == wide.Value;

    private static bool OfFirm(Reached reached)
    {
        var kind = StreamName.KindOf(reached.Stream);
        return kind is "source" or "legal_entity" or "ownership" or "succession" or "identity";
    }
}
