using Ledger.Domain;
using Ledger.Projections.Proof;
using NodaTime;

namespace Ledger.Projections.Tests.Bi;

/// <summary>What SQL says of balances is what the proof says of them, account by account.</summary>
internal static class RollForwards
{
    private static readonly (Movement Movement, string Column)[] OfWork =
    [
        (Movement.Accrued, "accrued"), (Movement.ReRated, "re_rated"), (Movement.WrittenDown, "written_down"),
        (Movement.WrittenOff, "written_off"), (Movement.Billed, "billed"), (Movement.Released, "released"),
    ];

    private static readonly (Movement Movement, string Column)[] OfDocuments =
    [
        (Movement.Invoiced, "invoiced"), (Movement.Cancelled, "cancelled"), (Movement.Credited, "credited"),
        (Movement.Paid, "paid"), (Movement.Discounted, "discounted"), (Movement.Refunded, "refunded"),
        (Movement.WrittenOff, "written_off"), (Movement.Exchanged, "exchanged"),
    ];

    private static readonly (Movement Movement, string Column)[] OfRevenue =
    [
        (Movement.Invoiced, "invoiced"), (Movement.Cancelled, "cancelled"), (Movement.Credited, "credited"),
        (Movement.Recognised, "recognised"), (Movement.TakenBack, "taken_back"),
    ];

    /// <summary>Over all time, and in some months of those in which anything moved.</summary>
    /// <returns>The proof over all time.</returns>
    public static async Task<ProofReport> ShouldBeTheProofs(LedgerDatabase ledger, World world, int months)
    {
        var all = ProofRun.Of(world, new());
        await Same(ledger, all, null);
        Same(
            all.Accounts.Where(a => a.Hours.Approved != 0m || a.Hours.Billed != 0m)
                .Select(a => Row(a, MinutesOf(a.Hours))),
            await ledger.Rows(
                $"""
                 select engagement, legal_entity, currency, {Texts(HourColumns)} from bi.hours_conserved
                 where approved_minutes <> 0 or billed_minutes <> 0 group by 1, 2, 3
                 """));
        var periods = await ledger.Rows(
            "select period from bi.wip_roll_forward where accrued <> 0 group by 1 order by count(*) desc, 1");
        periods.Count.ShouldBeGreaterThan(months);
        foreach (var period in periods.Take(months))
        {
            var from = new LocalDate(int.Parse(period[..4], Invariant), int.Parse(period[5..], Invariant), 1);
            await Same(ledger, ProofRun.Of(world, new(from, from.PlusMonths(1).PlusDays(-1))), period);
        }

        return all;
    }

    private static async Task Same(LedgerDatabase ledger, ProofReport proof, string? period)
    {
        await Same("bi.wip_roll_forward", "difference_minutes", OfWork, a => a.Work, r => r.Difference.Minutes);
        await Same("bi.ar_roll_forward", "0", OfDocuments, a => a.Receivables, _ => 0m);
        await Same("bi.deferred_roll_forward", "0", OfRevenue, a => a.Revenue.Roll, _ => 0m);

        async Task Same(
            string view, string minutes, (Movement Movement, string Column)[] movements,
            Func<AccountProof, RollForward> rollOf, Func<RollForward, decimal> minutesOf)
        {
            string[] columns = [.. movements.Select(m => m.Column), "difference", minutes, "closing - opening"];
            var opening = period is null ? "0" : "opening";
            RollForwards.Same(
                proof.Accounts.Where(a => !IsStill(rollOf(a))).Select(a => Row(a, [
                    .. movements.Select(m => rollOf(a).Movements.Where(x => x.Movement == m.Movement)
                        .Sum(x => x.Sum.Amount)),
                    rollOf(a).Difference.Amount, minutesOf(rollOf(a)),
                    rollOf(a).Closing.Amount - rollOf(a).Opening.Amount, rollOf(a).Opening.Amount,
                ]) + $"|{rollOf(a).Foots}"),
                await ledger.Rows(
                    $"""
                     select engagement, legal_entity, currency, {Texts([.. columns, opening])}, bool_and(foots)
                     from {view} where {(period is null ? "true" : $"period = '{period}'")} group by 1, 2, 3
                     """),
                movements == OfRevenue ? 0 : 1);
        }
    }

    private static readonly string[] HourColumns =
    [
        "approved_minutes", "waiting_minutes", "billed_minutes", "written_down_minutes", "written_off_minutes",
        "not_billable_minutes", "paid_by_fee_minutes", "difference_minutes",
    ];

    private static System.Globalization.CultureInfo Invariant => System.Globalization.CultureInfo.InvariantCulture;

    private static decimal[] MinutesOf(HoursKept h) =>
        [h.Approved, h.Waiting, h.Billed, h.WrittenDown, h.WrittenOff, h.NotBillable, h.PaidByFee, h.Astray];

    private static bool IsStill(RollForward roll) =>
        roll.Foots && roll.Opening.IsNothing && roll.Closing.IsNothing && roll.Movements.Count == 0;

    private static string Row(AccountProof account, decimal[] amounts) => string.Join(
        '|', new[] { account.Account.Contract, account.Account.LegalEntity, account.Account.Currency?.Code }
            .Select(x => x ?? "-").Concat(amounts.Select(DecimalText.Write)));

    private static string Texts(string[] columns) =>
        string.Join(", ", columns.Select(c => $"trim_scale(sum({c}))::text"));

    private static void Same(IEnumerable<string> proof, List<string> sql, int atLeast = 1)
    {
        string[] wanted = [.. proof];
        wanted.Except(sql).ShouldBeEmpty("the proof says so, and SQL does not");
        sql.Except(wanted).ShouldBeEmpty("SQL says so, and the proof does not");
        wanted.Length.ShouldBeGreaterThanOrEqualTo(atLeast);
    }
}
