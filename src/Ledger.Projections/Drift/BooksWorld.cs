using Ledger.Domain;
using Ledger.Projections.Lineage;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Projections.Drift;

/// <summary>Everything but the hours and costs that no document, payment or posting hangs on and that are not odd in
/// themselves.</summary>
internal static class BooksWorld
{
    public static async Task<World> Load(
        NpgsqlConnection connection, Checkpoint at, CancellationToken cancellationToken)
    {
        var told = (await DriftSql.AllTold(connection, cancellationToken)).ToDictionary(r => r.Stream);
        return await With(connection, at, told, new(told.Values), cancellationToken);
    }

    /// <summary>A world brought up to date.</summary>
    /// <param name="changed">Streams in it, or that belong into it, of which something was said or that may be one with
    /// others now.</param>
    /// <param name="firm">As it stands now; it has replaced the same systems as before.</param>
    public static async Task<World> Since(
        NpgsqlConnection connection, Checkpoint at, World before, IReadOnlyCollection<string> changed, Firm firm,
        CancellationToken cancellationToken)
    {
        var told = before.Records.ToDictionary();
        var around = new Neighbourhood(Checkpoint.Views, connection, firm);
        await around.Gather(changed, [], cancellationToken);
        foreach (var (stream, record) in around.Records) told[stream] = record;
        return await With(connection, at, told, firm, cancellationToken);
    }

    /// <summary>With the hours and costs that matter to what is told.</summary>
    private static async Task<World> With(
        NpgsqlConnection connection, Checkpoint at, Dictionary<string, SourceRecord> told, Firm firm,
        CancellationToken cancellationToken)
    {
        var (streams, numbers) = await Work(connection, told, firm, cancellationToken);
        var around = new Neighbourhood(Checkpoint.Views, connection, firm);
        streams.RemoveWhere(told.ContainsKey);
        await around.Gather(streams, numbers, cancellationToken);
        foreach (var (stream, record) in around.Records) told[stream] = record;
        return new(at.Position, at.Day, told.Values, firm);
    }

    /// <summary>Kinds that some system promised to deliver: only of those is anything missing.</summary>
    public static IEnumerable<Kind> Promised(Firm firm) => firm.Registrations
        .SelectMany(r => ((Source)r.Fold.State!).Kinds).Distinct()
        .Select(name => Kind.TryFind(name, out var kind) ? kind : null).OfType<Kind>().Where(k => !WorkRows.Has(k));

    /// <summary>Whether what is pointed at is not there, or is left out because nobody can reckon with it.</summary>
    public static bool IsMissing(SourceRecord? target) => target?.Fold.State is not { } state
        || (target.IsLive && !Reckonable.IsSound(state));

    /// <summary>Kinds of hours and costs that systems state extracts of, and the systems.</summary>
    public static HashSet<(string Kind, string Source)> Extracted(IEnumerable<SourceRecord> records) =>
    [
        .. records.Where(r => r.Fold.State is Extract { Of: { } of } && Kind.TryFind(of, out var kind)
            && WorkRows.Has(kind)).Select(r => (((Extract)r.Fold.State!).Of!, r.Source)),
    ];

    /// <summary>The hours and costs that matter to what is told.</summary>
    private static async Task<(HashSet<string> Streams, HashSet<(string Kind, string Number)> Numbers)> Work(
        NpgsqlConnection connection, Dictionary<string, SourceRecord> told, Firm firm,
        CancellationToken cancellationToken)
    {
        var streams = new HashSet<string>();
        var numbers = new HashSet<(string, string)>();
        foreach (var record in told.Values)
            foreach (var edge in Edges.Of(record))
            {
                if (edge.To.Kind != Kind.Time.Name && edge.To.Kind != Kind.Expense.Name) continue;
                if (edge.ToStream is { } stream) streams.Add(stream);
                else numbers.Add((edge.To.Kind, edge.To.Number!));
            }

        streams.UnionWith(await DriftSql.Odd(connection, cancellationToken));
        foreach (var (kind, system) in Extracted(told.Values))
            streams.UnionWith(await DriftSql.OfSystem(connection, kind, system, cancellationToken));
        var missing = new List<string>();
        foreach (var kind in Promised(firm))
            missing.AddRange((await DriftSql.PointedAt(connection, kind, cancellationToken))
                .Where(s => IsMissing(told.GetValueOrDefault(s))));
        streams.UnionWith(await DriftSql.Pointing(connection, missing, cancellationToken));
        return (streams, numbers);
    }
}
