using System.Text;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Testing;
using NodaTime;

namespace Ledger.Connectors.Tests.Kantata;

/// <summary>A recorded engagement: 20 invoices of 22, with their time entries and expenses.</summary>
public sealed class EngagementTests
{
    private const string Folder = "vendor_kantata_mavenlink";

    [RealFact(Folder)]
    public void Carries_every_record_and_says_how_many_there_should_be()
    {
        var read = Engagement();
        read.Problems.ShouldBeEmpty();
        read.Warnings.ShouldBeEmpty();
        read.Events.CountBy(e => e.Definition.Name).Select(c => $"{c.Value} {c.Key}").ShouldBe(
        [
            "1 source_registered", "227 time_stated", "11 expense_stated", "20 invoice_stated", "1 extract_completed",
        ]);
        var extract = read.Events.Select(e => e.Body).OfType<ExtractCompleted>().Single();
        (extract.Of, extract.Count, extract.Delivered, extract.Page, extract.Pages).ShouldBe(("invoice", 22, 20, 1, 2));
        extract.Sums.ShouldBe([new("gross", 13_331.77m, Currency.Of("USD"))]);
    }

    [RealFact(Folder)]
    public void Registers_one_system_with_both_its_roles_and_what_it_carries()
    {
        var first = Engagement().Events[0];
        first.Envelope.Stream.ShouldBe("source/ledger:kantata", "a stream is written by its source only");
        first.Body.ShouldBe(
            new SourceRegistered([Role.Psa, Role.Billing], ["time", "expense", "invoice"], "Kantata OX"));
    }

    [RealFact(Folder)]
    public void Keeps_minutes_as_minutes_and_cents_exactly()
    {
        var entry = Body<TimeStated>(Read("invoice_8185325_with_time_and_fixed_fee.json"), "time/kantata:1325852305");
        entry.Quantity.Value.ShouldBe(new Quantity(84m, Unit.Minute));
        entry.BillRate.Value.ShouldBe(new Rate(140m, Currency.Of("USD"), Unit.Hour));
        entry.CostRate.Value.ShouldBe(new Rate(70m, Currency.Of("USD"), Unit.Hour));
        var all = Engagement();
        all.Events.Select(e => e.Body).OfType<TimeStated>().Sum(t => t.Quantity.Value!.Value).ShouldBe(Minutes());
        all.Events.Select(e => e.Body).OfType<ExpenseStated>().Sum(x => x.Amount.Value).ShouldBe(299.69m);
    }

    [RealFact(Folder)]
    public void Keeps_dates_as_dates_and_instants_as_instants()
    {
        var entry = Read("invoice_8185325_with_time_and_fixed_fee.json").Events
            .Single(e => e.Envelope.Stream == "time/kantata:1325852305");
        ((TimeStated)entry.Body).WorkedOn.Value.ShouldBe(new LocalDate(2020, 1, 14));
        entry.Envelope.CountsFrom.ShouldBe(new LocalDate(2020, 1, 14));
        entry.Envelope.Time.ShouldBe(Instant.FromUtc(2020, 1, 31, 8, 31, 25));
        entry.Envelope.TimeBasis.ShouldBe(TimeBasis.Modified);
    }

    [RealFact(Folder)]
    public void Says_of_approval_what_the_source_says_and_invents_no_approver()
    {
        foreach (var entry in Engagement().Events.Select(e => e.Body).OfType<TimeStated>())
        {
            entry.Approval.ShouldBe(new Said<Approval>(true, null));
            entry.Stated.Value.ShouldBe(new StatedFlags("not_approved", true));
        }
    }

    [RealFact(Folder)]
    public void An_accepted_payment_settles_the_invoice_by_statement_and_leaves_nothing_open()
    {
        var paid = Body<InvoiceStated>(Engagement(), "invoice/kantata:8402215");
        paid.Number.ShouldBe("12537");
        paid.Status.Value.ShouldBe(InvoiceStatus.Issued);
        paid.Settlement.Value.ShouldBe(new Settlement());
        paid.Totals.Value.ShouldBe(new InvoiceTotals(Tax: 0m, Gross: 1293.33m, Payable: 1293.33m));
        paid.Client.IsSaid.ShouldBeFalse();
        (paid.IssuedOn.Value, paid.DueOn.Value, paid.Terms.Value)
            .ShouldBe((new LocalDate(2020, 2, 29), new LocalDate(2020, 3, 30), new Terms(TermsKind.Net, 30)));

        var cancelled = Body<InvoiceStated>(Engagement(), "invoice/kantata:8379695");
        (cancelled.Status.Value, cancelled.Settlement.Value).ShouldBe((InvoiceStatus.Cancelled, null));
        cancelled.Totals.Value!.Open.ShouldBeNull();
    }

