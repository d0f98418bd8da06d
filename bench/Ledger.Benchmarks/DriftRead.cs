using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>What three systems say of the same hours, compared in full with every difference explained, in
/// milliseconds, against a bare full outer join of three narrow tables that hold the same columns under one key. One in a thousand
/// differs. <c>--events</c> says how many records each system has.</summary>
internal static class DriftRead
{
    private const int OneIn = 1_000;
    private const int Changes = 333;
    private const int Warmups = 8;
    private static readonly string[] Systems = ["psa", "erp", "billing"];

    public static async Task<Result> Full(Bench bench, long records, CancellationToken cancellationToken) =>
        await bench.OnFilled(
            "drift", records, source => Fill(source, records, cancellationToken),
            async source =>
            {
                var reader = new DriftReader(source);
                var differing = Math.Max(1, (records + OneIn - 1) / OneIn);
                return await Bench.Paired("drift-3way", records, "ms",
                    () => Milliseconds(async () =>
                    {
                        var report = await reader.Full(cancellationToken);
                        // One more, where the other row has made changes to this ledger.
                        if (report.Findings.Count - differing is not (0 or 1))
                            throw new InvalidOperationException($"{report.Findings.Count} found of {differing}");
                    }),
                    () => Milliseconds(async () =>
                    {
                        var found = await Join(source, cancellationToken);
                        if (found != differing) throw new InvalidOperationException($"{found} joined of {differing}");
                    }));
            },
            cancellationToken, goesOn: true);

    /// <summary>A look after 1,000 changes, against a full run: 333 hours corrected at all three systems, and one at
    /// one of them only.</summary>
    public static async Task<Result> Since(Bench bench, long records, CancellationToken cancellationToken) =>
        await bench.OnFilled(
            "drift", records, source => Fill(source, records, cancellationToken),
            async source =>
            {
                await using var store = new EventStore(source);
                var (projector, reader) = (new Projector(source, store), new DriftReader(source));
                using var live = new LiveDrift(source, store);
                var found = (await live.Look(cancellationToken)).Report.Findings.Count;
                for (var warmup = 0; warmup < Warmups; warmup++) await Change();
                return await Bench.Paired("drift-incremental", records, "ms",
                    async () =>
                    {
                        await Change();
                        return await Milliseconds(async () =>
                        {
                            var now = (await live.Look(cancellationToken)).Report.Findings.Count;
                            if (now != found && now != found + 1)
                                throw new InvalidOperationException($"{now} found after {found}");
                        });
                    },
                    () => Milliseconds(() => reader.Full(cancellationToken)));

                async Task Change()
                {
                    await live.Look(cancellationToken);
                    var at = await store.Position(cancellationToken);
                    await BulkImport.Import(
                        store, Corrections(records, at), verdict => verdict is Appended, cancellationToken);
                    await projector.CatchUp(null, cancellationToken);
                }
            },
            cancellationToken, goesOn: true);

    private static async Task Fill(NpgsqlDataSource source, long records, CancellationToken cancellationToken)
    {
        await using var store = new EventStore(source);
        var there = (int)await store.Position(cancellationToken);
        await BulkImport.Import(
            store, Ground(records).Concat(Hours(records)).Skip(there), verdict => verdict is Appended, cancellationToken);
        await Execute(source, "analyze", cancellationToken);
        await new Projector(source, store).Rebuild(null, cancellationToken);
        foreach (var system in Systems)
            await Execute(
                source,
                $"""
                 drop table if exists public.{system};
                 create table public.{system} as
                 select substr(m.record_id, 2)::text as key, (m.state ->> 'workedOn')::date as worked_on,
                   substr(m.state -> 'project' ->> 'id', 2) as project,
                   substr(m.state -> 'resource' ->> 'id', 2) as resource,
                   (m.state -> 'quantity' ->> 'value')::numeric as quantity,
                   (m.state -> 'billRate' ->> 'amount')::numeric as rate, (m.state ->> 'billable')::boolean as billable
                 from views.by_source m where m.kind = 'time' and m.source = '{system}';
                 alter table public.{system} add primary key (key)
                 """,
                cancellationToken);
        await Execute(source, "vacuum analyze", cancellationToken);
    }

