using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class ExtractTests
{
    [Fact]
    public void Keeps_the_pages_that_were_read_each_as_it_was_last_stated()
    {
        var extract = Of<Extract>(
            Page(2, 3, 10), Page(1, 3, 20), Page(2, 3, 11) with { Records = ["7"] });
        extract.Read.ShouldBe(
            [new(1, Items<ControlSum>.None, 20), new(2, Items<ControlSum>.None, 11, ["7"])]);
        (extract.Of, extract.Pages, extract.Count).ShouldBe(("time", 3, 60));
    }

    [Fact]
    public void Begins_anew_where_the_source_is_read_in_another_number_of_pages() =>
        Of<Extract>(Page(1, 2, 30), Page(2, 2, 30), Page(1, 3, 20)).Read.ShouldBe(
            [new(1, Items<ControlSum>.None, 20)]);

    private static ExtractCompleted Page(int page, int pages, int delivered) =>
        new("x", "time", Page: page, Pages: pages, Count: 60, Delivered: delivered);
}
