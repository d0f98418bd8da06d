using Ledger.Testing;
using Npgsql;

namespace Ledger.Store.Tests;

public sealed class MigrationsTests
{
    [Fact]
    public async Task Bring_an_empty_database_up_once_even_when_two_start_at_a_time()
    {
        await using var database = await TestDatabase.CreateEmpty(None);
        var pending = await Migrations.Pending(database.ConnectionString, None);
        pending[0].ShouldBe("0001-store");

        var both = await Task.WhenAll(
            Migrations.Apply(database.ConnectionString, None),
            Migrations.Apply(database.ConnectionString, None));

        both.SelectMany(applied => applied).ShouldBe(pending);
        (await Migrations.Pending(database.ConnectionString, None)).ShouldBeEmpty();
        (await Migrations.Apply(database.ConnectionString, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Refuse_a_database_whose_applied_script_differs()
    {
        await using var database = await TestDatabase.Create(None);
        await Execute(database, "update ledger.migration set sha256 = '\\x00' where number = 1");

        (await Should.ThrowAsync<MigrationException>(Migrations.Apply(database.ConnectionString, None)))
            .Message.ShouldContain("0001-store");
    }

    [Fact]
    public async Task Refuse_a_database_newer_than_the_program()
    {
        await using var database = await TestDatabase.Create(None);
        await Execute(database, "insert into ledger.migration (number, name, sha256) values (9999, '9999-later', '')");

        (await Should.ThrowAsync<MigrationException>(Migrations.Pending(database.ConnectionString, None)))
            .Message.ShouldContain("9999-later");
    }

    private static async Task Execute(TestDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
