using System.Globalization;
using System.Xml.Linq;
using Ledger.Domain;
using Ledger.Testing;
using NodaTime;

namespace Ledger.Connectors.Tests.Ubl;

/// <summary>47 documents of EN 16931 as others wrote them: credit chains, prepayments, foreign tax, some that do not
/// add up.</summary>
public sealed class RealDocumentsTests
{
    private const string Folder = "en16931_cen";

    [RealFact(Folder)]
    public void Every_document_is_read_and_none_is_refused()
    {
        var read = Everything();
        read.Problems.ShouldBeEmpty();
        read.Events.CountBy(e => e.Definition.Name).Select(c => $"{c.Value} {c.Key}").ShouldBe(
        [
            "1 source_registered", "34 client_stated", "47 invoice_stated", "34 legal_entity_stated",
            "1 coverage_stated",
        ]);
        read.Warnings.Select(w => w.Code).Distinct().Order().ShouldBe(
            ["does_not_add_up", "no_unit_price", "open_start", "other_name", "stated_otherwise"]);
        read.Warnings.ShouldAllBe(w => w.Line > 0);
    }

    [RealFact(Folder)]
    public void Every_total_is_kept_as_the_document_states_it()
    {
        foreach (var (document, stated) in Pairs())
        {
            var total = document.Root!.Elements().Single(e => e.Name.LocalName == "LegalMonetaryTotal");
            var kept = stated.Totals.Value!;
            (string Name, decimal? Kept)[] figures =
            [
                ("LineExtensionAmount", kept.Lines), ("TaxExclusiveAmount", kept.Net),
                ("TaxInclusiveAmount", kept.Gross), ("AllowanceTotalAmount", kept.Allowances),
                ("ChargeTotalAmount", kept.Charges), ("PrepaidAmount", kept.Prepaid),
                ("PayableRoundingAmount", kept.Rounding), ("PayableAmount", kept.Payable),
            ];
            foreach (var (name, amount) in figures) amount.ShouldBe(Amount(total, name), $"{stated.Number} {name}");
            kept.Tax.ShouldBe(Amounts(document, "TaxTotal", "TaxAmount", stated.Currency.Value!.Value.Code).Single());
            kept.Open.ShouldBeNull("what is still owed, no document says");
        }
    }

    [RealFact(Folder)]
    public void Every_line_category_allowance_and_charge_is_kept_as_stated()
    {
        foreach (var (document, stated) in Pairs())
        {
            var lines = document.Root!.Elements().Where(e => e.Name.LocalName is "InvoiceLine" or "CreditNoteLine").ToArray();
            stated.Lines.Value!.Select(l => l.Net).ShouldBe(lines.Select(l => Amount(l, "LineExtensionAmount")));
            stated.Lines.Value!.Select(l => l.Quantity?.Value).ShouldBe(
                lines.Select(l => Amount(l, "InvoicedQuantity") ?? Amount(l, "CreditedQuantity")));
            stated.Taxes.Value!.Select(t => (t.Base, t.Amount)).ShouldBe(
                document.Descendants().Where(e => e.Name.LocalName == "TaxSubtotal")
                    .Select(t => (Amount(t, "TaxableAmount"), Amount(t, "TaxAmount"))));
            stated.Adjustments.Value!.Select(a => (decimal?)a.Amount).ShouldBe(
                document.Root.Elements().Where(e => e.Name.LocalName == "AllowanceCharge").Select(a => Amount(a, "Amount")));
        }
    }

