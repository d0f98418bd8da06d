using Ledger.Domain;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections.Tests.Drift;

/// <summary>Random histories of three systems that tell the same hours and costs, mostly alike: linked, corrected,
/// gone, under projects and people that are one here and two there.</summary>
internal sealed class WorkHistories(int seed)
{
    private static readonly string[] Systems = ["psa", "erp", "billing"];

    private readonly Random _random = new(seed);
    private int _last, _minute;

    /// <summary>What has to be there for anything to be compared.</summary>
    public IReadOnlyList<NewEvent> Ground() =>
    [
        .. Systems.Select(s => Say("ledger", $"source/{s}", Registered(s))),
        .. Enumerable.Range(0, 8).SelectMany(n => new[]
        {
            Link(new("time", "psa", Text(n)), new("time", "erp", Text(n))),
            Link(new("time", "psa", Text(n)), new("time", "billing", Text(n))),
            Link(new("expense", "psa", Text(n)), new("expense", "erp", Text(n))),
            Link(new("project", "psa", Text(n % 4)), new("project", "erp", Text(n % 4))),
            Link(new("project", "psa", Text(n % 4)), new("project", "billing", Text(n % 4))),
            Link(new("resource", "psa", Text(n % 4)), new("resource", "erp", Text(n % 4))),
        }),
        .. Systems.SelectMany(s => Enumerable.Range(0, 4).SelectMany(n => new[]
        {
            Say(s, $"project/{n}", new ProjectStated(Name: "Dock")),
            Say(s, $"resource/{n}", new ResourceStated(Name: "Ada")),
        })),
        .. Systems.SelectMany(s => Enumerable.Range(0, 8).SelectMany(n => new[] { Hour(s, n), Cost(s, n) })),
    ];

    public IReadOnlyList<NewEvent> Next(int count) => [.. Enumerable.Range(0, count).Select(_ => Any())];

    private NewEvent Any()
    {
        var (system, id) = (One(Systems), _random.Next(8));
        var kind = One("time", "time", "expense", "project", "resource");
        return _random.Next(19) switch
        {
            0 or 1 or 2 or 3 => Hour(system, id),
            4 or 5 => Cost(system, id),
            6 => Say(system, $"{kind}/{id % 4}", new RecordDeleted()),
            7 => Say(system, $"{kind}/{id % 4}", new RecordRestored()),
            8 or 9 => Say("ledger", $"identity/{_random.Next(12)}", One<Event>(
                new IdentityUnlinked(new(kind, One(Systems), Text(id)), new(kind, One(Systems), Text(id))),
                new IdentityLinked(new(kind, One(Systems), Text(id)), new(kind, One(Systems), Text(_random.Next(8)))))),
            10 => Say(One("psa", "billing"), $"invoice/{id}", Invoice(id)),
            11 => Say("ledger", $"source/{system}", Registered(system)),
            12 => Say(system, $"resource/{id % 5}", new ResourceStated(
                Name: "Bob", CostRate: new Rate(One(10m, 20_000_000_000m), Currency.Of("GBP"), Unit.Hour))),
            13 => Say(system, $"project/{id % 5}", new ProjectStated { Number = One("PR-1", "PR-2") }),
            14 => Say("ledger", $"tolerance/{_random.Next(2)}", new ToleranceSet(
                One(DriftClass.Quantity, DriftClass.Amount), One(1m, 100m), Currency.Of("GBP"),
                Of: One<string?>(null, "expense"), From: One<LocalDate?>(null, new LocalDate(2026, 6, 3)))),
            15 => Say("ledger", $"lag/{_random.Next(2)}", new LagSet(system, One(0, 3, 400), Of: One(null, "time"))),
            16 => Say("ledger", $"status_map/{_random.Next(2)}", new StatusMapSet(
                system, One("time", "expense"), new Ext([new("submitted", "approved")]),
                To: One<LocalDate?>(null, new LocalDate(2026, 6, 3)))),
            17 => Say(system, $"time/{id}", One<Event>(
                new TimeEntryApproved("Bea", new(1m, Unit.Hour)), new TimeEntrySubmitted(),
                new TimeEntryRejected("Bea"), new TimeEntryReclassified(Task: One("T1", "T2")))),
            _ => Say(system, $"extract/{_random.Next(2)}", new ExtractCompleted(
                "x", One("time", "expense"), Count: _random.Next(6, 10), Delivered: 8)),
        };
    }

    private NewEvent Hour(string system, int id) => Say(system, $"time/{id}", new TimeStated(
        Resource: new Ref("resource", One(null, "psa"), Text(id % One(4, 4, 4, 5))),
        WorkedOn: (LocalDate?)new LocalDate(2026, 3, One(2, 2, 2, 3)),
        Quantity: One(new Quantity(60m, Unit.Minute), new Quantity(1.00m, Unit.Hour), new Quantity(90m, Unit.Minute)),
        Project: _random.Next(9) == 0
            ? new Ref("project", Number: One("PR-1", "PR-2"))
            : new Ref("project", One(null, "psa"), Text(id % One(4, 4, 4, 5))),
        BillRate: new Rate(100m, Currency.Of("GBP"), Unit.Hour),
        Billable: system == "erp" ? default : (Domain.Said<bool?>)true,
        Stated: _random.Next(9) == 0
            ? new StatedFlags(Billed: One<bool?>(true, false))
            : default(Domain.Said<StatedFlags>)));

    private NewEvent Cost(string system, int id) => Say(system, $"expense/{id}", new ExpenseStated(
        IncurredOn: (LocalDate?)new LocalDate(2026, 3, 2), Amount: (decimal?)One(100m, 100.00m, 100m, 101m),
        Currency: (Currency?)Currency.Of(One("GBP", "GBP", "GBP", "EUR")),
        Project: new Ref("project", null, Text(id % 4))));

    private InvoiceIssued Invoice(int id) => new(
        new(2026, 3, 31),
        [new("1", Bills: [new(new("time", One(Systems), Text(_random.Next(8))))], Net: One(100m, 150m))],
        Currency: Currency.Of("GBP"), Projects: [new("project", "psa", Text(id % 4))])
    {
        Number = "INV-" + id,
    };

    private SourceRegistered Registered(string system) => new(
        [system switch { "psa" => Role.Psa, "erp" => Role.Erp, _ => Role.Billing }],
        Kinds: One<Items<string>?>(null, ["time", "project", "resource"], ["time", "expense"], ["invoice"]),
        LagDays: One<int?>(null, 2), From: One<LocalDate?>(null, null, new LocalDate(2026, 3, 3)));

    private NewEvent Link(Ref a, Ref b) =>
        Say("ledger", $"identity/{a.Kind}-{a.Id}-{b.Source}", new IdentityLinked(a, b));

    private NewEvent Say(string source, string subject, Event body) => Recorded.New(
        Telling.Understood(source, subject, body, ++_minute, null, $"{seed}-{++_last}")) with { Snapshot = null };

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private T One<T>(params ReadOnlySpan<T> of) => of[_random.Next(of.Length)];
}
