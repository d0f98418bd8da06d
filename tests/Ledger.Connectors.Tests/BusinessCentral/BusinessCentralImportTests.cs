using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Tests.BusinessCentral;

public sealed class BusinessCentralImportTests
{
    private static readonly Currency Pound = Currency.Of("GBP");

    private static readonly Ref Company = new("legal_entity", Id: "c0000000-0000-4000-8000-000000000001");

    [Fact]
    public void Every_record_is_stated_by_its_immutable_id_at_its_modified_time()
    {
        var read = Written.Read(Written.All);
        read.Problems.ShouldBeEmpty();
        read.Warnings.ShouldBeEmpty();
        read.Events.CountBy(e => e.Definition.Name).Select(c => $"{c.Value} {c.Key}").ShouldBe(
        [
            "1 source_registered", "1 client_stated", "1 project_stated", "1 time_stated", "2 invoice_stated",
            "2 posting_stated", "1 payment_stated",
        ]);
        read.Events.Skip(1).All(e => Guid.TryParse(e.Envelope.RecordId, out _)).ShouldBeTrue();
        read.Events.Skip(1).ShouldAllBe(e => e.Body.Entity == Company);
        Body<SourceRegistered>(read).ShouldBe(new SourceRegistered(
            [Role.Erp], ["client", "project", "time", "invoice", "posting", "payment"], "Business Central"));
        Body<SourceRegistered>(Written.Read(Written.Customers)).Kinds.ShouldBe(["client"], "nothing else is promised");
        var project = read.Events.Single(e => e.Body is ProjectStated).Envelope;
        (project.TimeBasis, project.Time).ShouldBe(
            (TimeBasis.Observed, Instant.FromUtc(2026, 4, 10, 10, 0)), "it tells no time; its neighbours do");
    }

    [Fact]
    public void An_invoice_carries_its_lines_discounts_and_totals_as_stated()
    {
        var invoice = Invoice(Written.Read(Written.Invoices), "S-7");
        (invoice.Status.Value, invoice.IssuedOn.Value, invoice.OrderRef.Value)
            .ShouldBe((InvoiceStatus.Issued, new LocalDate(2026, 3, 31), "PO-9"));
        invoice.Totals.Value.ShouldBe(new InvoiceTotals(950m, 190m, 1140m, Open: 600m));
        invoice.Covers.ShouldBeNull("the lines told within it are all it has");
        invoice.Lines.Value.ShouldBe(
        [
            new InvoiceLine(
                "0b1f0f3e-0000-4000-8000-000000000071", 10_000, "resource", "Naval architect",
                Quantity: new(10m, Unit.Hour), Price: new(100m, Pound, Unit.Hour),
                Adjustments: [new Adjustment(false, 50m, "invoice discount")], Net: 950m,
                Tax: new(190m, Code: "STD", Rate: 20m, Base: 950m),
                Work: new(Resource: new("resource", Number: "LINDA"))),
        ]);
        invoice.Settlement.ShouldBe(new Said<Settlement>(true, null));
    }

    [Fact]
    public void A_credit_memo_names_its_invoice_and_takes_lines_told_beside_it_as_some_of_its_lines()
    {
        var memo = Invoice(Written.Read(Written.Credits, Written.CreditLine), "C-1");
        memo.DocumentType.Value.ShouldBe(DocumentType.CreditNote);
        memo.Preceding.Value.ShouldBe([new Preceding(new("invoice", Id: Written.Invoice), PrecedingRelation.Credits)]);
        memo.Lines.Value.ShouldHaveSingleItem().Net.ShouldBe(200m);
        memo.Covers.ShouldBe(["ext"]);
    }

    [Fact]
    public void A_line_without_its_document_is_a_part_of_it_and_no_more()
    {
        var alone = Written.Read(Written.CreditLine.Replace("\"netTaxAmount\":40", "\"netTaxAmount\":40,"
            + "\"lastModifiedDateTime\":\"2026-04-02T09:00:00Z\""));
        var made = alone.Events.Single(e => e.Body is InvoiceStated);
        made.Envelope.RecordId.ShouldBe(Written.Credit);
        var part = (InvoiceStated)made.Body;
        (part.Covers!.Count, part.Status.IsSaid, part.Totals.IsSaid, part.Lines.Value!.Count).ShouldBe((0, false, false, 1));
        Written.Read(Written.CreditLine).Problems.ShouldHaveSingleItem().Pointer.ShouldBe("/lastModifiedDateTime");
    }

    [Fact]
    public void A_payment_is_money_in_and_names_what_it_pays()
    {
        var payment = Body<PaymentStated>(Written.Read(Written.Payments, Written.Invoices));
        (payment.Number, payment.Amount.Value, payment.Currency.Value, payment.ReceivedOn.Value)
            .ShouldBe(("P-1", 540m, Pound, new LocalDate(2026, 4, 10)), "its invoice tells the currency");
        payment.Applications.Value.ShouldBe(
        [
            new Application(
                "0b1f0f3e-0000-4000-8000-000000000009", new("invoice", Id: Written.Invoice), ApplicationKind.Cash, 540m,
                new LocalDate(2026, 4, 10)),
        ]);
        Body<PaymentStated>(Written.Read(Written.Payments)).Currency.IsSaid.ShouldBeFalse();
    }