    [RealFact(Folder)]
    public void Derives_one_line_from_each_thing_billed_and_no_net_nobody_states()
    {
        var invoice = Body<InvoiceStated>(Engagement(), "invoice/kantata:8685375");
        invoice.Covers.ShouldBe(["ext", "lines.time", "lines.expense"], "fixed fees were not asked for");
        var lines = invoice.Lines.Value!;
        lines.CountBy(l => l.Kind!).Select(c => $"{c.Value} {c.Key}").ShouldBe(["61 time", "11 expense"]);
        lines.ShouldAllBe(l => l.Basis == LineBasis.Derived && l.Bills!.Count == 1);
        lines.Where(l => l.Kind == "time").ShouldAllBe(l => l.Net == null && l.Quantity != null && l.Price != null);
        lines.Where(l => l.Kind == "expense").Sum(l => l.Net).ShouldBe(299.69m);
        lines[0].Line.ShouldBe("time/" + lines[0].Bills![0].Ref.Id);
    }

    [RealFact(Folder)]
    public void A_list_without_includes_says_nothing_of_lines()
    {
        var read = Read("invoices_page1.json");
        read.Problems.ShouldBeEmpty();
        var invoices = read.Events.Select(e => e.Body).OfType<InvoiceStated>().ToArray();
        invoices.Length.ShouldBe(20);
        invoices.ShouldAllBe(i => !i.Lines.IsSaid && i.Covers == null);
        invoices.Where(i => i.Totals.Value!.Open is not null).ShouldAllBe(i => i.Ext!["status"] == "new");
        var extract = read.Events.Select(e => e.Body).OfType<ExtractCompleted>().Single();
        (extract.Count, extract.Delivered, extract.Page, extract.Pages).ShouldBe((9616, 20, 1, 481));
    }

    [RealFact(Folder)]
    public void Tasks_are_told_one_by_one_into_their_project_in_any_order()
    {
        var read = Read("stories_workspace_27254285.json", "workspace_27254285_invoices_with_time_and_expenses.json");
        read.Problems.ShouldBeEmpty();
        read.Warnings.ShouldBeEmpty("the entries tell the project's currency");
        var project = (Project)Fold(read, "project/kantata:27254285").State!;
        project.Tasks.Count.ShouldBe(5);
        var fees = project.Tasks.Where(t => t.FixedFee == true).ToArray();
        fees.ShouldNotBeEmpty();
        fees.ShouldAllBe(t => t.Budget == 500m);
        project.Ext!["task/464578615/state"].ShouldBe("started");
        ((Project)Fold(Reversed(read), "project/kantata:27254285").State!).ShouldBe(project);
    }

    [RealFact(Folder)]
    public void A_budget_whose_currency_nobody_tells_is_read_with_a_warning() =>
        Read("stories_workspace_27254285.json").Warnings.Select(w => w.Code).Distinct().ShouldBe(["no_currency"]);

    [RealFact(Folder)]
    public void Reads_a_project_and_a_payment_that_names_its_invoice()
    {
        var project = Body<ProjectStated>(Read("workspace_28370425.json"), "project/kantata:28370425");
        (project.Budget.Value, project.Currency.Value, project.Approval.Value)
            .ShouldBe((50_000m, Currency.Of("USD"), false));
        (project.Start.Value, project.End.Value).ShouldBe((null, new LocalDate(2019, 11, 30)));
        (project.Ext!["rate_card_id"], project.Ext["status/key"]).ShouldBe(("647755", "130"));

        var payment = Body<PaymentStated>(Read("external_payment_created.json"), "payment/kantata:7227375");
        payment.Applications.Value.ShouldBe(
            [new("7227375", new Ref("invoice", Id: "10662795"), ApplicationKind.Cash, 10m)]);
        payment.ReceivedOn.IsSaid.ShouldBeFalse("when the money came, nobody says");
    }

