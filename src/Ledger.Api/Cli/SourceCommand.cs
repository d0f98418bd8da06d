using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Ledger.Domain;
using Ledger.Store;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>ledger source …</c>: which systems may write, and how much.</summary>
internal static partial class SourceCommand
{
    private static readonly Argument<string> Name = new("NAME")
    {
        Description = "The system's name in the ledger: lower-case letters, digits and hyphens. 'ledger' is the ledger "
            + "itself, for people who decide in its name over HTTP.",
        Validators =
        {
            result =>
            {
                var name = result.Tokens is [var token] ? token.Value : "";
                if (!StreamName.IsSource(name))
                    result.AddError(
                        $"A source is lower-case letters, digits and hyphens, such as psa or erp-uk, not '{name}'.");
            },
        },
    };

    private static readonly Option<string[]> Roles = new Option<string[]>("--role")
    {
        Description = "What it is to the firm; may be given several times.",
    }.AcceptOnlyFromAmong([.. Enum.GetNames<Role>().Select(role => role.ToLowerInvariant())]);

    private static readonly Option<string[]> Kinds = new Option<string[]>("--kind")
    {
        Description = "A kind of record it carries; may be given several times.",
    }.AcceptOnlyFromAmong([.. Kind.All.Where(kind => !kind.IsGovernance).Select(kind => kind.Name)]);

    private static readonly Option<string?> Title = new("--name")
    {
        Description = "What people call it.",
        HelpName = "TEXT",
    };

