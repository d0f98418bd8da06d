using Ledger.Testing;
using Npgsql;

namespace Ledger.Store.Tests.Local;

public sealed class TestDatabaseTests
{
    [Fact]
    public async Task Gives_every_test_a_database_of_its_own_in_utc()
    {
        await using var mine = await TestDatabase.Create(CancellationToken.None);
        await using var other = await TestDatabase.Create(CancellationToken.None);
        await Run(mine, "create table only_here ()");

        (await Run(mine, "select to_regclass('only_here') is not null")).ShouldBe(true);
        (await Run(other, "select to_regclass('only_here') is not null")).ShouldBe(false);
        (await Run(mine, "show timezone")).ShouldBe("UTC");
    }

    private static async Task<object?> Run(TestDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
