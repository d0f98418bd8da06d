using System.Text;
using System.Text.Json;

namespace Ledger.Domain.Tests;

/// <summary>The sample firm is believable: its files read, its references resolve, its figures tie, but for what it
/// says it planted.</summary>
public sealed class SamplesTests
{
    private static readonly string Folder = Path.Combine(Checkout.Root, "samples", "firm");

    private static readonly string[] Sources = ["00-ledger", "crm", "clm", "psa", "erp", "billing"];

    private static readonly Line[] Lines = [.. Sources.SelectMany(Read)];

    private static readonly Understood[] Events =
        [.. Lines.Select(l => l.Reading).OfType<Understood>().DistinctBy(u => (u.Envelope.Source, u.Envelope.Id))];

    private static readonly Dictionary<string, Folded> Folds = Events.GroupBy(u => u.Envelope.Stream)
        .ToDictionary(s => s.Key, s => StreamFold.Fold(Kind.Find(s.First().Envelope.Kind), s.Select(Recorded)));

    private static readonly Planted[] Faults = JsonSerializer.Deserialize<Planted[]>(
        File.ReadAllText(Path.Combine(Folder, "planted.json")), JsonSerializerOptions.Web)!;

    [Fact]
    public void Every_line_reads_but_the_one_type_this_ledger_does_not_know_yet()
    {
        Lines.Where(l => l.Reading is not Understood and not UnknownType).Select(l => l.ToString()).ShouldBeEmpty();
        Lines.Select(l => l.Reading).OfType<UnknownType>().ShouldHaveSingleItem()
            .Envelope.Type.ShouldBe("timesheet_locked");
    }

    [Fact]
    public void Each_file_speaks_for_one_source() =>
        Lines.Where(l => l.Source != l.File.Replace("00-", "", StringComparison.Ordinal))
            .Select(l => l.ToString()).ShouldBeEmpty();

    [Fact]
    public void Every_event_finds_its_place_whatever_order_it_came_in() =>
        Folds.Where(f => f.Value.Pending.Count > 0 || f.Value.State is null).Select(f => f.Key).ShouldBeEmpty();

    [Fact]
    public void Every_reference_points_at_a_record_of_the_firm()
    {
        var numbers = Folds.Values.Select(f => f.State?.Number).OfType<string>().ToHashSet();
        var dangling = from e in Events
                       from reference in References(JsonDocument.Parse(e.Data).RootElement)
                       where Kind.TryFind(reference.Kind, out _)
                       where reference.Stream(e.Envelope.Source) is { } stream
                           ? !Folds.TryGetValue(stream, out var fold) || !HasPart(fold.State!, reference.Line)
                           : !numbers.Contains(reference.Number!)
                       select $"{e.Envelope.Source} {e.Envelope.Id}: {reference}";
        dangling.ShouldBeEmpty();
    }

    [Fact]
    public void Every_invoice_adds_up_but_the_one_planted_not_to_round_as_agreed()
    {
        var off = from invoice in Of<Invoice>()
                  let computed = invoice.Lines.Where(l => l.Price is null).Sum(l => l.Net!.Value) + WorkOf(invoice)
                  let totals = invoice.Totals!
                  where invoice.Lines.Sum(l => l.Net!.Value) != totals.Net || totals.Net + totals.Tax != totals.Gross
                      || totals.Tax != invoice.Taxes.Sum(t => Cents(t.Base!.Value * t.Rate!.Value / 100m))
                      || computed != totals.Net
                  select $"{invoice.Number} {computed - totals.Net}";
        off.ShouldBe(Faults.Where(f => f.Class == "rounding").Select(f => $"{f.Invoice} -{f.Amount}"));
    }

    [Fact]
    public void Every_posting_balances_and_books_its_document_but_where_planted()
    {
        var documents = Folds.Where(f => f.Value.State is Invoice)
            .ToDictionary(f => f.Key, f => (Invoice)f.Value.State!);
        var live = Of<Posting>().Where(p => p.Reverses is null && p.Status is PostingStatus.Posted).ToArray();
        Of<Posting>().Where(p => p.Entries.Sum(e => e.Debit ?? 0m) != p.Entries.Sum(e => e.Credit ?? 0m)
            || p.Totals!.Net + p.Totals.Tax != p.Totals.Gross).Select(p => p.Number).ShouldBeEmpty();
        var off = from document in documents
                  let booked = live.Where(p => p.Document!.Stream("erp") == document.Key
                      || (p.Document.Number is { } number && number == document.Value.Number)).ToArray()
                  let due = document.Value.IsLive ? document.Value.Totals!.Net!.Value : 0m
                  let difference = booked.Sum(p => p.Totals!.Net!.Value) - due
                  where difference != 0m
                  select $"{document.Value.Number} {Math.Abs(difference):0.00}";
        off.Order().ShouldBe(Faults.Where(f => f.Class is "missing" or "amount" || f.Related.Contains("HM-2026-0117"))
            .Select(f => $"{f.Invoice} {f.Amount}").Order());
    }

