using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Findings;

/// <summary>What a document states otherwise than its own parts come to: kept as stated, and named. Pure.</summary>
internal static class SelfContradiction
{
    public static IEnumerable<Finding> Of(Entity entity, SourceRecord member) =>
        !member.IsLive ? []
        : member.Fold.State switch
        {
            Invoice document => OfDocument(entity, member, document),
            BankStatement { Closing: { } closing, Computed: { } sum } statement when closing != sum =>
            [
                new(
                    Codes.DoesNotAddUp, entity.Id, member.Stream, "closing",
                    member.Changed("opening", "closing", "entries"),
                    $"{member.Stream} states a closing balance of {Describe.Amount(closing, statement.Currency)}; "
                        + $"opening balance and booked entries come to {Describe.Amount(sum, statement.Currency)}.",
                    [
                        new("stated", Describe.Amount(closing, statement.Currency)),
                        new("computed", Describe.Amount(sum, statement.Currency)),
                        new("difference", Describe.Amount(closing - sum, statement.Currency)),
                    ]),
            ],
            _ => [],
        };

    /// <summary>Two statements of one moment: both are kept, and nobody says which is the later.</summary>
    public static IEnumerable<Finding> OfStatements(Entity entity, SourceRecord member) =>
        member.IsLive && member.Fold.Asserted.TryGetValue(Folded.StatedOtherwise, out var position)
            ?
            [
                new(
                    Codes.StatedOtherwise, entity.Id, member.Stream, null, position,
                    $"{member.Stream} was stated twice for one moment, and otherwise; nobody says which is the later, "
                        + $"and the statement at {DecimalText.Write(position)} counts.", []),
            ]
            : [];

    private static IEnumerable<Finding> OfDocument(Entity entity, SourceRecord member, Invoice document)
    {
        foreach (var differs in InvoiceSums.Differences(document))
        {
            var line = differs.What is DocumentSum.LineNet or DocumentSum.LineTax ? differs.Part : null;
            var (name, parts) = Words(differs);
            var (stated, computed) = (Shown(differs.Stated), Shown(differs.Computed));
            yield return new(
                Codes.DoesNotAddUp, entity.Id, member.Stream,
                differs.What is DocumentSum.LineNet ? line : PartOf(differs),
                member.Changed("lines", "adjustments", "taxes", "totals"),
                $"{Describe.Address(member.Stream, line)} states {stated} as {name}; {parts} {computed}.",
                [
                    new("stated", stated), new("computed", computed),
                    new("difference", Shown(differs.Stated - differs.Computed)),
                ]);
        }

        string Shown(decimal amount) =>
            Describe.Amount(Rounding.Round(amount, 6, RoundingMode.HalfAwayFromZero), document.Currency);
    }

    /// <summary>The field in which drift tells the same of a category's tax, or of their sum; null = it does not.
    /// </summary>
    /// <param name="part">Of the finding.</param>
    public static string? TaxFieldOf(string? part) => part?.Split(':')[0] switch
    {
        "category_tax" => "taxes",
        "tax" => "tax",
        _ => null,
    };

    /// <summary>A total is told apart by its name, so that each is a finding of its own.</summary>
    private static string PartOf(SumDifference differs) =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(differs.What.ToString())
        + (differs.Part is { } part ? ":" + part : "");

    private static (string Name, string Parts) Words(SumDifference differs) => differs.What switch
    {
        DocumentSum.LineNet => ("the line's net", "its quantity, price and adjustments come to"),
        DocumentSum.LineTax => ("the line's tax", "its net and rate come to"),
        DocumentSum.LineTaxes => ("its tax", "the taxes of its lines come to"),
        DocumentSum.Lines => ("the sum of its lines", "they come to"),
        DocumentSum.Allowances => ("its allowances", "they come to"),
        DocumentSum.Charges => ("its charges", "they come to"),
        DocumentSum.Net => ("its total before tax", "lines, charges and allowances come to"),
        DocumentSum.TaxBase => ($"the base of tax {differs.Part}", "what is taxed so comes to"),
        DocumentSum.CategoryTax => ($"tax {differs.Part}", "base and rate come to"),
        DocumentSum.Tax => ("its tax", "the categories come to"),
        DocumentSum.Gross => ("its total with tax", "net and tax come to"),
        DocumentSum.Payable => ("what is to be paid", "the total with tax, what was prepaid and the rounding come to"),
        _ => throw new System.Diagnostics.UnreachableException($"no words for {differs.What}"),
    };
}
