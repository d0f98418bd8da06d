using System.Diagnostics;
using System.Text;
using Ledger.Projections;
using Ledger.Projections.Lineage;
using Ledger.Store;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Benchmarks;

/// <summary>The lineage of an invoice that rests on 1,000 records, read out of a large ledger, in milliseconds, against
/// fetching the rows it is made of by their keys: what each record says, and the events that its edges name.</summary>
internal static class InvoiceLineageRead
{
    private const int Entries = 990;
    private const int Lines = 30;
    private const int Rounds = 41;
    // Fewer, and the compiler is still at work on what is counted.
    private const int Warmups = 160;
    private const string Subject = "invoice/billing:L-1";

    public static async Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken) =>
        await bench.OnFilled(
            "lineage", events, source => Fill(source, events, cancellationToken),
            async source =>
            {
                await using var store = new EventStore(source);
                var reader = new LineageReader(source, store);
                var first = await reader.Invoice(Subject, cancellationToken)
                    ?? throw new InvalidOperationException("the invoice is not there");
                var streams = first.Lineage.Nodes.Select(n => n.Stream)
                    .Where(s => !s.Contains('#', StringComparison.Ordinal)).ToArray();
                if (streams.Length < 1000 || first.Lineage.Unexplained != 0m)
                    throw new InvalidOperationException($"{streams.Length} records, {first.Lineage.Unexplained} left");
                var positions = first.Events.Keys.ToArray();
                var (ours, baseline) = (new List<double>(), new List<double>());
                for (var run = -Warmups; run < Rounds; run++)
                {
                    var theirs = await Milliseconds(() => Fetch(source, streams, positions, cancellationToken));
                    var mine = await Milliseconds(() => reader.Invoice(Subject, cancellationToken));
                    if (run < 0) continue;
                    baseline.Add(theirs);
                    ours.Add(mine);
                }

                var (value, against) = (Bench.Median(ours), Bench.Median(baseline));
                return new Result("lineage", events, value, "ms", against, value / against);
            },
            cancellationToken);

    private static async Task Fill(NpgsqlDataSource source, long events, CancellationToken cancellationToken)
    {
        byte[][] documents =
        [
            .. BulkImport.Documents(Math.Max(0, events - (2 * Entries) - 20)).Concat(Engagement()),
        ];
        await BulkImport.Import(source, documents, cancellationToken);
        await Execute(source, "analyze", cancellationToken);
        await using var store = new EventStore(source);
        await new Projector(source, store).Rebuild(null, cancellationToken);
        await Execute(source, "analyze", cancellationToken);
    }

    /// <summary>Every row by its primary key, each value read, nothing made of it; prepared, in one round trip.
    /// </summary>
    private static async Task Fetch(
        NpgsqlDataSource source, string[] streams, long[] positions, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(
            """
            select s.stream, s.state, s.asserted, s.deleted_by, s.pending, s.opened_position, s.first_position,
              s.last_position, s.events, s.order_sequence, s.order_time, s.order_id, s.sequenced
            from views.by_source s where s.stream = any ($1)
            """)
        {
            Parameters = { new() { Value = streams, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text } },
        });
        batch.BatchCommands.Add(new(
            """
            select e.seq_id, e.headers ->> 'source', e.headers ->> 'source_id', e.type, e.headers ->> 'time'
            from events.mt_events e where e.seq_id = any ($1)
            """)
        {
            Parameters = { new() { Value = positions, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint } },
        });
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var values = new object[16];
        do
        {
            while (await reader.ReadAsync(cancellationToken)) reader.GetValues(values);
        }
        while (await reader.NextResultAsync(cancellationToken));
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

    /// <summary>A contract with a card and an amendment, a project, people, and an invoice over all their hours, posted
    /// and paid.</summary>
    private static IEnumerable<byte[]> Engagement()
    {
        var n = 0;
        byte[] Says(string source, string subject, string type, string data) => Encoding.UTF8.GetBytes(
            $$"""{"source":"{{source}}","id":"l-{{++n}}","type":"{{type}}","subject":"{{subject}}","time":"2026-10-01T09:00:00Z","actor":"sync","data":{{data}}}""");

        yield return Says("erp", "client/L-C", "client_registered", """{"name":"Northmoor Water"}""");
        yield return Says("clm", "rate_card/L-RC", "rate_card_published", """{"currency":"USD","name":"Agreed"}""");
        yield return Says("clm", "rate_card/L-RC", "rate_card_rate_set",
            """{"rate":"any","use":"bill","match":{},"price":{"amount":"120","currency":"USD","per":"HUR"},"from":"2026-01-01"}""");
        yield return Says("clm", "contract/L-K", "contract_signed",
            """{"client":{"kind":"client","source":"erp","id":"L-C"},"signedOn":"2025-12-01","from":"2026-01-01","currency":"USD","model":"time_and_materials","rateCards":[{"kind":"rate_card","id":"L-RC"}]}""");
        yield return Says("clm", "contract/L-K", "contract_amended",
            """{"amendment":"A1","signedOn":"2026-01-10","effectiveFrom":"2026-01-01","changes":[]}""");
        yield return Says("psa", "project/L-P", "project_created",
            """{"name":"Treatment works","client":{"kind":"client","source":"erp","id":"L-C"},"contract":{"kind":"contract","source":"clm","id":"L-K"}}""");
        yield return Says("psa", "project/L-P", "project_task_added", """{"task":"T1","name":"Design"}""");
        for (var r = 0; r < 5; r++)
            yield return Says("psa", $"resource/L-R{r}", "resource_onboarded", $$"""{"name":"Engineer {{r}}","role":"Senior"}""");
        for (var r = 0; r < 5; r++)
        {
            yield return Says("psa", "project/L-P", "project_resource_assigned",
                $$"""{"resource":{"kind":"resource","id":"L-R{{r}}"},"role":"Senior"}""");
        }

        for (var e = 0; e < Entries; e++)
        {
            yield return Says("psa", $"time/L-{e}", "time_entry_recorded",
                $$$"""{"resource":{"kind":"resource","id":"L-R{{{e % 5}}}"},"workedOn":"2026-{{{1 + (e % 9):00}}}-{{{1 + (e % 28):00}}}","quantity":{"value":"2","unit":"HUR"},"project":{"kind":"project","id":"L-P"},"task":"T1","billable":true,"billRate":{"amount":"120","currency":"USD","per":"HUR"},"note":"Design review {{{e}}}"}""");
            yield return Says("psa", $"time/L-{e}", "time_entry_approved",
                """{"approver":"Bea","quantity":{"value":"2","unit":"HUR"}}""");
        }

        var perLine = Entries / Lines;
        var lines = Enumerable.Range(0, Lines).Select(line =>
            $$"""{"line":"{{line}}","net":"{{240 * perLine}}","bills":[{{string.Join(',', Enumerable.Range(line * perLine, perLine).Select(e => $$"""{"ref":{"kind":"time","source":"psa","id":"L-{{e}}"} }"""))}}] }""");
        yield return Says("billing", "invoice/L-1", "invoice_issued",
            $$"""{"number":"L-2026-1","issuedOn":"2026-10-01","currency":"USD","client":{"kind":"client","source":"erp","id":"L-C"},"contracts":[{"kind":"contract","source":"clm","id":"L-K"}],"lines":[{{string.Join(',', lines)}}],"totals":{"net":"{{240 * Entries}}"} }""");
        yield return Says("erp", "posting/L-J", "posting_recorded",
            $$"""{"postedOn":"2026-10-01","period":"2026-10","currency":"USD","totals":{"net":"{{240 * Entries}}"},"document":{"kind":"invoice","source":"billing","id":"L-1"} }""");
        yield return Says("bank", "payment/L-B", "payment_applied",
            $$"""{"application":"a1","target":{"kind":"invoice","source":"billing","id":"L-1"},"kind":"cash","amount":"{{240 * Entries}}","appliedOn":"2026-10-20","currency":"USD"}""");
    }
}