    [RealFact(Folder)]
    public void Every_event_is_one_the_door_would_read_the_same()
    {
        foreach (var made in Everything().Events)
        {
            var read = EnvelopeReader.Read(Posted.Json(made)).ShouldBeOfType<Understood>();
            read.Envelope.ShouldBe(made.Envelope with { LocalDate = read.Envelope.LocalDate });
            read.Body.ShouldBe(made.Body);
            read.Data.ShouldBe(made.Data);
        }
    }

    [RealFact(Folder)]
    public void The_same_documents_give_the_same_events_in_any_order_of_files_and_records()
    {
        var once = Everything().Events;
        once.Select(e => e.Envelope.Id).ShouldBeUnique();
        Bytes(Read([.. Files.Reverse().Select(Turned)])).ShouldBe(Bytes(Everything()));
    }

    [RealFact(Folder)]
    public void A_changed_row_is_another_event_of_the_same_record()
    {
        var file = File("invoice_8185325_with_time_and_fixed_fee.json");
        var changed = new ImportFile(file.Name, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(file.Content.Span)
            .Replace("\"time_in_minutes\": 84", "\"time_in_minutes\": 90", StringComparison.Ordinal)));
        var (before, after) = (Read([file]).Events, Read([changed]).Events);
        var news = after.Where(e => !before.Any(b => b.Envelope.Id == e.Envelope.Id)).Select(e => e.Envelope.Kind);
        news.ShouldBe(["time", "invoice", "extract"]);
    }

    private static readonly string[] Files =
    [
        "external_payment_created.json", "invoice_8185325_with_time_and_fixed_fee.json", "invoices_page1.json",
        "stories_workspace_27254285.json", "workspace_27254285_invoices_with_time_and_expenses.json",
        "workspace_28370425.json",
    ];

    private static Imported Engagement() => Read("workspace_27254285_invoices_with_time_and_expenses.json");

    private static Imported Everything() => Read(Files);

    private static Imported Read(params string[] names) => Read([.. names.Select(File)]);

    private static ImportFile File(string name) =>
        new(name, System.IO.File.ReadAllBytes(RealData.Path($"{Folder}/{name}")!));

    private static Imported Read(ImportFile[] files) => ImportProfiles.Import("kantata", files);

    private static T Body<T>(Imported read, string stream) =>
        read.Events.Single(e => e.Envelope.Stream == stream).Body.ShouldBeOfType<T>();

    private static Imported Reversed(Imported read) => read with { Events = read.Events.Reverse().ToItems() };

    private static Folded Fold(Imported read, string stream) => StreamFold.Fold(
        Kind.Find(StreamName.KindOf(stream)),
        read.Events.Where(e => e.Envelope.Stream == stream).Select((e, i) => new RecordedEvent(
            i + 1, e.Envelope.Source, e.Envelope.Id, stream, e.Envelope.Type, e.Envelope.Time, e.Envelope.CountsFrom,
            null, null, e.Envelope.Time, e.Body)));

    private static string[] Bytes(Imported read) =>
        [.. read.Events.Select(e => e.Envelope.Id + " " + Encoding.UTF8.GetString(e.Data))];

    private static decimal Minutes()
    {
        using var json = JsonDocument.Parse(
            File("workspace_27254285_invoices_with_time_and_expenses.json").Content);
        return json.RootElement.GetProperty("time_entries").EnumerateObject()
            .Sum(e => e.Value.GetProperty("time_in_minutes").GetInt32());
    }

    /// <summary>The same document with every record, field and id in reverse order.</summary>
    private static ImportFile Turned(string name)
    {
        var file = File(name);
        var node = System.Text.Json.Nodes.JsonNode.Parse(file.Content.Span)!;
        return new(name, Encoding.UTF8.GetBytes(Turned(node)!.ToJsonString()));
    }

    private static System.Text.Json.Nodes.JsonNode? Turned(System.Text.Json.Nodes.JsonNode? node) => node switch
    {
        System.Text.Json.Nodes.JsonObject o => new System.Text.Json.Nodes.JsonObject(
            o.Reverse().Select(m => KeyValuePair.Create(m.Key, Turned(m.Value)))),
        System.Text.Json.Nodes.JsonArray a => new System.Text.Json.Nodes.JsonArray([.. a.Reverse().Select(Turned)]),
        _ => node?.DeepClone(),
    };
}