    /// <summary>The best plain way: two hash joins over narrow rows.</summary>
    private static async Task<long> Join(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var settings = new NpgsqlCommand("set work_mem = '256MB'", connection))
            await settings.ExecuteNonQueryAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            select key, p.*, e.*, b.* from public.psa p full join public.erp e using (key)
            full join public.billing b using (key)
            where p.worked_on is distinct from e.worked_on or p.project is distinct from e.project
              or p.resource is distinct from e.resource or p.quantity is distinct from e.quantity
              or p.rate is distinct from e.rate or p.billable is distinct from e.billable
              or p.worked_on is distinct from b.worked_on or p.project is distinct from b.project
              or p.resource is distinct from b.resource or p.quantity is distinct from b.quantity
              or p.rate is distinct from b.rate or p.billable is distinct from b.billable
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (found, values) = (0L, new object[reader.FieldCount]);
        for (; await reader.ReadAsync(cancellationToken); found++) reader.GetValues(values);
        return found;
    }

    private static async Task<double> Milliseconds(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task Execute(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The projects and people of each system, and that they are one.</summary>
    private static IEnumerable<byte[]> Ground(long records)
    {
        var (projects, people) = (Projects(records), People(records));
        foreach (var system in Systems)
        {
            for (var n = 0L; n < projects; n++)
                yield return Says(system, $"project/{system[0]}{n}", "project_stated", $$"""{"name":"Project {{n}}"}""");
            for (var n = 0L; n < people; n++)
                yield return Says(system, $"resource/{system[0]}{n}", "resource_stated", $$"""{"name":"Person {{n}}"}""");
        }

        foreach (var other in Systems.Skip(1))
        {
            for (var n = 0L; n < projects; n++) yield return Link("project", other, n);
            for (var n = 0L; n < people; n++) yield return Link("resource", other, n);
        }
    }

    private static IEnumerable<byte[]> Hours(long records)
    {
        for (var n = 0L; n < records; n++)
        {
            foreach (var system in Systems)
                yield return Hour(records, n, system, n % OneIn == 0 && system == "erp" ? 1 : 0);
            foreach (var other in Systems.Skip(1)) yield return Link("time", other, n);
        }
    }

    private static byte[] Hour(long records, long n, string system, int more)
    {
        var day = FormattableString.Invariant($"2026-{1 + n % 9:00}-{1 + n % 28:00}");
        return Says(system, $"time/{system[0]}{n}", "time_stated",
            $$"""
            {"resource":{"kind":"resource","id":"{{system[0]}}{{n % People(records)}}"},"workedOn":"{{day}}","quantity":{"value":"{{30 + n % 450 + more}}","unit":"MIN"},"project":{"kind":"project","id":"{{system[0]}}{{n % Projects(records)}}"},"billable":true,"billRate":{"amount":"{{90 + n % 8 * 15}}","currency":"USD","per":"HUR"},"note":"Review of drawings, sheet {{n % 1000}}"}
            """);
    }

    /// <summary>Corrections that no earlier run made, by the position they begin at: all systems make them, but for the
    /// last, which one alone makes.</summary>
    private static IEnumerable<byte[]> Corrections(long records, long at)
    {
        for (var n = at; n < at + Changes; n++)
        {
            // Never one of those that differ.
            var entry = n / (OneIn - 1) % Math.Max(1, records / OneIn) * OneIn + 1 + n % (OneIn - 1);
            foreach (var system in Systems) yield return Correction(system, entry, $"c-{at}-{entry}", 30 + n % 450);
        }

        yield return Correction("psa", records - 1, $"d-{at}", 500 + at % 1_000);
    }

    private static byte[] Correction(string system, long n, string id, long minutes) =>
        Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $$"""{"source":"{{system}}","id":"{{id}}","type":"time_entry_corrected","subject":"time/{{system[0]}}{{n}}","time":"2026-10-02T09:00:00Z","actor":"sync","data":{"quantity":{"value":"{{minutes}}","unit":"MIN"},"reason":"timesheet review"} }"""));

    private static byte[] Link(string kind, string other, long n) => Says(
        "ledger", $"identity/{kind}-{other}-{n}", "identity_linked",
        $$"""{"a":{"kind":"{{kind}}","source":"psa","id":"p{{n}}"},"b":{"kind":"{{kind}}","source":"{{other}}","id":"{{other[0]}}{{n}}"} }""");

    private static byte[] Says(string source, string subject, string type, string data) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$"""{"source":"{{source}}","id":"{{subject}}-1","type":"{{type}}","subject":"{{subject}}","time":"2026-10-01T09:00:00Z","actor":"sync","data":{{data}}}"""));

    private static long Projects(long records) => Math.Max(1, records / 1_000);

    private static long People(long records) => Math.Max(1, records / 2_000);
}
