using System.CommandLine;
using System.CommandLine.Parsing;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Api;

/// <summary>What commands that decide something ask of whoever decides.</summary>
internal static class DecisionOptions
{
    public static readonly Option<string> Reason = new("--reason")
    {
        Description = "Why, for whoever asks later.",
        HelpName = "TEXT",
        Required = true,
    };

    public static readonly Option<string> Actor = new("--actor")
    {
        Description = "Who decides, as the firm names people.",
        HelpName = "WHO",
        DefaultValueFactory = _ => Environment.UserName,
    };

    public static readonly Option<string?> EffectiveOn = OfDate(
        "--effective-on", "From which date it counts where it is asked how it was; today where not said.");

    /// <summary>An option that takes a date.</summary>
    public static Option<string?> OfDate(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DATE",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var token] && !LedgerJson.TryDate(token.Value, out _))
                    result.AddError($"{name} takes a date such as 2026-03-31, not '{token.Value}'.");
            },
        },
    };

    public static LocalDate? Date(this ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } text && LedgerJson.TryDate(text, out var date) ? date : null;

    public static DecidedBy DecidedBy(this ParseResult parsed) =>
        new(parsed.GetValue(Actor)!, parsed.Date(EffectiveOn));

    /// <summary>Says what became of a decision, once the views show it.</summary>
    /// <param name="done">Given the receipt: what a person is told where it is said now, or was before.</param>
    public static async Task<int> Told(
        this OpenLedger ledger, (ItemAnswer? Receipt, ProblemAnswer? Problem) told,
        Func<ItemAnswer, Task<string>> done, CancellationToken cancellationToken)
    {
        if (told.Receipt is not { } receipt)
        {
            Terminal.Note(told.Problem!.Detail);
            return Exit.ProblemFound;
        }

        await ledger.Projector.CatchUp(null, cancellationToken);
        var before = receipt.Verdict == "duplicate" ? " (decided so before)" : "";
        Terminal.Write(FormattableString.Invariant($"{receipt.Position,7} {await done(receipt)}{before}"));
        return Exit.Good;
    }
}
