using System.CommandLine;
using System.Globalization;
using Ledger.Api.Pages;
using Ledger.Domain;
using Ledger.Projections.Views;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>ledger exceptions list</c>: what has to be looked at, and what it comes to.</summary>
internal static class ExceptionsListing
{
    private const int PageCases = 1_000;

    private static readonly Option<string> Status = new Option<string>("--status")
    {
        Description = "Only these.",
        DefaultValueFactory = _ => "open",
    }.AcceptOnlyFromAmong("open", "accepted", "resolved", "all");

    private static readonly Option<string?> Class = Text("--class", "Only of this class of drift, or finding.", "NAME");

    private static readonly Option<string?> OfSeverity = Word<Severity>("--severity", "Only of this severity.");

    private static readonly Option<string?> OfSource = Text(
        "--source", "Only those that this system is asked about first.", "NAME");

    private static readonly Option<string?> Assignee = Text("--assignee", "Only those that they look at.", "WHO");

    private static readonly Option<string?> Assigned = new Option<string?>("--assigned")
    {
        Description = "Only those that nobody looks at, or that a rule or a person gave to somebody.",
    }.AcceptOnlyFromAmong("nobody", "rule", "person");

    private static readonly Option<string?> Of = Text("--kind", "Only those about a record of this kind.", "KIND");

    private static readonly Option<string?> LegalEntity = Text(
        "--legal-entity", "Only those about a record of this legal entity.", "STREAM");

    private static readonly Option<string?> Engagement = Text(
        "--engagement", "Only those of this contract; of a project or a client where no contract is known.", "STREAM");

    private static readonly Option<string?> OfCurrency = Text(
        "--currency", "Only those with money of this currency at stake.", "CODE");

    private static readonly Option<decimal?> AmountMin = new("--min-amount")
    {
        Description = "Only those with this much at stake, or more, in whichever currency.",
        HelpName = "AMOUNT",
    };

    private static readonly Option<int?> OlderThan = new("--older-than")
    {
        Description = "Only those that began more than so many days ago.",
        HelpName = "DAYS",
    };

    private static readonly Option<string?> Having = Text("--text", "Only those in whose words this stands.", "TEXT");

    private static readonly Option<string?> Sort = Word<CaseOrder>("--sort", "What comes first.");

    private static readonly Option<string?> Group = Word<CaseGrouping>(
        "--group", "Only what they come to, added up by this.");

    public static Command Create() => new LedgerCommand(
        "list", "Exceptions: id, severity, age, class, system, who looks at it, sentence. With --group only what they "
            + "come to: how many, money, of what.", """
        ledger exceptions list --sort amount
        ledger exceptions list --group engagement
        ledger exceptions list --status all --source billing --older-than 30
        """)
        {
            Status, Class, OfSeverity, OfSource, Assignee, Assigned, Of, LegalEntity, Engagement, OfCurrency, AmountMin,
            OlderThan, Having, Sort, Group,
        }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var (wanted, order) = (Wanted(parsed), Known<CaseOrder>(parsed, Sort) ?? CaseOrder.Opened);
        var grouping = Known<CaseGrouping>(parsed, Group);
        for (var (after, more, any) = (0L, true, false); more;)
        {
            var page = await CaseList.Read(
                ledger.Source, wanted, order, grouping ?? CaseGrouping.Class, after, PageCases, cancellationToken);
            foreach (var line in grouping is null
                ? page.Found.Select(found => Line(found, page.Day)) : page.Totals.Select(Line))
                Terminal.Write(line);
            any |= page.Found.Count > 0;
            more = grouping is null && page.Found.Count == PageCases;
            if (more)
                after = page.Found[^1].Opened;
            else if (!any)
                Terminal.Write("none");
        }

        return Exit.Good;
    });

    private static CaseFilter Wanted(ParseResult parsed) => new(
        parsed.GetValue(Status) is var status and not "all"
            ? Enum.Parse<CaseStatus>(status!, ignoreCase: true)
            : null,
        parsed.GetValue(Class), Known<Severity>(parsed, OfSeverity), parsed.GetValue(OfSource),
        parsed.GetValue(Assignee))
    {
        Assigned = parsed.GetValue(Assigned), Of = parsed.GetValue(Of), LegalEntity = parsed.GetValue(LegalEntity),
        Engagement = parsed.GetValue(Engagement), Currency = parsed.GetValue(OfCurrency),
        AmountMin = parsed.GetValue(AmountMin), OlderThanDays = parsed.GetValue(OlderThan),
        Text = parsed.GetValue(Having),
    };

    private static string Line(CaseView found, LocalDate? day)
    {
        var age = day is { } on && found.AgeDays(on) is { } days
            ? days.ToString(CultureInfo.InvariantCulture) + " d"
            : "-";
        var status = found.State.Status is CaseStatus.Open ? "" : $" ({Words.Of(found.State.Status)})";
        var by = found.State.Assignee is { } who ? $" [{who}]" : "";
        return $"{found.Id} {Words.Of(found.State.Severity),-6} {age,6} {found.Class} {found.State.Owner ?? "-"}{by}: "
            + $"{found.State.Sentence}{status}";
    }

    private static string Line(CaseTotal total)
    {
        var money = total is { Amount: { } amount, Currency: { } currency }
            ? $"{DecimalText.Write(amount)} {currency}"
            : "-";
        var name = total.Name is { } known ? $" ({known})" : "";
        return FormattableString.Invariant($"{total.Cases,6} {money,20} {total.Of ?? "none known"}{name}");
    }

    private static Option<string?> Text(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };

    private static Option<string?> Word<TEnum>(string name, string description)
        where TEnum : struct, Enum => new Option<string?>(name) { Description = description }.AcceptOnlyFromAmong(
            [.. Enum.GetValues<TEnum>().Select(word => Words.Name(word))]);

    private static TEnum? Known<TEnum>(ParseResult parsed, Option<string?> option)
        where TEnum : struct, Enum => parsed.GetValue(option) is not { } said ? null
        : Array.Find(Enum.GetValues<TEnum>(), word => Words.Name(word) == said);
}
