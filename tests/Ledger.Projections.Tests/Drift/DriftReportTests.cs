using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class DriftReportTests
{
    [Fact]
    public void The_same_events_give_the_same_bytes_whatever_order_they_are_read_in()
    {
        var story = Eventful();
        var once = story.Report().Json();
        for (var seed = 1; seed <= 20; seed++) story.Report(seed).Json().ShouldBe(once);
    }

    [Fact]
    public void A_report_knows_nothing_after_its_position()
    {
        var story = Agreeing();
        var before = story.Report().Json();
        var world = story.World();
        story.Says("psa", "time/1", new TimeEntryCorrected(Quantity: Hours(6m)));
        DriftRun.Compute(world).Json().ShouldBe(before);
        story.Report().Position.ShouldBe(world.Position + 1);
    }

    [Fact]
    public void An_empty_ledger_has_an_empty_report() =>
        new Story().Report().Findings.ShouldBeEmpty();

    [Fact]
    public void A_number_no_money_has_takes_the_report_away_from_nobody_else()
    {
        var huge = 79_228_162_514_264_337_593_543_950_335m;
        var far = new NodaTime.LocalDate(9999, 12, 31);
        var story = Agreeing().Registered("erp", Role.Erp, "posting").Posted("J1", "7", 960m)
            .Worked("2", 8m)
            .Says("psa", "time/2", new TimeEntryCorrected(Quantity: Hours(huge), BillRate: PerHour(huge)))
            .IssuedOn(far, "8", huge, null, Billing("2", 8m, huge, huge), Billing("1", 8m, 120m, huge))
            .Says("psa", "expense/9", new ExpenseRecorded(February, "Travel", huge, Story.Dollar, true))
            .Says("erp", "posting/J2", new PostingRecorded(far, "2026-02", Story.Dollar, new(huge, huge, huge)))
            .Says("erp", "payment/P1", new PaymentReceived(far, huge, Story.Dollar))
            .IssuedOn(far, new string('9', 200), 960m, null);
        var findings = story.Findings();
        findings.Count(f => f.Sentence.EndsWith("left out of the comparison.", StringComparison.Ordinal)).ShouldBe(5);
        findings.ShouldContain(f => f.Invoice == "INV-8" && f.Class == DriftClass.Amount);
        story.Report().Invoices.ShouldContain(i => i.Number == "INV-7" && i.Verdict == Verdict.Agrees);
    }

    [Fact]
    public void Each_finding_says_what_a_program_needs()
    {
        var story = Agreeing().Says("psa", "time/1", new TimeEntryCorrected(Quantity: Hours(6.5m)));
        using var json = JsonDocument.Parse(story.Report().Json());
        var finding = json.RootElement.GetProperty("findings")[0];
        finding.GetProperty("class").GetString().ShouldBe("quantity");
        finding.GetProperty("invoice").GetString().ShouldBe("INV-7");
        finding.GetProperty("amount").GetString().ShouldBe("180.00");
        finding.GetProperty("currency").GetString().ShouldBe("USD");
        finding.GetProperty("direction").GetString().ShouldBe("over");
        finding.GetProperty("streams").EnumerateArray().Select(s => s.GetString())
            .ShouldBe(["invoice/billing:7", "time/psa:1"]);
        finding.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("position").GetInt64())
            .ShouldBe([story.Position - 1, story.Position]);
        finding.GetProperty("values")[1].GetProperty("event").GetProperty("position").GetInt64()
            .ShouldBe(story.Position);
        finding.GetProperty("sentence").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void Amounts_have_their_currencys_digits()
    {
        var story = new Story();
        foreach (var (code, net) in new[] { ("JPY", 1_500m), ("KWD", 12.5m), ("USD", 500m) })
            story.Says("billing", $"invoice/{code}", new InvoiceIssued(
                February, [], Currency: Currency.Of(code), Totals: new(Net: net)));
        using var json = JsonDocument.Parse(story.Report().Json());
        json.RootElement.GetProperty("findings").EnumerateArray()
            .Select(f => $"{f.GetProperty("amount").GetString()} {f.GetProperty("currency").GetString()}").Order()
            .ShouldBe(["12.500 KWD", "1500 JPY", "500.00 USD"]);
    }

    [Fact]
    public void Opposite_differences_are_never_netted()
    {
        var total = new Story().Engagement().Worked("1", 8m).Worked("2", 8m)
            .Issued("7", 1_000m, Billing("1", 8m, 125m, 1_000m)).Issued("8", 920m, Billing("2", 8m, 115m, 920m))
            .Report().Headline.Classes.ShouldHaveSingleItem();
        (total.Class, total.Findings, total.Over, total.Under).ShouldBe((DriftClass.Rate, 2, 40m, 40m));
    }

    [Fact]
    public void Differences_come_before_notices_and_the_most_money_first()
    {
        var findings = Eventful().Findings();
        findings.Select(f => f.Weight).ShouldBe(findings.Select(f => f.Weight).Order());
        var money = findings.Where(f => f.Weight is FindingWeight.Difference)
            .Select(f => Math.Abs(f.Money() ?? 0m)).ToArray();
        money.ShouldBe(money.OrderDescending());
        money.Length.ShouldBeGreaterThan(3);
    }

    [Fact]
    public void The_text_fits_a_terminal_and_tells_every_finding()
    {
        var report = Eventful().Report();
        using var text = new StringWriter { NewLine = "\n" };
        report.WriteText(text, EventIndex.None);
        var lines = text.ToString().Split('\n');
        lines.ShouldAllBe(line => line.Length <= 100);
        var flowing = string.Join(' ', lines.Select(l => l.Trim()));
        foreach (var finding in report.Findings) flowing.ShouldContain(finding.Sentence);
    }

    /// <summary>A story with something wrong of most classes.</summary>
    private static Story Eventful() => Agreeing()
        .Worked("2", 3m).Worked("3", 1m).Time("4", 2m, null)
        .Issued("8", 960m, Billing("1", 8m, 120m, 960m))
        .Issued("9", 400m, Billing("2", 3m, 110m, 330m), new InvoiceLine("F", Net: 70m))
        .IssuedOn(new(2026, 1, 20), "10", 120m, null, Billing("3", 1m, 120m, 120m))
        .Issued("11", 240m, Billing("4", 2m, 120m, 240m)).Cancelled("10")
        .Issued("12", 120m, Billing("3", 1m, 120m, 120m))
        .Posted("J1", "9", 399m).Says("billing", "invoice/12", new InvoiceSettlementStated(120m));
}
