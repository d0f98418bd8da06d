using Ledger.Store.Local;

namespace Ledger.Store.Tests.Local;

public sealed class PostgresBinariesTests
{
    [Fact]
    public void Says_what_to_install_where_there_is_no_postgresql()
    {
        var none = Should.Throw<PostgresNotFoundException>(() => PostgresBinaries.For("/data", null, _ => null, []));
        none.Message.ShouldBe(
            "No PostgreSQL 15 or later was found on this machine: install its server (for example `apt-get install "
            + "postgresql`), point LEDGER_PG_BIN at the folder that holds initdb, pg_ctl and postgres, or use a server "
            + "you have with --database.");
    }

    [Fact]
    public void Says_so_when_the_named_folder_is_not_postgresqls()
    {
        var wrong = Should.Throw<PostgresNotFoundException>(
            () => PostgresBinaries.For("/data", null, name => name == "LEDGER_PG_BIN" ? "/nowhere" : null, Installed));
        wrong.Message.ShouldBe(
            "LEDGER_PG_BIN names /nowhere, which does not hold initdb, pg_ctl and postgres: correct it, unset it to "
            + "search the usual folders, or use a server you have with --database.");
    }

    [Fact]
    public void Refuses_data_of_a_version_that_is_not_installed()
    {
        var other = Should.Throw<LocalPostgresException>(
            () => PostgresBinaries.For("/data", 99, _ => null, Installed));
        other.Message.ShouldStartWith("The data folder /data was made by PostgreSQL 99 and only ");
        other.Message.ShouldEndWith(
            "is installed: install PostgreSQL 99 (for example `apt-get install postgresql-99`) or name another folder "
            + "with --data.");
    }

    [Fact]
    public void Finds_the_folder_behind_links_on_the_path()
    {
        var installed = PostgresBinaries.For("/data", null, _ => null, Installed);
        var links = Directory.CreateTempSubdirectory("ledger-test-");
        try
        {
            File.CreateSymbolicLink(
                Path.Combine(links.FullName, "postgres"), Path.Combine(installed.Folder, "postgres"));
            PostgresBinaries.For("/data", null, name => name == "PATH" ? links.FullName : null, []).ShouldBe(installed);
        }
        finally
        {
            links.Delete(recursive: true);
        }
    }

    [Fact]
    public void Passes_over_a_folder_that_has_clients_only()
    {
        var clients = Directory.CreateTempSubdirectory("ledger-test-");
        try
        {
            File.WriteAllText(Path.Combine(clients.FullName, "psql"), "");
            Should.Throw<PostgresNotFoundException>(() => PostgresBinaries.For(
                "/data", null, name => name == "PATH" ? clients.FullName : null, []));
        }
        finally
        {
            clients.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Installed =>
        PostgresBinaries.UsualFolders().Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'));
}
