using System.CommandLine;
using System.CommandLine.Parsing;
using Ledger.Projections;
using Ledger.Store;
using Ledger.Store.Local;
using Npgsql;

namespace Ledger.Api;

/// <summary>How a command ended, for scripts.</summary>
internal static class Exit
{
    public const int Good = 0;
    public const int ProblemFound = 1;
    public const int Usage = 2;
    public const int NoPostgres = 3;
    public const int NotApproved = 5;

    public const string Said = """
        Exit codes: 0 good, 1 a problem was found or came up (said on stderr), 2 the command line is wrong,
        3 no PostgreSQL to run (one sentence says what to install), 5 money would change and nobody approved it.
        """;
}

/// <summary>A command that shows how it is used.</summary>
/// <param name="examples">One a line.</param>
internal sealed class LedgerCommand(string name, string description, string examples) : Command(name, description)
{
    public string Examples => examples;
}

/// <summary>Options and endings that commands share.</summary>
internal static class Common
{
    public static readonly Option<string?> Data = new("--data")
    {
        Description = "Folder of the ledger's own PostgreSQL; kept between runs. [env: LEDGER_DATA]",
        HelpName = "DIR",
    };

    public static readonly Option<string?> Database = new("--database")
    {
        Description = "A PostgreSQL server instead, as an Npgsql connection string. [env: LEDGER_DATABASE]",
        HelpName = "CONNECTION",
    };

    public static readonly Option<string?> SigningKey = new("--signing-key")
    {
        Description = "File of the private key that signs the log's roots (PEM, P-256); the ledger's own PostgreSQL "
            + "has one of its own. [env: LEDGER_SIGNING_KEY]",
        HelpName = "FILE",
    };

    public static readonly Option<string[]> Urls = new("--urls")
    {
        Description = "Where to listen.",
        HelpName = "URL",
        DefaultValueFactory = _ => [Server.UrlDefault],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly string[] Appending = ["append", "demo", "import", "serve"];

    /// <summary>How a result is written; the first is what it is where nothing is said.</summary>
    public static Option<string> Format(params string[] formats)
    {
        var option = new Option<string>("--format")
        {
            Description = "How to write it.",
            DefaultValueFactory = _ => formats[0],
        };
        return option.AcceptOnlyFromAmong(formats);
    }

    /// <summary>A command on a ledger, with the options that say which.</summary>
    public static Command OnLedger(this Command command, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        command.Options.Add(Data);
        command.Options.Add(Database);
        command.Options.Add(SigningKey);
        command.Validators.Add(OnePlace);
        command.SetAction((parsed, cancellationToken) => Ending(() => run(parsed, cancellationToken)));
        return command;
    }

    /// <summary>A command that needs no ledger.</summary>
    public static Command OnNothing(this Command command, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        command.SetAction((parsed, cancellationToken) => Ending(() => run(parsed, cancellationToken)));
        return command;
    }

    public static Place Place(this ParseResult parsed)
    {
        var key = parsed.GetValue(SigningKey) ?? Variable("LEDGER_SIGNING_KEY");
        return (parsed.GetValue(Database), parsed.GetValue(Data)) switch
        {
            ({ } database, _) => new(database, null, key),
            (_, { } data) => new(null, data, key),
            _ => new(Variable("LEDGER_DATABASE"), Variable("LEDGER_DATA"), key),
        };
    }

    /// <summary>Opens what the command line names.</summary>
    public static async Task<OpenLedger> Open(
        this ParseResult parsed, CancellationToken cancellationToken, bool migrate = false)
    {
        var ledger = await OpenLedger.Open(parsed.Place(), migrate, Terminal.Note, cancellationToken);
        if (ledger is { Signer: null, Folder: null } && Appending.Contains(parsed.CommandResult.Command.Name))
            Terminal.Note(
                "The log's roots are not signed: 'ledger key new FILE' makes a key, --signing-key FILE signs with it.");
        return ledger;
    }

    /// <summary>Listens for adding <c>--urls</c>.</summary>
    public static Command WithUrls(this Command command)
    {
        command.Options.Add(Urls);
        command.Validators.Add(result =>
        {
            foreach (var url in Said(result, Urls))
                if (!Uri.TryCreate(url, UriKind.Absolute, out var u) || u is not { Scheme: "http", PathAndQuery: "/" })
                    result.AddError($"--urls takes addresses such as {Server.UrlDefault}, not '{url}'.");
        });
        return command;
    }

    internal static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>What was given, as it was given: reading its value throws while a validator may still refuse it.
    /// </summary>
    private static IEnumerable<string> Said(CommandResult result, Option option) =>
        result.GetResult(option)?.Tokens.Select(token => token.Value) ?? [];

    private static void OnePlace(CommandResult result)
    {
        var (data, database) = (Said(result, Data).FirstOrDefault(), Said(result, Database).FirstOrDefault());
        if (data is not null && database is not null)
            result.AddError("Give --data or --database, not both.");
        if ((database ?? Variable("LEDGER_DATABASE")) is not { } address)
            return;
        try
        {
            _ = new NpgsqlConnectionStringBuilder(address);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            result.AddError($"The database is named by an Npgsql connection string ({error.Message}).");
        }
    }

    /// <summary>What a person can mend is one sentence; anything else is a defect and shows itself whole.</summary>
    private static async Task<int> Ending(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (PostgresNotFoundException error)
        {
            Terminal.Note(error.Message);
            return Exit.NoPostgres;
        }
        catch (Exception error) when (error is LocalPostgresException or MigrationException or NotReadyException
            or ViewsTooNewException or SigningKeyException or NotAsSealedException)
        {
            Terminal.Note(error.Message);
            return Exit.ProblemFound;
        }
        catch (PostgresException error) when (!ProblemHandling.IsUnavailable(error))
        {
            Terminal.Note($"PostgreSQL refuses: {error.MessageText}");
            return Exit.ProblemFound;
        }
        catch (OperationCanceledException)
        {
            Terminal.Note("Stopped.");
            return Exit.ProblemFound;
        }
        catch (Exception error) when (ProblemHandling.IsUnavailable(error))
        {
            Terminal.Note($"The database does not answer: {(error.InnerException ?? error).Message}");
            return Exit.ProblemFound;
        }
        catch (PostgresException error) when (error.SqlState is ['2', '8', ..] or PostgresErrorCodes.InvalidCatalogName)
        {
            Terminal.Note($"The database refuses: {error.MessageText}.");
            return Exit.ProblemFound;
        }
        catch (UnauthorizedAccessException error)
        {
            Terminal.Note(error.Message);
            return Exit.ProblemFound;
        }
    }
}
