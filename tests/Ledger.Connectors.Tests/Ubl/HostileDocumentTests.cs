using System.Text;
using System.Xml.Linq;
using Ledger.Domain;

namespace Ledger.Connectors.Tests.Ubl;

/// <summary>Whatever an XML document holds, it comes to events the door would read, or to problems with a line.</summary>
public sealed class HostileDocumentTests
{
    private const string Ubl = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";

    [Theory]
    [InlineData("", "invalid_xml", null)]
    [InlineData("not xml", "invalid_xml", 1)]
    [InlineData("<a>\n<b></a>", "invalid_xml", 2)]
    [InlineData("<Invoice/>", "wrong_shape", 1)]
    [InlineData("<Order xmlns='" + Ubl + "'/>", "wrong_shape", 1)]
    [InlineData("<Invoice xmlns='" + Ubl + "'/>", "required", 1)]
    [InlineData("<!DOCTYPE a><a/>", "dtd_prohibited", 1)]
    [InlineData("<?xml version='1.0' encoding='nonsense'?><a/>", "invalid_xml", 1)]
    public void Names_the_line_of_what_it_cannot_read(string text, string code, int? line)
    {
        var read = Written.Read(text);
        read.Events.ShouldBeEmpty();
        read.Problems.ShouldContain(p => p.Code == code && p.Line == line && p.File == "1.xml", string.Join('\n', read.Problems));
    }

    [Fact]
    public void Neither_expands_entities_nor_fetches_what_a_document_names()
    {
        var secret = Path.GetTempFileName();
        try
        {
            File.WriteAllText(secret, "secret");
            string[] doctypes =
            [
                $"<!DOCTYPE Invoice [<!ENTITY x SYSTEM 'file://{secret}'>]>",
                "<!DOCTYPE Invoice SYSTEM 'http://127.0.0.1:9/x.dtd'>",
                "<!DOCTYPE Invoice [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;'><!ENTITY x '&b;&b;&b;&b;'>]>",
            ];
            foreach (var doctype in doctypes)
            {
                var read = Written.Read(Written.Invoice.Replace("<Invoice ", doctype + "\n<Invoice ").Replace("Thank you", "&x;"));
                read.Problems.ShouldHaveSingleItem().Code.ShouldBe("dtd_prohibited");
                read.Events.ShouldBeEmpty();
            }
        }
        finally
        {
            File.Delete(secret);
        }
    }

    [Fact]
    public void Depth_and_number_of_elements_are_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", 70)) + string.Concat(Enumerable.Repeat("</a>", 70));
        Written.Read(deep.Replace("<a>", "<cac:A>").Replace("</a>", "</cac:A>").Replace(
            "<cac:A><cac:A>",
            "<cac:A xmlns:cac='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2'><cac:A>"))
            .Problems.ShouldContain(p => p.Code == "too_deep");
        Written.Read(Written.Invoice.Replace("<cbc:Note>Thank you</cbc:Note>", deep)).Problems
            .ShouldHaveSingleItem().Code.ShouldBe("too_deep", "elements that are not read are bounded too");
    }

    [Theory]
    [InlineData("950.45<", "9.5e2<", "out_of_range")]
    [InlineData("950.45<", "999999999999999.00<", "out_of_range")]
    [InlineData("950.45<", "0.12345678901<", "out_of_range")]
    [InlineData("950.45<", "9 50,45<", "out_of_range")]
    [InlineData("currencyID=\"GBP\">950.45<", "currencyID=\"EUR\">950.45<", "other_currency")]
    [InlineData("2026-03-31</cbc:IssueDate>", "31.03.2026</cbc:IssueDate>", "invalid_date")]
    [InlineData("<cbc:IssueDate>2026-03-31</cbc:IssueDate>", "", "required")]
    [InlineData("<cbc:ID>AF-2026-7</cbc:ID>", "<cbc:ID> </cbc:ID>", "required")]
    [InlineData("<cbc:ID>AF-2026-7</cbc:ID>", "<cbc:ID>1</cbc:ID><cbc:ID>2</cbc:ID>", "repeated")]
    [InlineData(">GBP</cbc:DocumentCurrencyCode>", ">GBQ</cbc:DocumentCurrencyCode>", "unknown_currency")]
    [InlineData("ChargeIndicator>false", "ChargeIndicator>perhaps", "wrong_type")]
    public void One_bad_document_is_refused_and_its_neighbours_stand(string part, string instead, string code)
    {
        var bad = Written.Invoice.Replace(part, instead);
        bad.ShouldNotBe(Written.Invoice);
        var read = Written.Read(bad, Written.CreditNote);
        read.Problems.ShouldContain(p => p.Code == code && p.File == "1.xml" && p.Line > 1, string.Join('\n', read.Problems));
        read.Events.Select(e => e.Body).OfType<InvoiceStated>().ShouldHaveSingleItem().Number.ShouldBe("AF-2026-C1");
    }

    [Fact]
    public void A_document_cut_off_anywhere_is_a_problem_and_no_event()
    {
        var bytes = Encoding.UTF8.GetBytes(Written.Invoice.Trim());
        for (var length = 0; length < bytes.Length; length += 7)
        {
            var read = ImportProfiles.Import("ubl", [new("cut.xml", bytes.AsMemory(0, length))]);
            read.Problems.ShouldHaveSingleItem().Code.ShouldBe("invalid_xml");
            read.Events.ShouldBeEmpty();
        }
    }

    [Fact]
    public void Any_text_in_any_place_gives_events_the_door_reads_or_problems()
    {
        string[] values = ["", "-1", "0", "1e9", "9999-12-31", "0001-01-01", "x", "ä/#?% \n", "-0.0000000001", new('9', 300)];
        var whole = XDocument.Parse(Written.Invoice.Trim());
        var count = whole.Descendants().Count(e => !e.HasElements);
        for (var place = 0; place < count; place++)
            foreach (var value in values)
            {
                var changed = new XDocument(whole);
                changed.Descendants().Where(e => !e.HasElements).ElementAt(place).Value = value;
                AreReadable(Written.Read(changed.ToString()));
            }
    }

    [Fact]
    public void Any_element_gone_or_doubled_gives_events_the_door_reads_or_problems()
    {
        var whole = XDocument.Parse(Written.Invoice.Trim());
        var count = whole.Root!.Descendants().Count();
        for (var place = 0; place < count; place++)
        {
            var (gone, doubled) = (new XDocument(whole), new XDocument(whole));
            gone.Root!.Descendants().ElementAt(place).Remove();
            AreReadable(Written.Read(gone.ToString()));
            var twice = doubled.Root!.Descendants().ElementAt(place);
            twice.AddAfterSelf(new XElement(twice));
            AreReadable(Written.Read(doubled.ToString()));
        }
    }

    private static void AreReadable(Imported read)
    {
        (read.Events.Count + read.Problems.Count).ShouldBePositive();
        foreach (var made in read.Events)
            EnvelopeReader.Read(Posted.Json(made)).ShouldBeOfType<Understood>().Data.ShouldBe(made.Data);
    }
}
