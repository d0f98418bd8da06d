using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Drift;

/// <summary>Stories of which one thing is wrong, and what the comparison makes of them.</summary>
internal static class Told
{
    public static readonly LocalDate February = new(2026, 2, 1);

    /// <summary>An engagement, and one approved entry of 8 h at 120.00 on an invoice over 960.00: nothing differs.
    /// </summary>
    public static Story Agreeing() => new Story().Engagement().Worked("1", 8m)
        .Issued("7", 960m, Billing("1", 8m, 120m, 960m));

    /// <summary>Time was recorded and approved.</summary>
    public static Story Worked(this Story story, string id, decimal hours, decimal? rate = null, string? task = null) =>
        story.Time(id, hours, rate, task: task).Approved(id, hours);

    public static Story Approved(this Story story, string id, decimal hours) =>
        story.Says("psa", $"time/{id}", new TimeEntryApproved("Bea", Hours(hours)));

    /// <summary>A line with its own quantity, price and net, over one entry.</summary>
    public static InvoiceLine Billing(string entry, decimal hours, decimal price, decimal net) =>
        new($"L{entry}", Quantity: Hours(hours), Price: PerHour(price), Net: net,
            Bills: [new(Story.Psa("time", entry))]);

    /// <summary>A line that says only what it bills.</summary>
    public static InvoiceLine Listing(string entry, string kind = "time") =>
        new($"{kind}/{entry}", Bills: [new(Story.Psa(kind, entry))], Basis: LineBasis.Derived);

    public static Story Registered(this Story story, string source, Role role, params ReadOnlySpan<string> kinds) =>
        story.Says("ledger", $"source/{source}", new SourceRegistered([role], kinds.ToArray().ToItems(), LagDays: 5));

    public static Story Cancelled(this Story story, string id) =>
        story.Says("billing", $"invoice/{id}", new InvoiceCancelled("Wrong order number"));

    public static Story Posted(
        this Story story, string id, string invoice, decimal net, string period = "2026-02", Ref? reverses = null) =>
        story.Says("erp", $"posting/{id}", new PostingRecorded(
            February, period, Story.Dollar, new(Net: net), new("invoice", "billing", invoice), Reverses: reverses));

    public static Story Paid(this Story story, string id, string invoice, decimal amount) =>
        story.Says("erp", $"payment/{id}", new PaymentApplied(
            "a1", new("invoice", "billing", invoice), ApplicationKind.Cash, amount, February, Currency: Story.Dollar));

    public static DriftReport Report(this Story story, int? seed = null) => DriftRun.Compute(story.World(seed));

    public static Items<Finding> Findings(this Story story) => story.Report().Findings;

    /// <summary>The one finding of a class.</summary>
    public static Finding Finding(this Story story, DriftClass drift)
    {
        var found = story.Findings().Where(f => f.Class == drift).ToArray();
        found.Length.ShouldBe(1, $"{drift}: {string.Join(" | ", story.Findings().Select(f => f.Sentence))}");
        return found[0];
    }

    public static void ShouldNotFind(this Story story, DriftClass drift) =>
        story.Findings().Where(f => f.Class == drift).Select(f => f.Sentence).ShouldBeEmpty();

    /// <summary>What it asks too much, or negative too little; null where no money is at stake.</summary>
    public static decimal? Money(this Finding finding) => finding.Amount?.Amount;

    public static Quantity Hours(decimal hours) => new(hours, Unit.Hour);

    public static Quantity Minutes(decimal minutes) => new(minutes, Unit.Minute);

    public static Rate PerHour(decimal price) => new(price, Story.Dollar, Unit.Hour);
}
