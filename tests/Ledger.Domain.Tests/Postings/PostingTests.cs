using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class PostingTests
{
    private static readonly PostingRecorded Posted = new(On(1), "2026-03", Eur, new(100m, 19m, 119m));

    [Fact]
    public void A_failed_posting_that_is_repeated_is_posted()
    {
        var failed = new PostingFailed("period closed", new Ref("invoice", Id: "I1"));
        var waiting = Of<Posting>(failed);
        (waiting.Status, waiting.Failure).ShouldBe((PostingStatus.Failed, "period closed"));
        var posted = Of<Posting>(failed, Posted);
        (posted.Status, posted.Failure).ShouldBe((PostingStatus.Posted, null));
    }

    [Fact]
    public void A_reversal_keeps_the_amounts_it_reverses()
    {
        var reversed = Of<Posting>(Posted, new PostingReversed());
        (reversed.Status, reversed.Totals).ShouldBe((PostingStatus.Reversed, new PostingTotals(100m, 19m, 119m)));
    }

    [Fact]
    public void The_day_of_a_reversal_is_kept_as_long_as_it_is_reversed()
    {
        Of<Posting>(Posted, new PostingReversed(On(9))).ReversedOn.ShouldBe(On(9));
        Of<Posting>(Posted, new PostingReversed(On(9)), Posted).ReversedOn.ShouldBeNull();
        Of<Posting>(Posted, new PostingStated { Status = (PostingStatus?)PostingStatus.Reversed }).ReversedOn
            .ShouldNotBeNull();
    }
}