    [RealFact(Folder)]
    public void What_does_not_add_up_is_named_and_not_mended() =>
        Everything().Warnings.Where(w => w.Code == "does_not_add_up")
            .Select(w => $"{Path.GetFileName(w.File)}: {w.Message[..w.Message.IndexOf("; it is", StringComparison.Ordinal)]}")
            .ShouldBe(
            [
                "BIS_Billing_30-Rantefaktura_Enkel.xml: line_net of 1 is stated as 2416.16; its parts come to 2416.149",
                "guide-example1.xml: line_net of 20 is stated as -109.98; its parts come to 109.98",
                "guide-example2.xml: line_net of 1 is stated as 1273; its parts come to 2546",
                "guide-example3.xml: line_net of 1 is stated as 400; its parts come to 1600",
                "guide-example3.xml: line_net of 2 is stated as 400; its parts come to 1600",
                "ubl-tc434-example1.xml: line_net of 20 is stated as -109.98; its parts come to 109.98",
                "ubl-tc434-example10.xml: line_net of 20 is stated as -109.98; its parts come to 109.98",
                "ubl-tc434-example2.xml: line_net of 1 is stated as 1273; its parts come to 2546",
                "ubl-tc434-example3.xml: line_net of 1 is stated as 800; its parts come to 1600",
                "ubl-tc434-example3.xml: line_net of 2 is stated as 800; its parts come to 1600",
                "ubl-tc434-test-1.xml: line_net of 1 is stated as 1273; its parts come to 2546",
            ]);

    [RealFact(Folder)]
    public void A_credit_note_and_a_negative_invoice_credit_the_same_document()
    {
        var note = Stated("BIS_Billing_30-Kreditering_med_kreditnota.xml");
        var negative = Stated("BIS_Billing_30-Kreditering_med_negativ_faktura.xml");
        Preceding[] first = [new(new("invoice", Number: "2018133", Date: new(2018, 2, 8)), PrecedingRelation.Credits)];
        note.Preceding.Value.ShouldBe(first);
        negative.Preceding.Value.ShouldBe(first);
        (note.DocumentType.Value, note.TypeCode.Value).ShouldBe((DocumentType.CreditNote, "381"));
        (negative.DocumentType.Value, negative.TypeCode.Value).ShouldBe((DocumentType.Invoice, "380"));
        note.Totals.Value.ShouldBe(new InvoiceTotals(
            8668m, 2167m, 10835m, 834.9m, -0.10m, 10000m, null, 9560m, 1912m, 1020m));
        negative.Totals.Value.ShouldBe(new InvoiceTotals(
            -8668m, -2167m, -10835m, -834.9m, 0.10m, -10000m, null, -9560m, -1912m, -1020m));
        negative.Lines.Value!.Select(l => (l.Quantity!.Value, l.Price!.Amount, l.Net)).ShouldBe(
            [(-2000m, 5m, -10200m), (800m, 0.8m, 640m)]);
    }

    [RealFact(Folder)]
    public void A_prepayment_that_is_named_prepays_and_one_that_is_not_is_only_an_amount()
    {
        var coverage = Everything().Events.Single(e => e.Body is CoverageStated);
        coverage.Body.ShouldBe(new CoverageStated(
            CoverageRelation.Prepays, new("invoice", Number: "TOSL109", Date: new(2013, 3, 10)),
            new("invoice", Id: "NL16356706/380/TOSL110/2013-04-10/2337.5DKK"), Amount: 2337.50m,
            Currency: Currency.Of("DKK")));
        var advance = Stated("BIS_Billing_30-Forskott_(ej_moms).xml");
        var final = Stated("BIS_Billing_30-Forskott_slutreglering.xml");
        (advance.Number, advance.Totals.Value!.Payable).ShouldBe(("20180112", 400_000m));
        (final.Number, final.Totals.Value!.Prepaid, final.Totals.Value.Payable).ShouldBe(("20180112", 400_000m, 75_000m));
        (final.OrderRef.Value, final.Entity).ShouldBe((advance.OrderRef.Value, advance.Entity));
        final.Projects.Value.ShouldBe([new Ref("project", Number: "MÅL 2020")]);
    }

    [RealFact(Folder)]
    public void Tax_in_the_currency_of_the_accounts_is_kept_beside()
    {
        var foreign = Stated("BIS_Billing_30-Valutor_i_faktura.xml");
        foreign.Currency.Value.ShouldBe(Currency.Of("USD"));
        (foreign.Totals.Value!.Tax, foreign.Totals.Value.TaxAccounted)
            .ShouldBe((23000m, new ForeignAmount(205845.40m, Currency.Of("SEK"))));
    }

