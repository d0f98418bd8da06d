using System.Globalization;
using System.Xml.Linq;
using Ledger.Domain;
using Ledger.Projections.Lineage;
using static Ledger.Projections.Tests.Lineage.Story;

namespace Ledger.Projections.Tests.Lineage;

public sealed class LineagePictureTests
{
    [Fact]
    public void Whatever_people_type_stays_text()
    {
        const string Hostile =
            "</title><script>alert('1')</script> & \"q\" ]]> <![CDATA[ \u0000\u0007\uFFFE \uD800 שלום 🧾";
        var reading = Read(new Story()
            .Says("erp", "client/C1", new ClientRegistered(Hostile))
            .Says("psa", "project/P1", new ProjectCreated(Hostile, new("client", "erp", "C1")))
            .Says("psa", "resource/R1", new ResourceOnboarded(Hostile))
            .Time("1", 1m, 100m)
            .Issued("7", 120m, Line("1", 100m, Bills("1")) with { Description = Hostile }));

        foreach (var svg in new[] { LineageSvg.Invoice(reading), LineageSvg.Line(reading, "1")! })
        {
            var picture = XDocument.Parse(svg);
            picture.Descendants().ShouldAllBe(e => e.Name.LocalName != "script");
            picture.Descendants().Attributes()
                .ShouldAllBe(a => !a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
            picture.Descendants().Where(e => e.Name.LocalName == "title")
                .ShouldContain(e => e.Value.Contains("alert('1')"));
        }

        LineageText.Write(reading).ShouldNotContain('\u0007');
    }

    [Fact]
    public void Numbers_no_money_has_are_shown_and_never_reckoned_with()
    {
        const decimal Huge = 9_999_999_999_999_999_999_999_999_999m;
        var story = new Story().Time("1", Huge, Huge).Time("2", 1m, Huge).Time("3", Huge, 1m)
            .Says("psa", "expense/1", new ExpenseRecorded(new(2026, 1, 1), "Travel", Huge, Dollar, true))
            .Says("psa", "project/P1", new ProjectCreated(Budget: Huge))
            .Says("bank", "payment/B1", new PaymentApplied(
                "a", new("invoice", "billing", "7"), ApplicationKind.Cash, Huge, new(2026, 3, 1), Currency: Dollar));
        var lines = Enumerable.Range(1, 12).Select(l => Line(
            $"{l}", l % 2 == 0 ? Huge : null, Bills("1"), Bills("2", amount: Huge), Bills("3", hours: Huge),
            new Billed(Psa("expense", "1")), new Billed(Psa("project", "P1"), Amount: Huge)));
        var issued = Read(story.Issued("7", null, [.. lines]).Issued("8", Huge, Line("1", 5m, Bills("3"))));

        LineageSvg.Invoice(issued).ShouldContain("not in the ledger");
        LineageText.Write(issued).ShouldContain("INV-7");
        issued.Lineage.Unexplained.ShouldBe(0m);
        Read(story, "8").Lineage.Unexplained.ShouldBe(5m);
    }

    [Fact]
    public void A_large_fan_is_shown_by_its_largest_and_the_rest_as_one()
    {
        var story = new Story();
        for (var i = 1; i <= 40; i++) story.Time($"{i}", i, 10m);
        story.Issued("7", 8200m, Line("1", 8200m, [.. Enumerable.Range(1, 40).Select(i => Bills($"{i}"))]));

        var texts = Texts(LineageSvg.Invoice(Read(story)));

        texts.Where(t => t.StartsWith("2026-01-05 · ", StringComparison.Ordinal)).ShouldBe(
            Enumerable.Range(34, 7).Select(i => $"2026-01-05 · {i} h"));
        texts.ShouldContain("33 more");
        texts.ShouldContain("561 h");
        texts.ShouldContain("5,610.00");
    }

    [Fact]
    public void Unexplained_money_is_a_box_and_a_headline()
    {
        var reading = Read(new Story().Time("1", 8m, 100m).Issued("7", 950m, Line("1", 900m, Bills("1"))));

        var texts = Texts(LineageSvg.Invoice(reading));

        texts.ShouldContain("150.00 USD unexplained");
        texts.ShouldContain("800.00 of 950.00 USD explained");
        texts.ShouldContain("Unexplained");
        texts.ShouldContain("No line explains");
        Texts(LineageSvg.Line(reading, "1")!).ShouldContain("100.00 USD unexplained");
        LineageSvg.Line(reading, "2").ShouldBeNull();
    }

    [Fact]
    public void A_walk_that_is_cut_says_so_and_where()
    {
        var story = new Story().Engagement();
        for (var i = 1; i <= 9; i++) story.Time($"{i}", i, 10m);
        story.Issued("7", 450m, Line("1", 450m, [.. Enumerable.Range(1, 9).Select(i => Bills($"{i}"))]));
        var whole = LineageOf.Invoice(story.World(), "invoice/billing:7")!;
        var lineage = LineageOf.Invoice(story.World(), "invoice/billing:7", nodesMax: 8)!;
        var reading = LineageReading.Of(lineage, 0L);

        lineage.Truncated.ShouldBeTrue();
        lineage.Unexplained.ShouldBe(0m, "what the document itself bills is still looked up");
        lineage.Lines.ShouldBe(whole.Lines);
        var names = lineage.Nodes.Select(n => n.Stream).ToHashSet();
        lineage.Edges.ShouldAllBe(e => names.Contains(e.From) && names.Contains(e.To));
        lineage.Cut.ShouldBe(lineage.Cut.Where(names.Contains).Order(StringComparer.Ordinal));
        lineage.Cut.ShouldContain("time/psa:9");
        whole.Edges.Where(e => !lineage.Edges.Contains(e)).Select(e => e.From)
            .ShouldAllBe(from => lineage.Cut.Contains(from) || !names.Contains(from));

        LineageText.Write(reading).ShouldContain("(time/psa:9): 9 h × ");
        LineageText.Write(reading).Split('\n').Count(l => l.Trim() == "… not followed further")
            .ShouldBeGreaterThanOrEqualTo(8, "nothing but the first hour is followed");
        LineageText.Write(reading).ShouldContain($"of which {lineage.Cut.Count} were not followed further");
        LineageJson.Write(reading).ShouldContain("\"truncated\": true,\n  \"cut\": [");
        var texts = Texts(LineageSvg.Invoice(reading));
        texts.ShouldContain($"cut: {lineage.Cut.Count} records not followed further");
        texts.ShouldContain("not followed further");
        LineageJson.Write(whole).ShouldNotContain("\"cut\"");
    }

    [Fact]
    public void What_was_cancelled_is_struck_through_and_its_rebill_is_not()
    {
        var story = new Story().Time("1", 1m, 100m).Issued("7", 100m, Line("1", 100m, Bills("1")))
            .Says("billing", "invoice/7", new InvoiceCancelled("wrong order"))
            .IssuedOn(new(2026, 2, 9), "8", 100m, null, Line("1", 100m, Bills("1")));

        Struck(story, "7").ShouldBe(["INV-7", "100.00", "Line 1", "100.00"], ignoreOrder: true);
        Struck(story, "8").ShouldBe(["INV-7", "100.00"], ignoreOrder: true);

        static IEnumerable<string> Struck(Story story, string invoice) =>
            XDocument.Parse(LineageSvg.Invoice(Read(story, invoice))).Descendants()
                .Where(e => e.Attribute("text-decoration")?.Value == "line-through").Select(e => e.Value);
    }

    [Fact]
    public void What_is_different_since_is_marked_in_words_and_lines_and_what_is_gone_is_drawn_once_more()
    {
        var story = new Story().Time("1", 8m, 100m).Time("2", 1m, 100m)
            .Issued("7", 900m, Line("1", 800m, Bills("1")), Line("2", 100m, Bills("2")));
        var then = Read(story);
        var now = Read(story
            .Says("psa", "time/1", new TimeEntryCorrected(Quantity: new Quantity(7m, Unit.Hour)))
            .Says("billing", "invoice/7", new InvoiceStated(
                Lines: (Items<InvoiceLine>)[Line("1", 800m, Bills("1")), Line("3", 50m)]))
            .Says("bank", "payment/B1", new PaymentApplied(
                "a", new("invoice", "billing", "7"), ApplicationKind.Cash, 10m, new(2026, 3, 1), Currency: Dollar)));
        var since = new LineageThen(
            Times.Now, then, LineageDifference.Between(then.Lineage, now.Lineage));

        var svg = LineageSvg.Since(now, since, "Since then");

        var texts = Texts(svg);
        texts.Count(t => t == "− GONE").ShouldBe(2, "the line and the work it billed");
        texts.ShouldContain("+ NEW");
        texts.ShouldContain("~ CHANGED");
        texts.ShouldContain("8 h → 7 h");
        texts.ShouldContain(t => t.StartsWith("Since then: ", StringComparison.Ordinal) && t.EndsWith("2 gone"));
        texts.ShouldContain("new or changed");
        Texts(LineageSvg.Invoice(now)).ShouldNotContain("~ CHANGED");
        Texts(LineageSvg.Since(now, since with { Reading = now, Difference = LineageDifference.Between(
            now.Lineage, now.Lineage) }, "Since then")).ShouldContain("Since then: nothing is different");
    }

    [Fact]
    public void Boxes_stay_on_the_page_and_off_each_other()
    {
        var story = new Story().Engagement();
        for (var i = 1; i <= 30; i++) story.Time($"{i}", i, null, task: "T1");
        var lines = Enumerable.Range(0, 10)
            .Select(l => Line($"{l}", 5000m, [.. Enumerable.Range(3 * l + 1, 3).Select(i => Bills($"{i}"))]));
        story.Issued("7", 60000m, [.. lines]);
        for (var i = 0; i < 9; i++)
        {
            story.Says("bank", $"payment/B{i}", new PaymentApplied(
                "a", new("invoice", "billing", "7"), ApplicationKind.Cash, 10m, new(2026, 3, 1)));
        }

        var picture = XDocument.Parse(LineageSvg.Invoice(Read(story))).Root!;

        var boxes = picture.Elements().Where(e => e.Name.LocalName == "g").Select(g =>
                g.Elements().FirstOrDefault(e => e.Name.LocalName == "rect")).OfType<XElement>()
            .Select(r => (X: Of(r, "x"), Y: Of(r, "y"), Width: Of(r, "width"), Height: Of(r, "height")))
            .Select(r => (r.X, r.Y, Right: r.X + r.Width, Bottom: r.Y + r.Height)).ToArray();
        boxes.Length.ShouldBeGreaterThan(25);
        var (width, height) = (Of(picture, "width"), Of(picture, "height"));
        boxes.ShouldAllBe(b => b.X >= 0 && b.Y >= 100 && b.Right <= width && b.Bottom <= height - 40);
        for (var i = 0; i < boxes.Length; i++)
            for (var j = 0; j < i; j++)
                Apart(boxes[i], boxes[j]).ShouldBeTrue($"{boxes[i]} {boxes[j]}");

        static bool Apart((int X, int Y, int Right, int Bottom) a, (int X, int Y, int Right, int Bottom) b) =>
            a.X >= b.Right || b.X >= a.Right || a.Y >= b.Bottom || b.Y >= a.Bottom;

        static int Of(XElement e, string attribute) =>
            int.Parse(e.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_box_leads_where_its_reader_is_told_to_go()
    {
        var reading = Read(new Story().Time("1", 8m, 100m).Issued("7", 800m, Line("1", 800m, Bills("1"))));

        var picture = XDocument.Parse(
            LineageSvg.Invoice(reading, node => node == "time/psa:1" ? "/go?a=1&b=\"<2>" : null)).Root!;

        picture.Elements().Single(e => e.Name.LocalName == "a").Attribute("href")!.Value.ShouldBe("/go?a=1&b=\"<2>");
        picture.Attribute("role")!.Value.ShouldBe("group");
    }

    [Fact]
    public void The_same_facts_give_the_same_bytes()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m).Time("2", 8m, 120m)
            .Issued("7", 1920m, Line("1", 960m, Bills("1")), Line("2", 960m, Bills("2")))
            .Says("erp", "posting/J1", new PostingRecorded(
                new(2026, 2, 1), "2026-02", Dollar, new(Net: 1920m), new("invoice", "billing", "7")));
        var svg = LineageSvg.Invoice(Read(story));
        var text = LineageText.Write(Read(story));

        for (var seed = 0; seed < 10; seed++)
        {
            var lineage = LineageOf.Invoice(story.World(seed), "invoice/billing:7")!;
            LineageSvg.Invoice(LineageReading.Of(lineage, 0)).ShouldBe(svg);
            LineageText.Write(LineageReading.Of(lineage, 0)).ShouldBe(text);
        }
    }

    [Fact]
    public void The_tree_says_each_thing_once()
    {
        var reading = Read(new Story()
            .Says("erp", "client/C1", new ClientRegistered("Northwind"))
            .Says("psa", "project/P1", new ProjectCreated("Rollout", new("client", "erp", "C1")))
            .Time("1", 8m, 100m, resource: "R9").Time("2", 1m, 100m, resource: "R9")
            .Issued("7", 850m, Line("1", 850m, Bills("1"), Bills("2")))
            .Says("erp", "posting/J1", new PostingRecorded(
                new(2026, 2, 1), "2026-02", Dollar, new(Gross: 850m), new("invoice", "billing", "7"))));

        LineageText.Write(reading).ShouldBe(
            """
            Invoice INV-7 of 2026-02-01 (invoice/billing:7)
              invoice/billing:7
              net 850.00 USD, explained 900.00 USD, unexplained -50.00 USD
              Line 1  850.00 USD
                bills 8 h on 2026-01-05 (time/psa:1): 8 h × 100.00 USD/h = 800.00 USD  [#5]
                  project Project Rollout (project/psa:P1)  [#3]
                    client Northwind (client/erp:C1)  [#2]
                  resource resource R9 is not in the ledger  [#3]
                bills 1 h on 2026-01-05 (time/psa:2): 1 h × 100.00 USD/h = 100.00 USD  [#5]
                  project Project Rollout (project/psa:P1)  [#4]
                    … as above
                  resource resource R9 is not in the ledger  [#4]
                unexplained -50.00 USD: what it bills comes to 900.00 USD, the line says 850.00 USD
              ← posts Posting J1 of 2026-02-01 · period 2026-02 (posting/erp:J1) 850.00 USD  [#6]

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_document_has_the_shape_that_is_written_down()
    {
        var reading = Read(new Story().Time("1", 1m, 100m).Issued("7", 100m, Line("1", 100m, Bills("1"))));
        using var json = System.Text.Json.JsonDocument.Parse(LineageJson.Write(reading with
        {
            AsKnownAt = 2,
            Events = new Dictionary<long, EventRef>
            {
                [2] = new(2, "billing", "e2", "invoice_issued", NodaTime.Instant.FromUtc(2026, 2, 1, 9, 0)),
            },
        }));

        var root = json.RootElement;
        Names(root).ShouldBe(["asKnownAt", "invoice", "lines", "nodes", "edges", "truncated"]);
        root.GetProperty("invoice").GetProperty("unexplained").GetString().ShouldBe("0.00");
        Names(root.GetProperty("lines")[0]).ShouldBe(
            ["stream", "line", "net", "basis", "explained", "remainder", "shares", "restsOn"]);
        var bills = root.GetProperty("edges").EnumerateArray().First(e => e.GetProperty("rel").GetString() == "bills");
        Names(bills).ShouldBe(["from", "rel", "to", "basis", "position", "event"]);
        bills.GetProperty("event").GetRawText().ReplaceLineEndings("").Replace(" ", "").ShouldBe(
            """{"position":2,"source":"billing","id":"e2","type":"invoice_issued","time":"2026-02-01T09:00:00Z"}""");

        static IEnumerable<string> Names(System.Text.Json.JsonElement e) => e.EnumerateObject().Select(p => p.Name);
    }

    private static LineageReading Read(Story story, string invoice = "7") =>
        LineageReading.Of(LineageOf.Invoice(story.World(), $"invoice/billing:{invoice}").ShouldNotBeNull(), 0);

    private static string[] Texts(string svg) =>
        [.. XDocument.Parse(svg).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
}
