using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Tests.Ubl;

public sealed class UblImportTests
{
    private static readonly Currency Pound = Currency.Of("GBP");

    [Fact]
    public void A_document_states_itself_its_seller_and_its_buyer()
    {
        var read = Written.Read(Written.Invoice);
        read.Problems.ShouldBeEmpty();
        read.Warnings.ShouldBeEmpty();
        read.Events.Select(e => e.Envelope.Stream).ShouldBe(
        [
            "source/ledger:ubl", "client/ubl:04441122/C-77", "invoice/ubl:04441122/380/AF-2026-7/2026-03-31/1130GBP",
            "legal_entity/ubl:04441122",
        ]);
        Body<ClientStated>(read).ShouldBe(new ClientStated(
            Name: "Humber Yard plc", Emails: Items.Of<string>(["ap@humber.example"]),
            Addresses: Items.Of<Address>([new("1 Quay", "Hull", Country: "GB")])));
        Body<LegalEntityStated>(read).ShouldBe(new LegalEntityStated(
            "Aire Forge Ltd", "GB", TaxIds: Items.Of<TaxId>([new("VAT", "GB", "GB123456789")]), RegistrationNo: "04441122"));
        Body<SourceRegistered>(read).Roles.ShouldBe([Role.Billing]);
    }

    [Fact]
    public void Everything_of_the_document_is_stated_as_it_stands()
    {
        var read = Written.Read(Written.Invoice);
        var made = read.Events.Single(e => e.Body is InvoiceStated);
        (made.Envelope.Time, made.Envelope.TimeBasis).ShouldBe((Instant.FromUtc(2026, 3, 31, 0, 0), TimeBasis.Date));
        var invoice = (InvoiceStated)made.Body;
        (invoice.Number, invoice.Status.Value, invoice.DocumentType.Value, invoice.TypeCode.Value)
            .ShouldBe(("AF-2026-7", InvoiceStatus.Issued, DocumentType.Invoice, "380"));
        (invoice.IssuedOn.Value, invoice.DueOn.Value, invoice.OrderRef.Value, invoice.PaymentRef.Value)
            .ShouldBe((new LocalDate(2026, 3, 31), new LocalDate(2026, 4, 30), "PO-9", "AF7"));
        invoice.Totals.Value.ShouldBe(
            new InvoiceTotals(950.45m, 180m, 1130.45m, 0m, -0.45m, 1130m, null, 1050.45m, 100m));
        invoice.Adjustments.Value.ShouldBe([new Adjustment(false, 100m, "Loyalty", 10m, 1000m, "S")]);
        invoice.Taxes.Value.ShouldBe(
            [new Tax(180m, "S", Rate: 20m, Base: 900m), new Tax(0m, "Z", Rate: 0m, Base: 50.45m)]);
        invoice.Lines.Value.ShouldBe(
        [
            new InvoiceLine(
                "1", 1, Description: "Naval architect", Quantity: new(600m, Unit.Minute), Price: new(100m, Pound, Unit.Hour),
                Net: 1000m, Tax: new(Category: "S", Rate: 20m)),
            new InvoiceLine(
                "2", 2, Description: "Fare: Return", Quantity: new(1m, Unit.Piece), Price: new(50.45m, Pound, Unit.Piece),
                Net: 50.45m, Tax: new(Category: "Z", Rate: 0m)),
        ]);
        invoice.Ext.ShouldBe(new Ext([
            new("line/2/note", "by train"), new("note", "Thank you"), new("payment_means", "30"),
        ]));
    }

    [Fact]
    public void A_credit_note_is_positive_and_names_what_it_credits()
    {
        var read = Written.Read(Written.Invoice, Written.CreditNote);
        read.Problems.ShouldBeEmpty();
        var note = read.Events.Select(e => e.Body).OfType<InvoiceStated>().Single(i => i.Number == "AF-2026-C1");
        (note.DocumentType.Value, note.Totals.Value!.Gross).ShouldBe((DocumentType.CreditNote, 1130.45m));
        note.Preceding.Value.ShouldBe(
            [new Preceding(new("invoice", Number: "AF-2026-7", Date: new(2026, 3, 31)), PrecedingRelation.Credits)]);
        read.Events.Count(e => e.Body is ClientStated or LegalEntityStated).ShouldBe(2, "what is told alike is told once");
    }

