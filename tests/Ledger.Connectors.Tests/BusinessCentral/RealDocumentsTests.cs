using Ledger.Domain;
using Ledger.Testing;

namespace Ledger.Connectors.Tests.BusinessCentral;

/// <summary>The vendor's own examples: what they state, and where they contradict each other.</summary>
public sealed class RealDocumentsTests
{
    private const string Folder = "vendor_bc";

    [RealFact(Folder)]
    public void What_they_hold_is_stated_and_what_is_not_read_is_named()
    {
        var read = Everything();
        read.Events.CountBy(e => e.Definition.Name).Select(c => $"{c.Value} {c.Key}").ShouldBe(
        [
            "1 source_registered", "1 client_stated", "1 project_stated", "1 time_stated", "5 invoice_stated",
            "1 posting_stated", "1 payment_stated",
        ]);
        var problem = read.Problems.ShouldHaveSingleItem("a record that was only asked for");
        (Path.GetFileName(problem.File), problem.Pointer, problem.Code)
            .ShouldBe(("dynamics_customer_create__1.json", "/id", "required"));
        read.Warnings.CountBy(w => w.Code).OrderBy(c => c.Key).Select(c => $"{c.Value} {c.Key}").ShouldBe(
            ["2 no_minus", "21 not_read", "1 stated_otherwise"]);
    }

    [RealFact(Folder)]
    public void The_invoice_and_its_line_tie_to_the_cent()
    {
        var invoice = Everything().Events.Select(e => e.Body).OfType<InvoiceStated>()
            .Single(i => i.Settlement.Value is not null);
        invoice.Number.ShouldBe("PS-INV103001");
        invoice.Totals.Value.ShouldBe(new InvoiceTotals(164.7m, 8.24m, 172.94m, Open: 0m));
        var line = invoice.Lines.Value.ShouldHaveSingleItem();
        (line.Net, line.Tax!.Amount, line.Quantity!.Value * line.Price!.Amount).ShouldBe((164.7m, 8.24m, 164.7m));
    }

    [RealFact(Folder)]
    public void References_are_by_id_where_there_is_one_and_by_number_where_it_is_a_placeholder()
    {
        var read = Everything();
        var memo = read.Events.Single(e => e.Envelope.RecordId == "id-value").Body.ShouldBeOfType<InvoiceStated>();
        (memo.DocumentType.Value, memo.Totals.Value).ShouldBe(
            (DocumentType.CreditNote, new InvoiceTotals(6825.6m, 682.56m, 7508.16m)));
        memo.Preceding.Value.ShouldBe([new Preceding(new("invoice", Number: "100009"), PrecedingRelation.Credits)]);
        memo.Client.Value.ShouldBe(new Ref("client", Number: "GL00000008"));
        var payment = read.Events.Select(e => e.Body).OfType<PaymentStated>().Single();
        payment.Applications.Value!.Single().Target.ShouldBe(new Ref("invoice", Number: "100000"));
        read.Events.Select(e => e.Body).OfType<PostingStated>().Single().Document.Value
            .ShouldBe(new Ref("invoice", Number: "PS-INV103001"), "its type is blank; the invoice is among the answers");
        read.Events.Select(e => e.Body).OfType<TimeStated>().Single().Project.ShouldBe(new Said<Ref>(true, null));
    }

    [RealFact(Folder)]
    public void Every_event_is_one_the_door_would_read_the_same_in_any_order_of_files()
    {
        var once = Everything().Events;
        foreach (var made in once)
            EnvelopeReader.Read(Posted.Json(made)).ShouldBeOfType<Understood>().Data.ShouldBe(made.Data);
        ImportProfiles.Import("business-central", [.. Files().Reverse()]).Events.Select(e => e.Envelope.Id)
            .ShouldBe(once.Select(e => e.Envelope.Id));
    }

    private static ImportFile[] Files() =>
        [.. Directory.GetFiles(RealData.Path(Folder)!).Order(StringComparer.Ordinal)
            .Select(path => new ImportFile(path, File.ReadAllBytes(path)))];

    private static Imported Everything() => ImportProfiles.Import("business-central", Files());
}
