namespace Ledger.Api.Tests.Hosting;

public sealed class AddressTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task A_port_that_is_taken_is_one_sentence()
    {
        await using var second = Server.Build(door.Ledger, [door.Address.ToString()]);
        var error = await Should.ThrowAsync<NotReadyException>(() => Server.Start(second, CancellationToken.None));
        error.Message.ShouldContain("--urls");
        error.Message.ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://localhost:5080", true)]
    [InlineData("http://[::1]:5080", true)]
    [InlineData("http://0.0.0.0:5080", false)]
    [InlineData("http://ledger.example:5080", false)]
    public void Knows_an_address_only_this_machine_reaches(string url, bool isLoopback) =>
        Server.IsLoopback(url).ShouldBe(isLoopback);
}
