using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>One engagement, from the opportunity to the last payment: told month by month, so that no more than a month
/// of it is ever held.</summary>
internal sealed partial class Engagement
{
    private const int TeamMin = 2;
    private const int TeamMax = 4;
    private const int MonthsAfter = 4;

    // Half the engagements are billed by the sheet, the others as agreed ahead.
    private static readonly BillingModel[] Models =
    [
        BillingModel.TimeAndMaterials, BillingModel.TimeAndMaterials, BillingModel.FixedFee,
        BillingModel.TimeAndMaterials, BillingModel.Milestone, BillingModel.TimeAndMaterials, BillingModel.Retainer,
        BillingModel.TimeAndMaterials, BillingModel.Subscription, BillingModel.Usage,
    ];

    private readonly Firm firm;
    private readonly int index;
    private readonly Action<Planted> plant;
    private readonly Dice dice;
    private readonly Teller teller;
    private readonly Erp erp;
    private readonly int client;
    private readonly Company company;
    private readonly Currency currency;
    private readonly LocalDate first;
    private readonly int months;
    private readonly BillingModel model;
    private readonly RoundingScope scope;
    private readonly bool inMinutes;
    private readonly Person[] team;
    private readonly ILookup<int, Fault> faults;
    private readonly Dictionary<(string Person, LocalDate From), string> places = [];
    private string? placeBefore;
    private readonly string contract;
    private readonly string project;

    /// <param name="first">First day of its first month.</param>
    /// <param name="plant">Hears of every fault planted.</param>
    public Engagement(Firm firm, int index, LocalDate first, Action<Planted> plant)
    {
        (this.firm, this.index, this.first, this.plant) = (firm, index, first, plant);
        dice = firm.DiceFor("engagement", index);
        teller = new(Id("e"), firm.DiceFor("delivery", index));
        client = Firm.ClientOf(index);
        company = Firm.CompanyOf(client);
        currency = Firm.CurrencyOf(client);
        erp = new(teller, company);
        months = MonthsOf(dice);
        model = ModelOf(index);
        scope = index % 2 == 0 ? RoundingScope.Invoice : RoundingScope.Line;
        inMinutes = index % 3 == 1;
        team = [.. Enumerable.Range(0, dice.Between(TeamMin, TeamMax))
            .Select(i => firm.PersonAt((index * TeamMax + i) % firm.People))];
        faults = firm.FaultsOf(index);
        contract = Id("CT");
        project = Id("PRJ");
    }

    /// <summary>What decides which faults an engagement can show, before it is told.</summary>
    public static Carrier CarrierOf(Firm firm, int index)
    {
        var of = Firm.ClientOf(index);
        return new(
            index, ModelOf(index), MonthsOf(firm.DiceFor("engagement", index)),
            index % Firm.EngagementsPerClient == 0, firm.Neighbour(of) != of,
            Firm.CurrencyOf(of) != Firm.CompanyOf(of).Currency);
    }

    /// <summary>Whether the project says what each is on it; else each is what he is in the firm.</summary>
    private bool HasPlaces => index % 5 != 3;

    /// <summary>Whether hours are billed, and what was spent.</summary>
    private bool BySheet => model is BillingModel.TimeAndMaterials or BillingModel.Retainer;

    private LocalDate Ends => first.PlusMonths(months).PlusDays(-1);

    /// <summary>All that is told of it, in the order it reaches the ledger.</summary>
    public IEnumerable<Told> Life()
    {
        Begin();
        for (var month = 0; month < months + MonthsAfter; month++)
        {
            var starts = first.PlusMonths(month);
            if (model is BillingModel.Retainer && month < months) AskAhead(month, starts);
            if (month is > 0 && month <= months) Bill(month - 1, starts);
            if (month < months) Work(month, starts);
            if (month == 1) Amend(starts);
            if (month == months + 1) Close(starts);
            foreach (var told in teller.Arrived(starts.PlusMonths(1).AtMidnight().InUtc().ToInstant()))
                yield return told;
        }

        foreach (var told in teller.Arrived(Instant.MaxValue)) yield return told;
    }

    // The first throw of an engagement's dice.
    private static int MonthsOf(Dice dice) => dice.Between(5, 8);

    private static BillingModel ModelOf(int index) => Models[index % Models.Length];

    private string Id(string prefix) => $"{prefix}-{(20_000 + index).ToString(CultureInfo.InvariantCulture)}";

    private static Ref To(Kind kind, string source, string id, string? line = null) =>
        new(kind.Name, source, id, Line: line);

    private Ref CrmClient => To(Kind.Client, Firm.Crm, Firm.CrmId(client));

    private Ref ErpClient => To(Kind.Client, company.Erp, Firm.ErpId(client));

    private Ref Contract => To(Kind.Contract, Firm.Clm, contract);

    private Ref Project => To(Kind.Project, Firm.Psa, project);

    /// <summary>Who approves, and does none of the work.</summary>
    private string Manager => Enumerable.Range(index % 13 == 0 ? 3 : 0, team.Length + 1).Select(i => firm.PersonAt(i))
        .First(p => !team.Contains(p)).Id;

    private bool Struck(int month, Fault fault) => faults[month].Contains(fault);

    /// <summary>What a month's fee is, whatever it is for.</summary>
    private decimal Fee(int month) => 4_000m + (index * 37 + month * 53) % 90 * 100m;
}
