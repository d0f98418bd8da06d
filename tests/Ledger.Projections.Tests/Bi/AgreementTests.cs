using System.Globalization;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Proof;
using Ledger.Projections.Rating;
using Ledger.Projections.Views;
using NodaTime;

namespace Ledger.Projections.Tests.Bi;

/// <summary>What SQL says of prices, reasons and ceilings is what rating says: the rules have one meaning.</summary>
public sealed class AgreementTests
{
    [Theory]
    [InlineData(3, true, 4)]
    [InlineData(4, false, 5)]
    [InlineData(5, false, 14)]
    public async Task Questions_come_to_what_rating_comes_to(int seed, bool sound, int months)
    {
        await using var ledger = await BiLedger.Simulated((ulong)seed, sound, months);
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        List<string> reasons = [], ceilings = [], prices = [], asked = [], over = [];
        var used = new Dictionary<string, CeilingState>();
        foreach (var contract in world.Entities(Kind.Contract).Where(e => e.IsLive))
        {
            var proposal = RatingOf.Proposal(world, contract.Id, world.Day).ShouldNotBeNull();
            reasons.AddRange(Reasons(proposal).Select(r => $"{r.Id}|{r.Reason}"));
            asked.AddRange(Asked(proposal).Where(a => !a.Id.StartsWith("time/", StringComparison.Ordinal))
                .GroupBy(a => a.Id, a => a.Amount)
                .Select(a => $"{a.Key}|{Text(a.Sum(m => m.Amount))}|{a.First().Currency}"));
            over.AddRange(proposal.LeftOut.Where(l => l.Reason is LeftOutReason.Ceiling)
                .Select(l => $"{l.Id}|{Text(l.Amount!.Value.Amount)}"));
            prices.AddRange(proposal.Documents.SelectMany(d => d.Sources).SelectMany(s => s.Sources)
                .Where(s => s.Price is not null && s.Id.StartsWith("time/", StringComparison.Ordinal))
                .Select(s => $"{s.Id}|{Text(s.Price!.Amount)}|{s.Rate?.Card}|{s.Rate?.CardRate}"));
            foreach (var c in proposal.Ceilings)
            {
                ceilings.Add($"{contract.Id}|{c.Ceiling.Id}|{c.Of}|{Text(c.Limit)}");
                used.Add($"{contract.Id}|{c.Ceiling.Id}|{c.Of ?? "-"}", c);
            }
        }

        reasons.Count.ShouldBeGreaterThan(100);
        foreach (var fee in months < 14 ? [] : new[] { "#helpdesk@", "#U", "#I", "#P", "milestone/" })
            reasons.Any(r => r.Contains(fee, StringComparison.Ordinal)).ShouldBeTrue(fee);
        prices.Count.ShouldBeGreaterThan(10);
        ceilings.Count.ShouldBeGreaterThan(2);
        Same(reasons, await ledger.Rows(
            """
            select record || coalesce('#' || part, ''), coalesce(reason, 'ready') from bi.billing_readiness
            where contract is not null
            """));
        Same(asked, await ledger.Rows(
            """
            select record || coalesce('#' || part, ''), trim_scale(value)::text, currency from bi.billing_readiness
            where contract is not null and kind <> 'time' and reason is null
            """));
        Same(over, await ledger.Rows(
            "select record || coalesce('#' || part, ''), trim_scale(value)::text from bi.over_ceiling"));
        Same(prices, await ledger.Rows(
            """
            select time, trim_scale(price)::text, case when price_basis not in ('entry', 'cost') then card end, rate
            from bi.time where reason is null and contract is not null
            """));
        Same(ceilings, await ledger.Rows(
            "select contract, ceiling, of, trim_scale(agreed)::text from bi.contract_burn"));
        var unbilled = UnbilledWork.Of(world).Items.Where(i => i.Amount is not null)
            .ToLookup(i => i.Entity.Kind == Kind.Time);
        Same(unbilled[true].Select(i => $"{i.Entity.Id}|{Text(i.Rate!.Amount)}"), await ledger.Rows(
            "select time, trim_scale(price)::text from bi.time where unbilled and left_sixtieths is not null"));
        Same(
            unbilled[false].Select(i => $"{i.Entity.Id}|{i.Part}|{Text(i.Amount!.Value.Sixtieths)}"),
            await ledger.Rows(
                """
                select record, part, trim_scale(sixtieths)::text from bi.billing_readiness
                where kind <> 'time' and unbilled and sixtieths <> 0
                """));
        await RollForwards.ShouldBeTheProofs(ledger, world, months: 1);
        // Rating divides each piece by sixty, and rounds each that is billed; SQL does so once, with their sum. What
        // was billed at another amount than it is worth, which is drift, rating counts as its worth, SQL as billed.
        foreach (var row in await ledger.Rows("select contract, ceiling, of, billed, unbilled from bi.contract_burn"))
            if (used.TryGetValue(string.Join('|', row.Split('|')[..3]), out var known))
            {
                if (row.Split('|')[2] == "-")
                    decimal.Parse(row.Split('|')[3], CultureInfo.InvariantCulture).ShouldBe(known.Billed, 0.5m, row);
                decimal.Parse(row.Split('|')[4], CultureInfo.InvariantCulture).ShouldBe(known.Unbilled, 0.006m, row);
            }
    }