    [Fact]
    public void Comes_as_connectors_deliver_twice_late_and_out_of_order()
    {
        Lines.GroupBy(l => l.Text).Count(g => g.Count() > 1).ShouldBe(3);
        var seen = new HashSet<string>();
        Lines.Where(l => l.File == "psa").Count(l =>
            seen.Add($"{l.Envelope!.Stream} {l.Envelope.Type}") && l.Envelope.Type == "time_entry_approved"
            && !seen.Contains($"{l.Envelope.Stream} time_entry_recorded")
            && !seen.Contains($"{l.Envelope.Stream} time_stated")).ShouldBe(1);
        var psa = Lines.Where(l => l.File == "psa").Select(l => l.Envelope!.Time).ToArray();
        psa.Zip(psa.Skip(1)).Count(pair => pair.Second < pair.First).ShouldBeGreaterThan(0);
        Events.Count(e => e.Definition.IsSnapshot).ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Every_planted_fault_names_an_invoice_and_the_event_that_started_it()
    {
        var numbers = Of<Invoice>().Select(i => i.Number).ToHashSet();
        foreach (var fault in Faults)
        {
            numbers.ShouldContain(fault.Invoice);
            Events.ShouldContain(e => e.Envelope.Source == fault.Event.Source && e.Envelope.Id == fault.Event.Id, fault.Sentence);
            fault.Streams.ShouldAllBe(stream => Folds.ContainsKey(stream), fault.Sentence);
        }
    }

    [Fact]
    public void Every_request_of_the_engagement_carries_events_that_read()
    {
        var requests = File.ReadAllText(Path.Combine(Checkout.Root, "samples", "engagement.http")).Split("###")
            .Where(r => r.Contains("POST {{ledger}}/v1/events", StringComparison.Ordinal))
            .Select(r => r[r.IndexOf("\n\n", StringComparison.Ordinal)..]);
        var events = from body in requests
                     from item in body.Contains("\n{\"", StringComparison.Ordinal)
                         ? body.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                         : Elements(body)
                     select EnvelopeReader.Read(Encoding.UTF8.GetBytes(item));
        var readings = events.ToArray();
        readings.Where(r => r is not Understood and not UnknownType).ShouldBeEmpty();
        readings.OfType<UnknownType>().ShouldHaveSingleItem();
        readings.OfType<Understood>().Select(u => u.Envelope.Id).Distinct().Count().ShouldBe(12);
    }

    private static IEnumerable<string> Elements(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? [.. document.RootElement.EnumerateArray().Select(e => e.GetRawText())]
            : [document.RootElement.GetRawText()];
    }

    private static IEnumerable<TState> Of<TState>() => Folds.Values.Select(f => f.State).OfType<TState>();

    // What the priced lines come to by the rounding of the invoice's contract.
    private static decimal WorkOf(Invoice invoice)
    {
        var contract = (Contract)Folds[invoice.Contracts[0].Stream("billing")!].State!;
        var work = from line in invoice.Lines
                   where line.Price is not null
                   from billed in line.Bills ?? [new(new("time", Id: line.Line), line.Quantity)]
                   select new ProbedWork(billed.Ref.Id!, line.Price!.Extend(billed.Quantity!)!.Value, line.Line);
        return RoundingProbe.Total(work, contract.Rounding!, invoice.Currency!.Value).Amount;
    }

    private static decimal Cents(decimal amount) => Rounding.Round(amount, 2, RoundingMode.HalfAwayFromZero);

    private static bool HasPart(RecordState state, string? part) => part is null || state switch
    {
        Project p => p.Tasks.Any(t => t.Task == part),
        Invoice i => i.Lines.Any(l => l.Line == part),
        _ => false,
    };

    private static IEnumerable<Ref> References(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray().SelectMany(References)) yield return item;
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            var names = element.EnumerateObject().Select(p => p.Name).ToHashSet();
            if (names.Contains("kind") && names.IsSubsetOf(["kind", "source", "id", "number", "date", "entity", "line"])
                && (names.Contains("id") || names.Contains("number")))
                yield return element.Deserialize<Ref>(LedgerJson.Options)!;
            foreach (var item in element.EnumerateObject().SelectMany(p => References(p.Value))) yield return item;
        }
    }

    private static RecordedEvent Recorded(Understood read, int arrival) => new(
        arrival + 1, read.Envelope.Source, read.Envelope.Id, read.Envelope.Stream, read.Envelope.Type,
        read.Envelope.Time, read.Envelope.CountsFrom, read.Envelope.Sequence, read.Envelope.Actor, read.Envelope.Time,
        read.Body);

    private static IEnumerable<Line> Read(string file) => File.ReadLines(Path.Combine(Folder, file + ".ndjson"))
        .Select((text, index) => new Line(file, index + 1, text, EnvelopeReader.Read(Encoding.UTF8.GetBytes(text))));

    private sealed record Line(string File, int Number, string Text, Reading Reading)
    {
        public Envelope? Envelope => (Reading as Understood)?.Envelope ?? (Reading as UnknownType)?.Envelope;

        public string? Source => Envelope?.Source;

        public override string ToString() => $"{File}.ndjson:{Number} {Reading}";
    }

    private sealed record Planted(
        string Class, string Invoice, string Amount, string Currency, EventKey Event, string[] Related, string[] Streams,
        string Sentence);

    private sealed record EventKey(string Source, string Id);
}
