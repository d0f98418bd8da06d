namespace Ledger.Connectors.Tests;

public sealed class ImportProfilesTests
{
    [Fact]
    public void An_unknown_profile_is_a_problem_that_names_the_known_ones() =>
        Problem(ImportProfiles.Import("quipu", []))
            .ShouldBe(("unknown_profile", "there is no import profile 'quipu'; there is kantata, business-central, ubl"));

    [Theory]
    [InlineData("ledger")]
    [InlineData("PSA 1")]
    [InlineData("")]
    [InlineData("7up")]
    public void A_system_is_not_called_what_no_system_may_be_called(string source) =>
        Problem(ImportProfiles.Import("kantata", [], source)).Code.ShouldBe("invalid_source");

    [Fact]
    public void Every_profile_teaches_itself_in_one_line() =>
        ImportProfiles.All.ShouldAllBe(p => p.Help.Length > 0 && !p.Help.Contains('\n'));

    private static (string Code, string Message) Problem(Imported read)
    {
        read.Events.ShouldBeEmpty();
        var problem = read.Problems.ShouldHaveSingleItem();
        return (problem.Code, problem.Message);
    }
}