    [Theory]
    [InlineData("384", DocumentType.Corrective, PrecedingRelation.Corrects)]
    [InlineData("386", DocumentType.Prepayment, PrecedingRelation.Follows)]
    [InlineData("380", DocumentType.Invoice, PrecedingRelation.Follows)]
    [InlineData("381", DocumentType.CreditNote, PrecedingRelation.Credits)]
    public void The_type_code_says_what_a_document_is_to_the_one_before(
        string code, DocumentType type, PrecedingRelation rel)
    {
        var text = Written.CreditNote.Replace("CreditedQuantity", "InvoicedQuantity").Replace("CreditNote", "Invoice")
            .Replace("TypeCode>381<", $"TypeCode>{code}<");
        var read = Written.Read(text);
        var invoice = Body<InvoiceStated>(read);
        (invoice.DocumentType.Value, invoice.Preceding.Value!.Single().Rel).ShouldBe((type, rel));
        read.Warnings.Select(w => w.Code).ShouldBe(code == "381" ? ["other_type"] : Array.Empty<string>());
    }

    [Fact]
    public void What_was_prepaid_by_a_document_it_names_is_prepaid_by_that()
    {
        var read = Written.Read(Written.CreditNote.Replace("CreditedQuantity", "InvoicedQuantity")
            .Replace("CreditNote", "Invoice").Replace("TypeCode>381<", "TypeCode>380<")
            .Replace(">0</cbc:PrepaidAmount>", ">130.00</cbc:PrepaidAmount>").Replace(">+1130.00<", ">1000.00<"));
        read.Warnings.ShouldBeEmpty();
        Body<InvoiceStated>(read).Preceding.Value.ShouldBeEmpty();
        Body<CoverageStated>(read).ShouldBe(new CoverageStated(
            CoverageRelation.Prepays, new("invoice", Number: "AF-2026-7", Date: new(2026, 3, 31)),
            new("invoice", Id: "04441122/380/AF-2026-C1/2026-04-02/1000GBP"), Amount: 130m, Currency: Pound));
    }

    [Fact]
    public void Figures_that_contradict_each_other_are_kept_and_named()
    {
        var read = Written.Read(Written.Invoice.Replace(">1000.00</cbc:LineExtensionAmount>", ">900.00</cbc:LineExtensionAmount>")
            .Replace(">+1130.00<", ">1130.45<"));
        var invoice = Body<InvoiceStated>(read);
        (invoice.Lines.Value![0].Net, invoice.Totals.Value!.Payable).ShouldBe((900m, 1130.45m));
        read.Warnings.Where(w => w.Code == "does_not_add_up").Select(w => w.Message.Split(" is stated")[0])
            .ShouldBe(["line_net of 1", "lines", "tax_base of S", "payable"]);
    }

    [Fact]
    public void Two_texts_of_one_document_are_one_record_and_named()
    {
        var read = Written.Read(Written.Invoice, Written.Invoice.Replace("Thank you", "Thanks"));
        read.Warnings.ShouldHaveSingleItem().Code.ShouldBe("stated_otherwise");
        read.Events.Where(e => e.Body is InvoiceStated).Select(e => e.Envelope.Stream).Distinct().Count().ShouldBe(1);
        Written.Read(Written.Invoice, Written.Invoice + "\n<!-- again -->").Events.Count.ShouldBe(4);
    }

    [Fact]
    public void What_is_not_read_is_named()
    {
        var read = Written.Read(Written.Invoice.Replace(
            "<cac:PaymentMeans>", "<cac:WithholdingTaxTotal><cbc:TaxAmount>1</cbc:TaxAmount></cac:WithholdingTaxTotal><cac:PaymentMeans>")
            .Replace("unitCode=\"MIN\"", "unitCode=\"minutes\""));
        read.Warnings.Select(w => (w.Code, w.Line)).ShouldBe([("unknown_unit", 50), ("not_read", 27)]);
        Body<InvoiceStated>(read).Lines.Value![0].Quantity.ShouldBeNull();
    }

    private static T Body<T>(Imported read) => read.Events.Select(e => e.Body).OfType<T>().ShouldHaveSingleItem();
}
