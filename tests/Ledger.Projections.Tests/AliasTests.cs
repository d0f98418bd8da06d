using System.Globalization;
using Ledger.Domain;

namespace Ledger.Projections.Tests;

public sealed class AliasTests
{
    private static readonly NodaTime.LocalDate Today = new(2026, 11, 21);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 7)]
    [InlineData(3, 40)]
    public async Task Every_record_is_found_by_the_id_it_went_by_at_each_position(int seed, int batchEvents)
    {
        await using var ledger = await LedgerDatabase.Create(Today.AtMidnight().InUtc().ToInstant());
        var random = new Random(seed);
        List<Understood> said = [];
        for (var turn = 0; turn < 3; turn++)
        {
            Understood[] next = [.. Enumerable.Range(0, 40).Select(_ => Any(random))];
            said.AddRange(next);
            await ledger.Append([.. next.Select(one => Recorded.New(one) with { Snapshot = null })]);
            await ledger.Projector(batchEvents).CatchUp(null, CancellationToken.None);
        }

        var ranges = (await ledger.Rows("select alias, entity, from_position, to_position from views.alias"))
            .Select(row => row.Split('|')).ToLookup(row => row[0]);
        for (var position = 1; position <= said.Count; position++)
        {
            var then = Arrived.World(said[..position], Today, _ => true);
            foreach (var stream in then.Records.Keys)
                ranges[stream].Where(r => long.Parse(r[2], CultureInfo.InvariantCulture) <= position
                        && (r[3] == "-" || long.Parse(r[3], CultureInfo.InvariantCulture) > position))
                    .Select(r => r[1]).DefaultIfEmpty(stream)
                    .ShouldBe([then.EntityOf(stream).Id], $"{stream} at {position}");
        }

        ranges.Sum(r => r.Count(range => range[3] != "-")).ShouldBeGreaterThan(5);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task A_name_that_a_rule_gave_is_kept_after_the_rule_joins_no_more(int batchEvents)
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(
            Telling.Event("crm", "client/1", Taxed("123456789"), 1),
            Telling.Event("erp", "client/2", Taxed("123456789"), 2),
            Telling.Event("erp", "client/2", Taxed("987654321"), 3),
            Telling.Event("erp", "client/2", Taxed("123456789"), 4),
            Telling.Event("erp", "client/3", Taxed("123456789"), 5),
            Telling.Event("erp", "client/3", new RecordDeleted(), 6),
            Telling.Event("erp", "client/2", new ClientStated(Name: "Acme plc"), 7),
            Telling.Event(
                "ledger", "identity/1", new IdentityUnlinked(new("client", "crm", "1"), new("client", "erp", "2")), 8));

        await ledger.Projector(batchEvents).CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select alias, entity, from_position, to_position, stated_by from views.alias order by 3"))
            .ShouldBe(
                new[] { "2|3", "4|5", "6|8" }.Select(r => $"client/erp:2|client/crm:1|{r}|tax:GB:vat 123456789"));
        foreach (var (position, id) in new[] { (2, "crm:1"), (3, "erp:2"), (4, "crm:1"), (5, "erp:2"), (6, "crm:1") })
            (await Worlds.AsOf(ledger.Store, position, CancellationToken.None)).EntityOf("client/erp:2").Id
                .ShouldBe("client/" + id);
    }

    [Fact]
    public async Task A_number_that_too_many_bear_in_one_legal_entity_or_another_tells_no_past_name()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(
            Numbered("erp", 0), Numbered("psa", 0),
            Telling.Event("psa", "invoice/0", new InvoiceStated { Number = "X-2" }, 1));
        await Bearing(1..31, ["invoice/psa:0|2|3"]);
        await Bearing(31..34, []);

        async Task Bearing(Range legalEntities, string[] past)
        {
            var (from, to) = (legalEntities.Start.Value, legalEntities.End.Value);
            await ledger.Append([
                .. Enumerable.Range(from, to - from).SelectMany(n => new[] { Numbered("erp", n), Numbered("psa", n) }),
            ]);
            await ledger.Projector(batchEvents: 30).CatchUp(null, CancellationToken.None);
            (await ledger.Rows("select alias, from_position, to_position from views.alias where to_position > 0"))
                .ShouldBe(past);
            (await ledger.Rows("select count(*) from views.alias where to_position is null")).ShouldBe([$"{to - 1}"]);
            (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
        }

        static Store.NewEvent Numbered(string source, int n) => Telling.Event(
            source, $"invoice/{n}",
            new InvoiceStated { Number = "X-1", Entity = new Ref("legal_entity", Number: $"L{n}") });
    }

    private static ClientStated Taxed(string vat) => new(
        Name: "Acme", TaxIds: (Items<TaxId>)[new TaxId("vat", "GB", vat)]);

    /// <summary>What three systems and the ledger may say of a few clients and invoices, early or late.</summary>
    private static Understood Any(Random random)
    {
        var (source, id) = (One("crm", "erp", "psa"), One("1", "2", "3"));
        var kind = One("client", "invoice");
        (string Source, string Subject, Event Body) said = random.Next(12) switch
        {
            < 4 => (source, $"client/{id}", new ClientStated(
                Name: One("Ada", "Bee"), RegistrationNo: One<string?>(null, "12345678"),
                TaxIds: One<Items<TaxId>>([], [new("vat", "GB", One("123456789", "987654321"))]))),
            < 7 => (source, $"invoice/{id}", new InvoiceStated(
                Currency: (Currency?)Currency.Of(One("GBP", "EUR")))
            {
                Number = One<string?>(null, "INV-1", "INV-2"),
                Entity = One<Ref?>(null, new("legal_entity", Number: "one"), new("legal_entity", Number: "two")),
            }),
            7 => (source, $"{kind}/{id}", new RecordDeleted()),
            8 => (source, $"{kind}/{id}", new RecordRestored()),
            9 => ("ledger", $"identity/{One("1", "2")}", new IdentityLinked(Any(kind), Any(kind))),
            10 => ("ledger", $"identity/{One("1", "2")}", new IdentityUnlinked(Any(kind), Any(kind))),
            _ => random.Next(2) == 0
                ? (source, $"client/{id}", new ClientMerged(Any("client")))
                : (source, $"client/{id}", new ClientMergeReversed()),
        };
        return Telling.Understood(
            said.Source, said.Subject, said.Body, random.Next(1_000), random.Next(3) == 0 ? random.Next(1_000) : null);

        Ref Any(string of) => new(of, One("crm", "erp", "psa"), One("1", "2", "3"));

        T One<T>(params ReadOnlySpan<T> of) => of[random.Next(of.Length)];
    }
}
