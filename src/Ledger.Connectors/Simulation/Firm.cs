using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>A company of the firm.</summary>
/// <param name="Erp">The system that keeps its books.</param>
/// <param name="TaxPercent">Of its ordinary sales.</param>
/// <param name="DeliversRows">Whether that system shows its records as they stand, where others tell what happened.
/// </param>
internal sealed record Company(
    string Id, string Name, string Country, string Zone, Currency Currency, string Erp, decimal TaxPercent,
    decimal PriceLevel, bool DeliversRows)
{
    public Ref Ref { get; } = new(Kind.LegalEntity.Name, Erp, Id);

    public TaxId TaxId { get; } = new("VAT", Country, Id + "-VAT-1");
}

/// <summary>A member of the firm, or of a subcontractor's.</summary>
/// <param name="Role">What they are at first.</param>
/// <param name="PromotedOn">From when on they are the next higher; null = never.</param>
internal sealed record Person(
    string Id, string Name, string Role, string Grade, decimal CostPerHour, LocalDate? PromotedOn = null)
{
    public string RoleOn(LocalDate day) => day >= PromotedOn ? Firm.Above(Role) : Role;
}

/// <summary>What the firm is made of, worked out from numbers instead of kept: clients, people and prices are the same
/// whoever asks.</summary>
/// <param name="hasFaults">Whether anything is wrong with it.</param>
internal sealed class Firm(ulong seed, int engagements, bool hasFaults)
{
    private FaultPlan? plan;

    public const string Crm = "crm";
    public const string Cpq = "cpq";
    public const string Clm = "clm";
    public const string Psa = "psa";
    public const string Billing = "billing";
    public const string Km = "km";
    public const string Bank = "bank";

    /// <summary>Somebody whom no rate card has a price for.</summary>
    public static readonly Person Intern = new("R-900", "Ivo Farrow", "Intern", "G9", 18m);

    /// <summary>Who works for the firm without being of it.</summary>
    public static readonly (string Id, string Name)[] Suppliers =
    [
        ("V30001", "Holt Surveys"), ("V30002", "Brandt Prüfstelle"), ("V30003", "Cantoni Geodata"),
    ];

    private static readonly Currency Dollar = Currency.Of("USD");

    /// <summary>How many engagements of one client follow each other.</summary>
    public const int EngagementsPerClient = 3;

    public static readonly Company[] Companies =
    [
        new("AF-UK", "Alder & Finch LLP", "GB", "Europe/London", Currency.Of("GBP"), "erp-uk", 20m, 1m, false),
        new("AF-DE", "Alder & Finch GmbH", "DE", "Europe/Berlin", Currency.Of("EUR"), "erp-eu", 19m, 1.15m, true),
        new("AF-CH", "Alder & Finch AG", "CH", "Europe/Zurich", Currency.Of("CHF"), "erp-eu", 8.1m, 1.4m, true),
    ];

    public static readonly string[] Roles = ["Partner", "Director", "Manager", "Senior consultant", "Consultant"];

    public static readonly string[] ServiceLines = ["Transport", "Water", "Energy", "Digital", "Disputes"];

    private static readonly decimal[] BasePrices = [310m, 245m, 186.5m, 142.25m, 108.75m];

    private static readonly string[] First =
    [
        "Northmoor", "Castell", "Dunmore", "Halcyon", "Brightwater", "Kestrel", "Larkfield", "Marchbank", "Oakhurst",
        "Pennine", "Quayside", "Ravensworth", "Silverdale", "Thornbury", "Underwood", "Vantage", "Westerham", "Yarrow",
        "Ashdown", "Belgrave", "Calder", "Drayton", "Elmstead", "Fairholm", "Glenavon",
    ];

    private static readonly string[] Trade =
    [
        "Rail", "Ports", "Utilities", "Foods", "Textiles", "Aviation", "Shipping", "Ceramics", "Housing", "Insurance",
        "Minerals", "Optics", "Paper", "Robotics", "Steel", "Timber", "Telecom", "Vehicles", "Wind", "Chemicals",
        "Breweries", "Cables", "Dairies", "Engines",
    ];

    private static readonly string[] Given =
    [
        "Ada", "Ben", "Clara", "David", "Edda", "Felix", "Greta", "Henry", "Ines", "Jonas", "Karin", "Leo", "Mona",
        "Niall", "Olga", "Paul", "Quinn", "Rosa", "Sven", "Tara", "Uwe", "Vera", "Will", "Xenia", "Yusuf", "Zoe",
    ];

    private static readonly string[] Family =
    [
        "Archer", "Baumann", "Carver", "Dahl", "Engel", "Farrow", "Gruber", "Hollis", "Iversen", "Jansen", "Keller",
        "Lorenz", "Mercer", "Novak", "Osborne", "Pryce", "Quandt", "Reuter", "Sutter", "Thorne", "Ullmann", "Vance",
        "Weber", "Yates", "Zeller",
    ];