    [RealFact(Folder)]
    public void References_periods_notes_and_attachments_are_kept()
    {
        var full = Stated("Invoice-Max_content.xml");
        full.Preceding.Value!.Select(p => (p.Rel, p.Ref.Number, p.Ref.Date)).ShouldBe(
        [
            (PrecedingRelation.Follows, "Preceding invoice no.1", new LocalDate(2018, 1, 31)),
            (PrecedingRelation.Follows, "Preceding invoice no.2", null),
        ]);
        (full.OrderRef.Value, full.PaymentRef.Value, full.TaxPointOn.Value)
            .ShouldBe(("20180117", "1800355", new LocalDate(2018, 2, 8)));
        full.Period.Value.ShouldBe(new Ledger.Domain.Period(new(2018, 2, 1), new LocalDate(2018, 2, 7)));
        full.Attachments.ShouldNotBeNull().Select(a => (a.Id, a.Name, a.Mime, a.Bytes, a.Uri)).ShouldBe(
        [
            ("MT123", "Contracted maintenance plan", null, null, null),
            ("Time report 1", "testfilnamn.abc", "text/csv", 6L, null),
            ("Example 1", "Referenced external sample document", null, null, "http://www.example.com/index.html"),
        ]);
        full.Attachments[1].Sha256.ShouldNotBeNull().Length.ShouldBe(64);
        full.Ext!["note"].ShouldBe("Document level Note\nLine break should be respected here.");
        full.Ext["invoiced_object"].ShouldBe("ABC123");
        full.Ext["payee"].ShouldBe("Finansiell Support u.p.a.");
        full.Terms.Value!.Text.ShouldStartWith("30 days net. Penalty rate 12 %");
        Stated("CreditNote-Max_content.xml").Projects.Value.ShouldBe([new Ref("project", Number: "11111111")]);
    }

    [RealFact(Folder)]
    public void One_number_over_two_amounts_is_two_documents()
    {
        var records = Everything().Events.Where(e => e.Body is InvoiceStated { Number: "12345" });
        records.Select(e => e.Envelope.RecordId).Order(StringComparer.Ordinal).ShouldBe(
        [
            "DK12345678/380/12345/2019-01-25/-782179.43DKK", "DK12345678/380/12345/2019-01-25/782179.43DKK",
        ]);
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
    public void The_same_documents_give_the_same_events_in_any_order()
    {
        var once = Everything().Events;
        once.Select(e => e.Envelope.Id).ShouldBeUnique();
        ImportProfiles.Import("ubl", [.. Files().Reverse()]).Events.Select(e => e.Envelope.Id)
            .ShouldBe(once.Select(e => e.Envelope.Id));
    }

    private static ImportFile[] Files() =>
        [.. Directory.GetFiles(RealData.Path(Folder)!).Order(StringComparer.Ordinal).Select(File)];

    private static ImportFile File(string path) => new(path, System.IO.File.ReadAllBytes(path));

    private static Imported Everything() => ImportProfiles.Import("ubl", Files());

    private static IEnumerable<(XDocument Document, InvoiceStated Stated)> Pairs() => Files().Select(file =>
        (XDocument.Load(new MemoryStream(file.Content.ToArray())), Stated(file.Name)));

    private static InvoiceStated Stated(string name) =>
        ImportProfiles.Import("ubl", [File(Path.Combine(RealData.Path(Folder)!, name))])
            .Events.Select(e => e.Body).OfType<InvoiceStated>().Single();

    private static decimal? Amount(XElement of, string name) =>
        of.Elements().SingleOrDefault(e => e.Name.LocalName == name) is { } at
            ? decimal.Parse(at.Value.Trim(), CultureInfo.InvariantCulture)
            : null;

    private static IEnumerable<decimal?> Amounts(XDocument document, string of, string name, string currency) =>
        document.Root!.Elements().Where(e => e.Name.LocalName == of)
            .Where(e => e.Elements().Any(a => a.Name.LocalName == name && (string?)a.Attribute("currencyID") == currency))
            .Select(e => Amount(e, name));
}
