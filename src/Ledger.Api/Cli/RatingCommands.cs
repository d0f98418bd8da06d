using System.CommandLine;
using System.CommandLine.Parsing;
using Ledger.Domain;
using Ledger.Projections.Rating;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>ledger propose-invoice</c>: what may be invoiced of a contract through a day.</summary>
internal static class ProposeInvoiceCommand
{
    private static readonly Option<string> Contract = new("--contract")
    {
        Description = "The contract, as {kind}/{source}:{id}.",
        HelpName = "STREAM",
        Required = true,
    };

    private static readonly Option<LocalDate> Through = Days.Option("--through", "The last service date billed.");

    private static readonly Option<string> Format = Common.Format("text", "json");

    public static Command Create() => new LedgerCommand(
        "propose-invoice", "Proposes what may be invoiced of a contract through a day, line by line with its way to "
        + "the work and the price, and says of everything else why not. It writes nothing.", """
        ledger propose-invoice --contract contract/clm:K-2041 --through 2026-09-30
        ledger propose-invoice --contract contract/clm:K-2041 --through 2026-09-30 --format json
        """)
    {
        Contract, Through, Format,
    }.OnLedger((parsed, cancellationToken) => RatingCommand.Run(
        parsed, Format, (reader, token) => reader.Proposal(
            parsed.GetValue(Contract)!, parsed.GetValue(Through), token),
        RatingText.Write, RatingJson.Write, $"No contract is known as '{parsed.GetValue(Contract)}'.",
        _ => true, cancellationToken));
}

/// <summary><c>ledger re-rate INVOICE</c>: an issued invoice, worked out again.</summary>
internal static class ReRateCommand
{
    private static readonly Argument<string> Invoice = new("INVOICE")
    {
        Description = "The invoice, as {kind}/{source}:{id}.",
    };

    private static readonly Option<string> Format = Common.Format("text", "json");

    public static Command Create() => new LedgerCommand(
        "re-rate", "Works an issued invoice out again from the work, prices and terms behind it, and takes the "
        + "difference apart to the cent. Exit code 1 where there is one.", """
        ledger re-rate invoice/billing:77
        ledger re-rate invoice/billing:77 --format json
        """)
    {
        Invoice, Format,
    }.OnLedger((parsed, cancellationToken) => RatingCommand.Run(
        parsed, Format, (reader, token) => reader.ReRating(parsed.GetValue(Invoice)!, token), RatingText.Write,
        RatingJson.Write, $"No invoice with a total is known as '{parsed.GetValue(Invoice)}'.",
        rated => rated.IsEqual, cancellationToken));
}

/// <summary><c>ledger rate-touches SUBJECT</c>: what a card, a contract, a resource or a project changes from a day on.
/// </summary>
internal static class RateTouchesCommand
{
    private static readonly Argument<string> Subject = new("SUBJECT")
    {
        Description = "The rate card, contract, resource or project, as {kind}/{source}:{id}.",
    };

    private static readonly Option<LocalDate> From = Days.Option("--from", "The first service date looked at.");

    private static readonly Option<string> Format = Common.Format("text", "json");

    public static Command Create() => new LedgerCommand(
        "rate-touches", "Says which work a card's prices, a contract's own prices, cards and ceilings, a resource's "
        + "role and cost, or the places on a project change from a day on, billed and unbilled, and which documents "
        + "that asks for. It writes nothing.", """
        ledger rate-touches rate_card/clm:RC-NMW-26 --from 2026-05-01
        ledger rate-touches resource/psa:R-17 --from 2026-05-01
        """)
    {
        Subject, From, Format,
    }.OnLedger((parsed, cancellationToken) => RatingCommand.Run(
        parsed, Format, (reader, token) => reader.Touches(
            parsed.GetValue(Subject)!, parsed.GetValue(From), token),
        RatingText.Write, RatingJson.Write,
        $"No rate card, contract, resource or project is known as '{parsed.GetValue(Subject)}'.", _ => true,
        cancellationToken));
}

/// <summary>What the commands of rating share.</summary>
internal static class RatingCommand
{
    /// <param name="good">Whether an answer is one that a script may pass over.</param>
    public static async Task<int> Run<T>(
        ParseResult parsed, Option<string> format, Func<RatingReader, CancellationToken, Task<Rated<T>?>> read,
        Func<Rated<T>, string> text, Func<Rated<T>, string> json, string none, Func<T, bool> good,
        CancellationToken cancellationToken)
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        if (await read(new(ledger.Source), cancellationToken) is not { } rated)
        {
            Terminal.Note(none);
            return Exit.ProblemFound;
        }

        Console.Out.Write(parsed.GetValue(format) == "json" ? json(rated) + "\n" : text(rated));
        return good(rated.Answer) ? Exit.Good : Exit.ProblemFound;
    }
}

/// <summary>Options that take a date.</summary>
internal static class Days
{
    public static Option<LocalDate> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DATE",
        Required = true,
        CustomParser = result => Read(name, result) ?? default,
    };

    public static Option<LocalDate?> Optional(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DATE",
        CustomParser = result => Read(name, result),
    };

    private static LocalDate? Read(string name, ArgumentResult result)
    {
        if (LedgerJson.TryDate(result.Tokens[0].Value, out var day)) return day;
        result.AddError($"{name} takes a date such as 2026-03-31.");
        return null;
    }
}
