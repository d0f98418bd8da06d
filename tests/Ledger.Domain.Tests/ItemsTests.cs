using NodaTime;

namespace Ledger.Domain.Tests;

public sealed class ItemsTests
{
    [Fact]
    public void Lists_are_equal_by_what_they_hold_in_its_order()
    {
        Items.Of([1, 2]).ShouldBe([1, 2]);
        Items.Of([1, 2]).Equals(Items.Of([1, 2])).ShouldBeTrue();
        Items.Of([1, 2]).GetHashCode().ShouldBe(Items.Of([1, 2]).GetHashCode());
        Items.Of([1, 2]).Equals(Items.Of([2, 1])).ShouldBeFalse();
        Items.Of<int>([]).ShouldBeSameAs(Items<int>.None);
    }

    [Fact]
    public void Putting_replaces_in_place_or_adds_at_the_end()
    {
        var tasks = Items.Of<ProjectTask>([new("a", "1"), new("b", "1")]);
        tasks.Put(new("a", "2"), t => t.Task).Select(t => t.Task + t.Name).ShouldBe(["a2", "b1"]);
        tasks.Put(new("c", "1"), t => t.Task).Select(t => t.Task + t.Name).ShouldBe(["a1", "b1", "c1"]);
        tasks.Select(t => t.Name).ShouldBe(["1", "1"], "the list itself never changes");
    }

    [Fact]
    public void Custom_fields_are_equal_by_content_whatever_order_they_came_in()
    {
        var one = new Ext([new("a", "1"), new("b", "2")]);
        var other = new Ext([new("b", "2"), new("a", "1")]);
        (one, one.GetHashCode()).ShouldBe((other, other.GetHashCode()));
        one.Over(new Ext([new("b", "9"), new("c", "3")]))
            .ShouldBe(new Ext([new("a", "1"), new("b", "2"), new("c", "3")]));
        Should.Throw<ArgumentException>(() => new Ext([new("a", "1"), new("a", "2")]));
    }

    [Fact]
    public void A_period_has_both_its_ends_in_it_and_may_be_open()
    {
        var (first, last) = (new LocalDate(2026, 3, 1), new LocalDate(2026, 3, 31));
        var march = new Period(first, last);
        (march.Contains(first), march.Contains(last)).ShouldBe((true, true));
        (march.Contains(first.PlusDays(-1)), march.Contains(last.PlusDays(1))).ShouldBe((false, false));
        new Period(first).Contains(last.PlusYears(50)).ShouldBeTrue();
    }
}
