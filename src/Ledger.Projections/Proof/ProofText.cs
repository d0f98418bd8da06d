using System.Globalization;
using Ledger.Domain;
using Ledger.Projections.Drift;

namespace Ledger.Projections.Proof;

/// <summary>The proof for a terminal of 100 columns: what each legal entity's balances come to, each contract in a
/// line, and by name what does not foot.</summary>
public static class ProofText
{
    private const int NameWidth = 30;

    public static void WriteText(this ProofReport report, TextWriter to)
    {
        var broken = report.Accounts.Count(a => !a.Foots);
        to.WriteLine($"Proof as of position {report.Position}{Days(report.Asked)}");
        to.WriteLine(
            report.Accounts.Count == 0 ? "Nothing to prove: no work, no document."
            : broken == 0 ? $"All foots: {Say.Count(report.Accounts.Count, "account", "accounts")}."
            : $"Does not foot: {broken} of {Say.Count(report.Accounts.Count, "account", "accounts")}.");
        foreach (var total in report.Totals) WriteTotal(total, to);
        if (report.Accounts.Count > 0) WriteAccounts(report, to);
        foreach (var account in report.Accounts.Where(a => a.Breaks.Any()))
        {
            to.WriteLine();
            to.WriteLine(Clean($"{account.Name}, {account.LegalEntityName ?? "no legal entity"}"));
            foreach (var at in account.Breaks) to.WriteLine(Clean($"  ! {at.Sentence}"));
        }
    }

    /// <summary>Minutes as hours, to the hundredth: <c>1,204.25</c>.</summary>
    public static string Hours(decimal minutes) =>
        Rounding.Round(minutes / 60m, 2, RoundingMode.HalfAwayFromZero)
            .ToString("#,##0.00", CultureInfo.InvariantCulture);

    /// <summary>With the currency's minor digits and its code: <c>11,825.43 GBP</c>.</summary>
    public static string Amount(decimal amount, Currency? currency) =>
        $"{Figure(amount, currency)} {currency?.Code}".TrimEnd();

    /// <summary>The same without the code.</summary>
    public static string Figure(decimal amount, Currency? currency) => amount.ToString(
        "#,##0." + new string('0', currency?.MinorDigits ?? 2) + "########", CultureInfo.InvariantCulture).TrimEnd('.');

    /// <summary>What a person calls a movement.</summary>
    public static string Words(Movement movement) => movement is Movement.ReRated
        ? "Re-rated"
        : Say.Capital(Say.Snake(movement).Replace('_', ' '));

    /// <summary>Where approved hours are, each with its name.</summary>
    public static IEnumerable<(string Name, decimal Minutes)> Places(HoursKept hours)
    {
        yield return ("waiting", hours.Waiting);
        yield return ("billed", hours.Billed);
        yield return ("written down", hours.WrittenDown);
        yield return ("written off", hours.WrittenOff);
        yield return ("not billable", hours.NotBillable);
        yield return ("paid by a fee", hours.PaidByFee);
        if (hours.Astray != 0m) yield return ("nowhere or twice", hours.Astray);
    }

    /// <summary>What the closing of revenue is made of, each with its name; what is owed by the client is in neither.
    /// </summary>
    public static IEnumerable<(string Name, decimal Amount)> Balances(RevenueProof revenue)
    {
        yield return ("deferred: billed ahead", revenue.Deferred);
        yield return ("contract assets: earned ahead of the bill", revenue.Asset);
    }

    /// <summary>Whether there is nothing and nothing moved.</summary>
    public static bool IsStill(RollForward roll) =>
        roll.Foots && roll.Opening.IsNothing && roll.Closing.IsNothing && roll.Movements.Count == 0;

    /// <summary>Whence billed money comes, each with its name.</summary>
    public static IEnumerable<(string Name, decimal Amount)> Sources(BilledMoney billed)
    {
        yield return ("work", billed.Work);
        yield return ("expenses", billed.Expenses);
        yield return ("fees", billed.Fees);
        yield return ("adjustments", billed.Adjustments);
        if (billed.Remainder != 0m) yield return ("nothing that is known", billed.Remainder);
    }

    private static string Days(ProofAsked asked) => (asked.From, asked.To) switch
    {
        (null, null) => "",
        ({ } from, null) => $", from {Say.Date(from)}",
        (null, { } to) => $", through {Say.Date(to)}",
        var (from, to) => $", {Say.Date(from)} to {Say.Date(to)}",
    };

    private static void WriteTotal(AccountProof total, TextWriter to)
    {
        var currency = total.Account.Currency;
        to.WriteLine();
        to.WriteLine(Clean($"{total.LegalEntityName ?? "No legal entity"}, {currency?.Code ?? "no currency"}"));
        Write("Work in progress", total.Work, true);
        Write("Receivables, with tax", total.Receivables, false);
        if (!IsStill(total.Revenue.Roll))
        {
            Write("Revenue billed and not earned", total.Revenue.Roll, false);
            foreach (var (name, amount) in Balances(total.Revenue).Where(b => b.Amount != 0m))
                to.WriteLine($"    {name,-48}{Figure(amount, currency),18}");
        }

        var hours = total.Hours;
        to.WriteLine($"  {"Approved",-34}{Hours(hours.Approved),14} h");
        foreach (var (name, minutes) in Places(hours).Where(p => p.Minutes != 0m))
            to.WriteLine($"    {name,-32}{Hours(minutes),14} h");
        if (hours.Unmeasured > 0) to.WriteLine($"    {"told in other units",-32}{hours.Unmeasured,14} entries");
        to.WriteLine(
            $"  {$"Billed before tax, {Say.Count(total.Billed.Documents, "document", "documents")}",-50}"
            + $"{Figure(total.Billed.Stated, currency),18}");
        foreach (var (name, amount) in Sources(total.Billed).Where(s => s.Amount != 0m))
            to.WriteLine($"    {"from " + name,-48}{Figure(amount, currency),18}");

        void Write(string name, RollForward roll, bool hasHours)
        {
            to.WriteLine($"  {name,-34}{(hasHours ? "hours" : ""),16}{currency?.Code ?? "amount",18}");
            Line("Opening", roll.Opening);
            foreach (var m in roll.Movements) Line(Words(m.Movement), m.Sum);
            Line("Closing", roll.Closing);
            if (!roll.Difference.IsNothing) Line("Difference", roll.Difference);

            void Line(string what, Worth worth) => to.WriteLine(
                $"    {what,-32}{(hasHours ? Hours(worth.Minutes) : ""),16}{Figure(worth.Amount, currency),18}");
        }
    }

    private static void WriteAccounts(ProofReport report, TextWriter to)
    {
        to.WriteLine();
        to.WriteLine(
            $"  {"Contract",-NameWidth} {"cur.",-4}{"WIP, h",11}{"WIP",16}{"owed",17}{"billed",17}  ");
        foreach (var account in report.Accounts)
        {
            var name = account.Name.Length > NameWidth ? account.Name[..(NameWidth - 1)] + "…" : account.Name;
            var currency = account.Account.Currency;
            to.WriteLine(Clean(
                $"  {name,-NameWidth} {currency?.Code ?? "",-4}{Hours(account.Work.Closing.Minutes),11}"
                + $"{Figure(account.Work.Closing.Amount, currency),16}"
                + $"{Figure(account.Receivables.Closing.Amount, currency),17}"
                + $"{Figure(account.Billed.Stated, currency),17}{(account.Foots ? "" : " !")}"));
        }
    }

    // Control characters in what systems say must not drive the terminal.
    private static string Clean(string line) => string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c));
}
