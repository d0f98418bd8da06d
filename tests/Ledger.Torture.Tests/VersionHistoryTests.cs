namespace Ledger.Torture.Tests;

public sealed class VersionHistoryTests
{
    [Fact]
    public void Takes_calls_that_overlap_in_any_way_a_counter_could_have_served_them() =>
        VersionHistory.Anomalies(
        [
            new(0, 10, 1, Made: true), new(0, 9, 0, Made: false), new(5, 6, 1, Made: false),
            new(7, 30, 2, Made: true), new(8, 12, 1, Made: false), new(9, 11, 2, Made: false),
        ]).ShouldBeEmpty();

    [Fact]
    public void Finds_two_who_made_one_version() =>
        VersionHistory.Anomalies([new(0, 5, 1, Made: true), new(1, 6, 1, Made: true)]).ShouldNotBeEmpty();

    [Fact]
    public void Finds_a_version_that_nobody_made() =>
        VersionHistory.Anomalies([new(0, 5, 1, Made: true), new(6, 7, 3, Made: false)]).ShouldNotBeEmpty();

    [Fact]
    public void Finds_a_reader_who_sees_what_was_before_an_acknowledged_append() =>
        VersionHistory.Anomalies([new(0, 5, 1, Made: true), new(6, 7, 0, Made: false)]).ShouldNotBeEmpty();

    [Fact]
    public void Finds_a_version_seen_before_it_was_called_for() =>
        VersionHistory.Anomalies([new(5, 9, 1, Made: true), new(0, 4, 1, Made: false)]).ShouldNotBeEmpty();

    [Fact]
    public void Finds_versions_made_against_the_order_of_time() =>
        VersionHistory.Anomalies([new(10, 15, 1, Made: true), new(0, 5, 2, Made: true)]).ShouldNotBeEmpty();

    [Fact]
    public void Finds_what_only_a_chain_of_calls_shows() =>
        // 1 was made by 10 at the latest, 2 seen at 12; yet a call of 13 saw 1 still.
        VersionHistory.Anomalies(
        [
            new(0, 10, 1, Made: true), new(0, 40, 2, Made: true), new(9, 12, 2, Made: false),
            new(13, 20, 1, Made: false),
        ]).ShouldNotBeEmpty();
}
