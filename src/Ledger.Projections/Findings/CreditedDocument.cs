using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Findings;

/// <summary>What was given back of a document, and with it of the work it bills: pure.</summary>
internal sealed class CreditedDocument
{
    private readonly World world;
    private readonly string document;
    private readonly AskingDocument asked;
    private readonly Func<string, AskingDocument?> documents;
    private readonly CoverageEdge[] taken;
    private readonly CoverageEdge[] credits;
    private bool? inFull;

    /// <param name="document">Its entity.</param>
    /// <param name="documents">What a document asks for, by its entity; null for what is none.</param>
    public CreditedDocument(World world, string document, Func<string, AskingDocument?> documents)
    {
        (this.world, this.document, this.documents) = (world, document, documents);
        asked = documents(document)!;
        var live = world.CoverageInto(document).Where(c => c.Live).ToArray();
        taken = Array.FindAll(live, c => c.Rel is Rels.Replaces or Rels.Corrects);
        credits = Array.FindAll(live, c => c.Rel == Rels.Credits);
    }

    /// <summary>Whether a line asks for nothing any more: replaced, corrected, or credited in full by itself or with
    /// the document.</summary>
    public bool IsGone(string? line) =>
        taken.Any(c => c.ToPart is null || c.ToPart == line)
        || (credits.Length > 0 && (IsCredited(line) || (inFull ??= IsCredited())));

    /// <summary>Whether a credit note's line says that it gives back some of this line.</summary>
    public bool IsBy(CoverageEdge bill, string? line)
    {
        var note = Array.FindAll(credits, c => c.FromEntity == bill.FromEntity);
        var own = Array.FindAll(note, c => c.FromPart is not null && c.FromPart == bill.FromPart);
        return (own.Length > 0 ? own : note).Any(c => c.ToPart is null || c.ToPart == line);
    }

    /// <summary>The quantities of a line that were given back without a word of which work: only where the line bills
    /// one piece of work, and is not made cheaper as a whole.</summary>
    public IEnumerable<Quantity> QuantitiesOf(string? line, Quantity? billed)
    {
        if (line is null || asked.Line(line) is not { Bills: null or { Count: <= 1 } } said) yield break;
        foreach (var credit in credits.Where(c => c.ToPart == line && c.Quantity is not null))
        {
            if (documents(credit.FromEntity)?.Line(credit.FromPart)?.Bills is { Count: > 0 }) continue;
            var back = credit.Quantity! with { Value = Math.Abs(credit.Quantity.Value) };
            var isAll = (said.Quantity ?? billed)?.DifferenceTo(back) >= 0m;
            if (!isAll || credit.Amount is null) yield return back;
        }
    }

    /// <summary>How much money of a line was given back without a word of which work; unsigned. Only where the line
    /// bills one piece of work.</summary>
    public decimal AmountOf(string? line) => line is null || asked.Line(line) is not { Bills: null or { Count: <= 1 } }
        ? 0m
        : Sum(credits.Where(c => c.ToPart == line
            && documents(c.FromEntity)?.Line(c.FromPart)?.Bills is not { Count: > 0 }));

    private bool IsCredited(string? line)
    {
        var own = Array.FindAll(credits, c => c.ToPart is not null && c.ToPart == line);
        if (own.Length == 0) return false;
        if (own.Any(c => c.Amount is null && c.Quantity is null)) return true;
        return AskingDocument.Of(asked.Line(line)) is { } whole
            ? asked.Shown(Sum(own)) >= asked.Shown(whole)
            : own.Any(c => c.Quantity is null);
    }

    private bool IsCredited()
    {
        var (net, gross) = (0m, 0m);
        foreach (var line in credits.Where(c => c.ToPart is not null).GroupBy(c => c.ToPart))
            if (AskingDocument.Of(asked.Line(line.Key)) is { } whole) net += Math.Min(whole, Sum(line));
        foreach (var note in credits.GroupBy(c => c.FromEntity))
        {
            if (OfWhole([.. note]) is not { } share) return true;
            (net, gross) = (net + share.Net, gross + share.Gross);
        }

        if (asked.Whole is null && credits.Any(c => c.ToPart is null)) return true;
        return (asked.Net is { } all && net > 0m && asked.Shown(net) >= asked.Shown(all))
            || (asked.Whole is { } with && gross > 0m && asked.Shown(gross) >= asked.Shown(with));
    }

    /// <summary>What a note gives back of the document as a whole, beside what it says of its lines; null = all.
    /// </summary>
    private (decimal Net, decimal Gross)? OfWhole(CoverageEdge[] note)
    {
        var own = documents(note[0].FromEntity);
        var whole = Array.FindAll(note, c => c is { FromPart: null, ToPart: null });
        var lines = Array.FindAll(note, c => c is { FromPart: not null, ToPart: null });
        var said = Sum(whole);
        if (lines.Length > 0) return (Sum(lines), said);
        if (whole.Length == 0) return (0m, 0m);
        var byLine = whole.Length < note.Length;
        if (whole.All(c => Figures.Of(c.Amount) is not null))
            return (byLine ? 0m : Math.Min(said, own?.Net ?? said), said);
        if (byLine) return (0m, 0m);
        // Without an amount beside it, the note's own tells; and where that is none, all is meant.
        if (own?.Whole is not { } given) return null;
        return CreditsNothingElse(note[0]) ? (own.Net ?? given, given) : (0m, 0m);
    }

    private bool CreditsNothingElse(CoverageEdge note) =>
        Coverages.StatedBy(world, world.Records[note.FromStream])
            .All(c => c.Rel != Rels.Credits || c.ToEntity == document);

    private static decimal Sum(IEnumerable<CoverageEdge> edges) =>
        edges.Sum(c => Math.Abs(Figures.Of(c.Amount) ?? 0m));
}
