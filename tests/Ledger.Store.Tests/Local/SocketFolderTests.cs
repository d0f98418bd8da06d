using Ledger.Store.Local;

namespace Ledger.Store.Tests.Local;

public sealed class SocketFolderTests
{
    [Fact]
    public void Is_in_the_data_folder_where_that_path_is_short_and_plain() =>
        SocketFolder.For("/var/lib/proserv-ledger", "/tmp", 5432).ShouldBe("/var/lib/proserv-ledger/run");

    [Theory]
    [InlineData("/home/someone/with spaces")]
    [InlineData("/srv/one,two")]
    [InlineData("/srv/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789")]
    public void Is_short_and_plain_elsewhere_where_the_data_folder_is_not(string data)
    {
        var folder = SocketFolder.For(data, "/tmp", 5432);
        folder.ShouldMatch("^/tmp/ledger-[0-9a-f]{20}$");
        SocketFolder.For(data + "2", "/tmp", 5432).ShouldNotBe(folder);
    }
}
