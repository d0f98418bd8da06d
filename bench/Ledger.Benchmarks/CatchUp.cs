using System.Text;
using Ledger.Projections;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>The projector from nothing to the last event, batch by batch as a server runs it, against a rebuild of the
/// same views; once, as each takes a database of its own.</summary>
internal static class CatchUp
{
    private const int Turns = 10;
    private const int Hours = 12;
    private const int Warmup = 20_000;

    /// <summary>Every event begins a record, as in <c>commit-to-view</c>.</summary>
    public static Task<Result> OfNew(Bench bench, long events, CancellationToken cancellationToken) =>
        Measure(
            bench, "catch-up", events, n => Payloads.Json(n * Payloads.EventsPerStream, "c"), cancellationToken);

    /// <summary>Every record is begun first, and then changed nine times in turn with all the others.</summary>
    public static Task<Result> OfKnown(Bench bench, long events, CancellationToken cancellationToken)
    {
        var streams = Math.Max(1, events / Turns);
        return Measure(
            bench, "catch-up-known", streams * Turns,
            n => Payloads.Json((n % streams * Turns) + (n / streams), "c", Turns), cancellationToken);
    }

    /// <summary>Engagements: hours, a line a document that bills them, a posting and a payment of it, an approval after
    /// the fact.</summary>
    public static Task<Result> OfLinked(Bench bench, long events, CancellationToken cancellationToken) =>
        Measure(bench, "catch-up-linked", events, Linked, cancellationToken);

    private static async Task<Result> Measure(
        Bench bench, string workload, long events, Func<long, byte[]> document, CancellationToken cancellationToken)
    {
        // A server is warm for nearly all of its life.
        await Once(bench, workload, Math.Min(events, Warmup), document, cancellationToken);
        return await Once(bench, workload, events, document, cancellationToken);
    }

    private static Task<Result> Once(
        Bench bench, string workload, long events, Func<long, byte[]> document, CancellationToken cancellationToken) =>
        bench.OnFresh(
            async source =>
            {
                await BulkImport.Import(
                    source, Enumerable.Range(0, (int)events).Select(n => document(n)), cancellationToken);
                await using (var analyze = source.CreateCommand("analyze events.mt_events; checkpoint"))
                    await analyze.ExecuteNonQueryAsync(cancellationToken);
                await using var store = new EventStore(source);
                var projector = new Projector(source, store);
                var ours = await BulkImport.Rate(events, () => projector.CatchUp(null, cancellationToken));
                if (await projector.VerifyViews(null, cancellationToken) is { } difference)
                    throw new InvalidOperationException(difference.ToString());
                var theirs = await BulkImport.Rate(events, () => projector.Rebuild(null, cancellationToken));
                return new Result(workload, events, ours, "events/s", theirs, ours / theirs);
            },
            cancellationToken);

    private static byte[] Linked(long n)
    {
        const int size = Hours + 4;
        var (k, turn) = (n / size, n % size);
        return turn switch
        {
            < Hours => Payloads.Json(((k * Hours) + turn) * Payloads.EventsPerStream, "c"),
            Hours => Says(n, "billing", $"invoice/c{k}", "invoice_issued", Invoice(k)),
            Hours + 1 => Says(n, "erp", $"posting/c{k}", "posting_recorded",
                $$$"""
                {"postedOn":"2026-10-01","period":"2026-10","currency":"USD","totals":{"net":"{{{100 + k}}}"},"document":{"kind":"invoice","source":"billing","id":"c{{{k}}}"}}
                """),
            Hours + 2 => Says(n, "bank", $"payment/c{k}", "payment_applied",
                $$$"""
                {"application":"a1","target":{"kind":"invoice","source":"billing","id":"c{{{k}}}"},"kind":"cash","amount":"{{{100 + k}}}","appliedOn":"2026-10-20","currency":"USD"}
                """),
            _ => Says(n, "psa", $"time/c{k * Hours}", "time_entry_approved",
                """{"approver":"Bea","quantity":{"value":"2","unit":"HUR"}}"""),
        };
    }

    private static string Invoice(long k)
    {
        var bills = Enumerable.Range(0, Hours)
            .Select(h => $$$"""{"ref":{"kind":"time","source":"psa","id":"c{{{(k * Hours) + h}}}"}}""");
        return $$$"""
            {"number":"C-{{{k}}}","issuedOn":"2026-10-01","currency":"USD","client":{"kind":"client","source":"erp","id":"C{{{k % 50}}}"},"lines":[{"line":"1","net":"{{{100 + k}}}","bills":[{{{string.Join(',', bills)}}}]}],"totals":{"net":"{{{100 + k}}}"}}
            """;
    }

    private static byte[] Says(long n, string source, string subject, string type, string data) =>
        Encoding.UTF8.GetBytes(
            $$"""
            {"source":"{{source}}","id":"linked-{{n}}","type":"{{type}}","subject":"{{subject}}","time":"2026-11-01T09:00:00Z","actor":"sync","data":{{data}}}
            """);
}