    [Fact]
    public async Task Unbilled_work_comes_to_what_the_page_of_it_comes_to()
    {
        await using var ledger = await BiLedger.Sample();
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        (await ledger.Rows("select currency, trim_scale(sum(value))::text from bi.unbilled_work group by 1 order by 1"))
            .ShouldBe(UnbilledWork.Of(world).Totals.OrderBy(m => m.Currency.Code, StringComparer.Ordinal)
                .Select(m => $"{m.Currency}|{Text(m.Amount)}"));
        await RollForwards.ShouldBeTheProofs(ledger, world, months: 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Receivables_and_roll_forwards_come_to_what_the_proof_comes_to(int seed)
    {
        await using var ledger = await BiLedger.Simulated((ulong)seed, sound: true, months: 36);
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        var proof = await RollForwards.ShouldBeTheProofs(ledger, world, months: 1);
        proof.Accounts.Count(a => a.Revenue.Deferred + a.Revenue.Asset > 0m).ShouldBeGreaterThan(0);
        var open = proof.Accounts.Where(a => a.Receivables.Closing.Amount != 0m)
            .Select(a => $"{a.Account.Contract ?? "-"}|{a.Account.Currency}|{Text(a.Receivables.Closing.Amount)}");
        Same(open, await ledger.Rows(
            """
            select contract, currency, trim_scale(sum(open))::text from bi.receivable
            group by contract, currency having sum(open) <> 0
            """));
        (await ledger.Rows("select count(*) > 0 from bi.receivable where document_type = 'prepayment' and paid > 0"))
            .ShouldBe(["True"]);
    }

    private static void Same(IEnumerable<string> rating, List<string> sql)
    {
        string[] wanted = [.. rating.Select(r => r.Replace("||", "|-|", StringComparison.Ordinal))];
        wanted.Except(sql).ShouldBeEmpty("rating says so, and SQL does not");
        sql.Except(wanted).ShouldBeEmpty("SQL says so, and rating does not");
        sql.Count.ShouldBe(wanted.Length);
    }

    [Fact]
    public async Task Minor_digits_are_those_of_every_currency()
    {
        await using var ledger = await LedgerDatabase.Create();
        var codes = Enumerable.Range(0, 26 * 26 * 26)
            .Select(i => $"{(char)('A' + i / 676)}{(char)('A' + i / 26 % 26)}{(char)('A' + i % 26)}")
            .Where(code => Currency.TryOf(code, out _)).ToArray();
        (await ledger.Rows($"select c, bi.minor_digits(c) from unnest('{{{string.Join(',', codes)}}}'::text[]) c"))
            .ShouldBe(codes.Select(code => $"{code}|{Currency.Of(code).MinorDigits}"));
    }

    private static IEnumerable<(string Id, string Reason)> Reasons(InvoiceProposal proposal)
    {
        var left = proposal.LeftOut.Where(l => l.Reason is not LeftOutReason.Ceiling).ToDictionary(
            l => l.Id, l => JsonNamingPolicy.SnakeCaseLower.ConvertName(l.Reason.ToString()));
        var ready = proposal.Documents.SelectMany(d => d.Sources).SelectMany(s => s.Sources).Select(s => s.Id)
            .Concat(proposal.LeftOut.Where(l => l.Reason is LeftOutReason.Ceiling).Select(l => l.Id)).Distinct()
            .Where(id => !left.ContainsKey(id));
        return left.Select(l => (l.Key, l.Value)).Concat(ready.Select(id => (id, "ready")));
    }

    /// <summary>What may be billed now: what the lines ask for, and what ceilings leave no room for.</summary>
    private static IEnumerable<(string Id, Money Amount)> Asked(InvoiceProposal proposal) =>
        proposal.Documents.SelectMany(d => d.Sources).SelectMany(s => s.Sources).Select(s => (s.Id, s.Share))
            .Concat(proposal.LeftOut.Where(l => l.Reason is LeftOutReason.Ceiling)
                .Select(l => (l.Id, l.Amount!.Value)));

    private static string Text(decimal amount) => DecimalText.Write(amount);
}