    private static readonly Option<string?> Zone = new("--zone")
    {
        Description = "IANA time zone in which its dates are meant.",
        HelpName = "ZONE",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var token] && DateTimeZoneProviders.Tzdb.GetZoneOrNull(token.Value) is null)
                    result.AddError($"There is no time zone '{token.Value}'; --zone takes one such as Europe/London.");
            },
        },
    };

    private static readonly Option<string?> KeepOld = new("--keep-old")
    {
        Description = "How long the token before stays good: 30s, 15m, 1h, 7d. Where not said it ends at once.",
        HelpName = "TIME",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var token] && Time(token.Value) is null)
                    result.AddError($"--keep-old takes a time such as 30s, 15m, 1h or 7d, not '{token.Value}'.");
            },
        },
    };

    public static Command Create() => new LedgerCommand(
        "source", "Says which systems may write, with which token, and how much.", """
        ledger source add psa --role psa --zone Europe/London --kind time --kind expense
        ledger source rotate psa --keep-old 1h
        ledger source revoke psa
        ledger source suspend psa --reason "moved to another version over the weekend"
        ledger source list
        """)
        {
            Add(), List(), Rotate(), Revoke(), SourceLimitCommand.Create(Name), SourceStandstillCommand.Suspend(Name),
            SourceStandstillCommand.Resume(Name),
        };

    private static Command Add() => new LedgerCommand(
        "add", "Registers a system and prints its token, once: only its hash is kept.", """
        ledger source add psa --role psa --zone Europe/London
        ledger source add billing --role billing --role tax --name "Invoices" > billing.token
        """) { Name, Roles, Kinds, Title, Zone }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var (name, writers) = (parsed.GetValue(Name)!, new Writers(ledger.Source));
        var terms = new SourceTerms(
            parsed.GetValue(Roles)!, parsed.GetValue(Kinds)!, parsed.GetValue(Title), parsed.GetValue(Zone));
        if (name == SourceRegistration.Own)
            Terminal.Note("The ledger is no system of the firm's, so it is not registered; people decide in its name.");
        else if (await Register(ledger, name, terms, cancellationToken) is { } problem)
        {
            Terminal.Note($"{name} was not registered: {problem}");
            return Exit.ProblemFound;
        }

        if (await writers.Admit(name, cancellationToken) is not { } token)
        {
            Terminal.Note($"{name} has a token already; 'ledger source rotate {name}' makes a new one.");
            return Exit.ProblemFound;
        }

        return Told(token);
    });

    /// <returns>Why not; null = it is registered so.</returns>
    private static async Task<string?> Register(
        OpenLedger ledger, string name, SourceTerms terms, CancellationToken cancellationToken)
    {
        var said = await SourceRegistration.Append(ledger, name, terms, cancellationToken);
        if (said.Problem is null)
            Terminal.Note(said.IsNew ? $"{name} is registered." : $"{name} was registered so before.");
        return said.Problem;
    }

    private static Command Rotate() => new LedgerCommand(
        "rotate", "Prints a new token of a source; the one before ends, at once or after a while.", """
        ledger source rotate psa
        ledger source rotate psa --keep-old 1h
        """) { Name, KeepOld }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var keep = parsed.GetValue(KeepOld) is { } text ? Time(text)!.Value : Duration.Zero;
        var (name, writers) = (parsed.GetValue(Name)!, new Writers(ledger.Source));
        return await HadToken(writers, name, cancellationToken)
            ? Told(await writers.Rotate(name, keep, cancellationToken))
            : Exit.ProblemFound;
    });

    private static Command Revoke() => new LedgerCommand(
        "revoke", "Ends every token of a source; what it stated stays.", """
        ledger source revoke psa
        """) { Name }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var (name, writers) = (parsed.GetValue(Name)!, new Writers(ledger.Source));
        if (!await HadToken(writers, name, cancellationToken))
            return Exit.ProblemFound;
        var ended = await writers.Revoke(name, cancellationToken);
        Terminal.Write(FormattableString.Invariant($"{name}: {ended} {(ended == 1 ? "token" : "tokens")} revoked"));
        return Exit.Good;
    });

    private static Command List() => new LedgerCommand(
        "list", "Lists the sources: registered or not, their tokens without the tokens, their limits.", """
        ledger source list
        """).OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var register = await new Writers(ledger.Source).Register(cancellationToken);
        var registered = new HashSet<string>(StringComparer.Ordinal);
        var prefix = StreamName.Of(Kind.Source.Name, SourceRegistration.Own, "");
        await foreach (var (stream, _) in ledger.Store.Streams(prefix, cancellationToken))
            registered.Add(stream[prefix.Length..]);
        var names = registered.Concat(register.Tokens.Select(token => token.Source)).Concat(register.Limits.Keys)
            .Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var name in names)
            Terminal.Write($"{name,-16} {(registered.Contains(name) ? "registered" : "not registered")}, "
                + Tokens([.. register.Tokens.Where(token => token.Source == name)])
                + (register.Limits.TryGetValue(name, out var limit) ? SourceLimitCommand.Said(limit) : ""));
        Terminal.Note(register.IsClosed
            ? "Only sources with a token may write over HTTP."
            : "No token was ever made: programs of this machine may state any source.");
        return Exit.Good;
    });

    /// <summary>Whether a source ever had a token; says what to do where not. A name written wrong must not get one:
    /// the first token closes the ledger to everybody else.</summary>
    private static async Task<bool> HadToken(Writers writers, string name, CancellationToken cancellationToken)
    {
        var register = await writers.Register(cancellationToken);
        if (register.Tokens.Any(token => token.Source == name))
            return true;
        Terminal.Note($"{name} never had a token: 'ledger source add {name}' makes one.");
        return false;
    }

    private static int Told(string token)
    {
        Terminal.Note("Keep the token safe: it is not shown again.");
        Terminal.Write(token);
        return Exit.Good;
    }

    private static string Tokens(List<WriterToken> tokens)
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        var good = tokens.FindAll(token => token.IsGood(now));
        return good.Count == 0
            ? "no token"
            : string.Join(", ", good.Select(token => $"token of {LedgerJson.WriteInstant(token.CreatedAt)}"
                + (token.EndsAt is { } end ? $" until {LedgerJson.WriteInstant(end)}" : "")));
    }

    private static Duration? Time(string text)
    {
        if (TimePattern().Match(text) is not { Success: true } match)
            return null;
        var count = long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "s" => Duration.FromSeconds(count),
            "m" => Duration.FromMinutes(count),
            "h" => Duration.FromHours(count),
            _ => Duration.FromDays(count),
        };
    }

    [GeneratedRegex("^([0-9]{1,5})([smhd])$", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex TimePattern();
}
