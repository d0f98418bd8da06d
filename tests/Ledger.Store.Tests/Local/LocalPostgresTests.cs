using Ledger.Store.Local;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Store.Tests.Local;

public sealed class LocalPostgresTests
{
    [Fact]
    public async Task Keeps_its_data_between_runs()
    {
        await using var folder = new TemporaryFolder();
        await using (var first = await Start(folder))
            await Run(first, "create table kept as select 42 as answer");

        File.Exists(Path.Combine(folder.Path, "cluster", "postmaster.pid")).ShouldBeFalse();
        await using var second = await Start(folder);
        (await Run(second, "select answer from kept")).ShouldBe(42);
    }

    private static Task<LocalPostgres> Start(TemporaryFolder folder) =>
        LocalPostgres.Start(folder.Path, TestServer.Small, progress: null, CancellationToken.None);

    private static async Task<object?> Run(LocalPostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