    public int Engagements { get; } = engagements;

    public bool HasFaults { get; } = hasFaults;

    /// <summary>Month of an engagement → what strikes the invoice over it.</summary>
    public ILookup<int, Fault> FaultsOf(int engagement) =>
        HasFaults ? (plan ??= new(this)).For(engagement) : FaultPlan.None;

    /// <summary>How many people the firm has for so much work.</summary>
    public int People { get; } = Math.Min(12 + engagements * 2, 900);

    public Dice DiceFor(string purpose, long which = 0) => new(seed, purpose, which);

    public static int ClientOf(int engagement) => engagement / EngagementsPerClient;

    /// <summary>A client always deals with the same company of the firm.</summary>
    public static Company CompanyOf(int client) => Companies[(client % 5) switch { 0 or 1 or 3 => 0, 2 => 1, _ => 2 }];

    /// <summary>Every fourth client pays in dollars, whatever its company keeps its books in.</summary>
    public static Currency CurrencyOf(int client) => client % 4 == 3 ? Dollar : CompanyOf(client).Currency;

    /// <summary>Another client of the same company; the client itself where the firm is too small to have one.
    /// </summary>
    public int Neighbour(int client)
    {
        var clients = (Engagements + EngagementsPerClient - 1) / EngagementsPerClient;
        for (var far = 1; far < clients; far++)
            foreach (var other in (int[])[client - far, client + far])
                if (other >= 0 && other < clients && CompanyOf(other) == CompanyOf(client)
                    && CurrencyOf(other) == CurrencyOf(client)) return other;
        return client;
    }

    public static string ClientName(int client)
    {
        var suffix = CompanyOf(client).Country switch { "GB" => "Ltd", "DE" => "GmbH", _ => "AG" };
        var again = client / (First.Length * Trade.Length);
        var place = again == 0 ? "" : " " + again.ToString(CultureInfo.InvariantCulture);
        // 25 and 24 have no common divisor: the pair repeats only after all of them.
        return $"{First[client % First.Length]} {Trade[client % Trade.Length]}{place} {suffix}";
    }

    public static TaxId ClientTaxId(int client)
    {
        var company = CompanyOf(client);
        var scheme = company.Country == "CH" ? "UID" : "VAT";
        return new(scheme, company.Country, $"{company.Country}{300_000_000 + client * 37L}");
    }

    /// <summary>Whether any client is a company's.</summary>
    public bool HasClientsOf(Company company) => Enumerable
        .Range(0, (Engagements + EngagementsPerClient - 1) / EngagementsPerClient).Any(c => CompanyOf(c) == company);

    public static string CrmId(int client) => $"ACC-{10_000 + client}";

    public static string ErpId(int client) => $"C{200_000 + client}";

    public static string CardId(int client) => $"RC-{10_000 + client}";

    /// <summary>What somebody is promoted to; who is at the top goes back.</summary>
    public static string Above(string role) => Roles[Math.Abs(Array.IndexOf(Roles, role) - 1)];

    public Person PersonAt(int index)
    {
        var dice = DiceFor("person", index);
        var role = index % 13 switch { 0 => 0, 1 or 2 => 1, 3 or 4 or 5 => 2, < 9 => 3, _ => 4 };
        var name = $"{Given[dice.Below(Given.Length)]} {Family[index % Family.Length]}";
        return new(
            $"R-{1000 + index}", name, Roles[role], $"G{8 - role}",
            Rounding.Round(BasePrices[role] * 0.42m + dice.Below(9), 2, RoundingMode.HalfAwayFromZero),
            index % 3 == 1 ? new LocalDate(2025, 2, 1).PlusDays(index % 50) : null);
    }

    /// <summary>What the client's card asks for an hour in a year; it rises every January.</summary>
    public static decimal Price(int client, string role, int year)
    {
        var currency = CurrencyOf(client) == Dollar ? 1.3m : CompanyOf(client).PriceLevel;
        var level = currency * (1m + client % 7 * 0.02m)
            * (year >= 2000 ? 1m + (year - 2000) * 0.03m : 1m / (1m + (2000 - year) * 0.03m));
        // To the quarter: quarters of quarters give the halves of a cent that rounding is about.
        var quarters = BasePrices[Array.IndexOf(Roles, role)] * level * 4m;
        return Rounding.Round(quarters, 0, RoundingMode.HalfAwayFromZero) / 4m;
    }

    public static string RateId(string role, int year) =>
        $"{role.Replace(' ', '-').ToLowerInvariant()}-{year.ToString(CultureInfo.InvariantCulture)}";
}
