using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Findings;

/// <summary>What a document asks for, to hold what covers it against. Unsigned, in the document's currency; null where
/// nothing tells.</summary>
internal sealed class AskingDocument
{
    private readonly InvoiceTotals? totals;
    private Dictionary<string, InvoiceLine>? lineById;

    public AskingDocument(ComposedEntity composed)
    {
        totals = composed.Value<InvoiceTotals>("totals");
        Currency = composed.Value<Currency?>("currency");
        Lines = composed.Value<Items<InvoiceLine>>("lines") ?? Items<InvoiceLine>.None;
        GivesBack = composed.Value<DocumentType>("documentType") is DocumentType.CreditNote;
    }

    public Currency? Currency { get; }

    public Items<InvoiceLine> Lines { get; }

    /// <summary>Whether it gives money back: a credit note.</summary>
    public bool GivesBack { get; }

    /// <summary>Before tax: as stated, else what its lines come to.</summary>
    public decimal? Net => Known(totals?.Net) ?? Known(Figures.Of(totals?.Gross) - Figures.Of(totals?.Tax)) ?? OfLines;

    /// <summary>With tax, and with what was prepaid.</summary>
    public decimal? Gross => Known(totals?.Gross) ?? Known(Figures.Of(totals?.Net) + Figures.Of(totals?.Tax))
        ?? Known(Figures.Of(totals?.Payable) + (Figures.Of(totals?.Prepaid) ?? 0m));

    /// <summary>All of it, with tax where that is told.</summary>
    public decimal? Whole => Gross ?? Net;

    /// <summary>What was paid before it was issued, by its own word.</summary>
    public decimal? Prepaid => Known(totals?.Prepaid);

    /// <summary>What is left to be paid by its own word.</summary>
    public decimal? Payable => Known(Amounts.Of(totals));

    private decimal? OfLines
    {
        get
        {
            if (Lines.Count == 0) return null;
            var sum = 0m;
            foreach (var line in Lines)
            {
                if (Figures.Of(line.Net) is not { } net) return null;
                sum += net;
            }

            return Math.Abs(sum);
        }
    }

    public InvoiceLine? Line(string? line)
    {
        if (line is null) return null;
        lineById ??= Lines.GroupBy(l => l.Line).ToDictionary(l => l.Key, l => l.First());
        return lineById.GetValueOrDefault(line);
    }

    /// <summary>What a line asks for: its own amount, else what it says each piece of work is worth.</summary>
    public static decimal? Of(InvoiceLine? line)
    {
        if (Known(line?.Net) is { } net) return net;
        if (line?.Bills is not { Count: > 0 } bills) return null;
        var sum = 0m;
        foreach (var bill in bills)
        {
            if (Figures.Of(bill.Amount) is not { } amount) return null;
            sum += amount;
        }

        return Math.Abs(sum);
    }

    /// <summary>An amount as a document could show it: to the currency's minor unit.</summary>
    public decimal Shown(decimal amount) => Currency is { } known
        ? Rounding.Round(amount, known.MinorDigits, RoundingMode.HalfAwayFromZero)
        : amount;

    private static decimal? Known(decimal? said) => Figures.Of(said) is { } known ? Math.Abs(known) : null;
}