    [Fact]
    public void Entries_of_the_general_ledger_name_the_document_by_its_number()
    {
        var entries = Written.Read(Written.Ledger, Written.Invoices).Events.Select(e => e.Body).OfType<PostingStated>()
            .OrderBy(p => p.Number).ToArray();
        entries.Select(p => p.Document.Value).ShouldBe(
            [new Ref("invoice", Number: "S-7"), new Ref("invoice", Number: "S-7")]);
        entries.Select(p => (p.Entries.Value!.Single(), p.Period.Value)).ShouldBe(
            [(new PostingEntry("6410", Credit: 950m), "2026-03"), (new PostingEntry("2310", Debit: 1140m), "2026-03")]);
        entries.ShouldAllBe(p => !p.Totals.IsSaid);
        Written.Read(Written.Ledger).Events.Select(e => e.Body).OfType<PostingStated>()
            .Count(p => p.Document.IsSaid).ShouldBe(1, "without a type, the number alone names nothing");
    }

    [Fact]
    public void Time_keeps_its_quantity_and_its_approval()
    {
        var made = Written.Read(Written.Times).Events.Single(e => e.Body is TimeStated);
        made.Envelope.CountsFrom.ShouldBe(new LocalDate(2026, 3, 2));
        var time = (TimeStated)made.Body;
        (time.Quantity.Value, time.Approval.Value, time.Task.Value)
            .ShouldBe((new Quantity(7.5m, Unit.Hour), new Approval(ApprovalStatus.Approved), "1010"));
        time.Project.Value.ShouldBe(new Ref("project", Id: "0b1f0f3e-0000-4000-8000-000000000002"));
    }

    [Theory]
    [InlineData("Draft", InvoiceStatus.Draft, false)]
    [InlineData("In Review", InvoiceStatus.Draft, false)]
    [InlineData("Open", InvoiceStatus.Issued, false)]
    [InlineData("Paid", InvoiceStatus.Issued, true)]
    [InlineData("Canceled", InvoiceStatus.Cancelled, false)]
    [InlineData("Perhaps", null, false)]
    public void A_status_is_what_the_source_says_or_nothing(string said, InvoiceStatus? status, bool settled)
    {
        var read = Written.Read(Written.Invoices.Replace("\"Open\"", $"\"{said}\""));
        var invoice = Invoice(read, "S-7");
        (invoice.Status.Value, invoice.Settlement.Value is not null).ShouldBe((status, settled));
        read.Warnings.Select(w => w.Code).ShouldBe(status is null ? ["unknown_value"] : Array.Empty<string>());
    }

    [Fact]
    public void Of_two_statements_with_one_modified_time_the_further_one_counts_and_both_are_named()
    {
        string[] answers = [Written.Invoices.Replace("\"Open\"", "\"Paid\""), Written.Invoices];
        foreach (var given in new[] { answers, [.. answers.Reverse()] })
        {
            var read = Written.Read(given);
            read.Warnings.ShouldHaveSingleItem().Code.ShouldBe("stated_otherwise");
            read.Events.Where(e => e.Body is InvoiceStated).OrderBy(e => e.Envelope.Id, StringComparer.Ordinal)
                .Select(e => ((InvoiceStated)e.Body).Settlement.Value is not null).ShouldBe([false, true]);
        }
    }

    [Fact]
    public void What_it_does_not_know_is_named()
    {
        var read = Written.Read(Written.Projects.Replace(")/projects", ")/salesQuotes"));
        read.Events.ShouldBeEmpty();
        read.Warnings.ShouldHaveSingleItem().Code.ShouldBe("not_read");
    }

    [Fact]
    public void A_file_may_tell_by_its_name_what_it_holds() =>
        ImportProfiles.Import("business-central",
        [
            new("answers/dynamics_customer_get__1.json", System.Text.Encoding.UTF8.GetBytes(
                """{"id":"f2a5738a-44e3-ea11-bb43-000d3a2feca1","lastModifiedDateTime":"2020-08-21T07:38:44.293Z"}""")),
        ]).Events.Select(e => e.Envelope.Stream).ShouldBe(
            ["source/ledger:erp", "client/erp:f2a5738a-44e3-ea11-bb43-000d3a2feca1"]);

    private static InvoiceStated Invoice(Imported read, string number) =>
        read.Events.Select(e => e.Body).OfType<InvoiceStated>().Single(i => i.Number == number);

    private static T Body<T>(Imported read) => read.Events.Select(e => e.Body).OfType<T>().ShouldHaveSingleItem();
}
