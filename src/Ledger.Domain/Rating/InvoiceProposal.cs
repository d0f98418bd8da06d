using NodaTime;

namespace Ledger.Domain;

/// <summary>What may be invoiced of a contract through a day, ready to be issued, and of everything else why not.
/// </summary>
/// <param name="Documents">What to issue: an invoice, and where money is asked for ahead a prepayment; none where
/// nothing may be billed.</param>
/// <param name="LeftOut">What no line bills, with its reason, in the order of the service dates.</param>
/// <param name="Ceilings">How far each limit is used, in the order they were asked.</param>
/// <param name="Rounding">The rule that rounded it.</param>
/// <param name="IsRoundingAgreed">Whether the contract states it; else once per invoice, half away from zero.</param>
public sealed record InvoiceProposal(
    string Contract, LocalDate Through, long Position, Items<ProposedDocument> Documents, Items<LeftOut> LeftOut,
    Items<CeilingState> Ceilings, Rounding Rounding, bool IsRoundingAgreed)
{
    /// <summary>Where no term says otherwise.</summary>
    public static readonly Rounding RoundingAssumed = new(RoundingScope.Invoice, RoundingMode.HalfAwayFromZero);

    /// <summary>The proposal for a contract through a day: approved, billable, unbilled work, money spent and fees. The
    /// same engagement gives the same proposal, in whatever order its parts are given.</summary>
    public static InvoiceProposal Of(Engagement engagement, LocalDate through)
    {
        var sorted = new Sorted();
        new TimeBilling(engagement, through, sorted).Sort();
        new ExpenseBilling(engagement, through, sorted).Sort();
        new FeeBilling(engagement, through, sorted).Sort();
        var ceilings = new Ceilings(engagement, through, sorted);
        var let = ceilings.Let(sorted.Candidates);
        var rounding = engagement.Contract.Rounding ?? RoundingAssumed;
        var documents = new List<ProposedDocument>();
        if (engagement.Currency is { } currency)
        {
            var drafting = new Drafting(engagement, through, rounding, currency);
            if (drafting.Of([.. let.Where(c => !c.IsAdvance)], DocumentType.Invoice) is { } invoice)
                documents.Add(invoice);
            if (drafting.Of([.. let.Where(c => c.IsAdvance)], DocumentType.Prepayment) is { } ahead)
                documents.Add(ahead);
        }

        var left = sorted.LeftOut.OrderBy(l => l.On).ThenBy(l => l.Id, StringComparer.Ordinal)
            .ThenBy(l => l.Reason).ToItems();
        return new(
            engagement.Id, through, engagement.Position, documents.ToItems(), left, ceilings.States, rounding,
            engagement.Contract.Rounding is not null);
    }
}

/// <summary>A document to issue, and where each of its lines comes from.</summary>
/// <param name="Draft">As the event that drafts it; issuing it takes a number and a date.</param>
/// <param name="Taxes">By category; empty where the contract states none.</param>
/// <param name="Sources">What stands behind each line, in the lines' order.</param>
public sealed record ProposedDocument(
    InvoiceDrafted Draft, Items<Adjustment> Adjustments, Items<Tax> Taxes, Items<LineSources> Sources)
{
    /// <summary>The same as issued.</summary>
    public InvoiceIssued Issued(LocalDate on, string? number = null) => new(
        on, Draft.Lines!, Draft.DocumentType, Series: Draft.Series, Client: Draft.Client, Contracts: Draft.Contracts,
        Projects: Draft.Projects, DueOn: Draft.DueOn, Terms: Draft.Terms, Period: Draft.Period,
        Currency: Draft.Currency, Adjustments: Adjustments, Taxes: Taxes, Totals: Draft.Totals,
        Preceding: Draft.Preceding) { Number = number };
}

/// <summary>What stands behind a line.</summary>
/// <param name="Amendments">Of the contract, in force on any of the service dates.</param>
public sealed record LineSources(string Line, Items<LineSource> Sources, Items<string> Amendments);

/// <summary>One thing that a line bills.</summary>
/// <param name="Id">Its entity, with <c>#part</c> for a part of the contract or a project.</param>
/// <param name="Share">What the line asks for it; the shares of a line sum to its net and its write-downs are off.
/// </param>
/// <param name="Price">Of a unit; null where it has an amount only.</param>
/// <param name="Rate">How the price was found; null where it is stated on the record itself.</param>
/// <param name="ApprovedBy">Who approved it; null where nobody had to.</param>
/// <param name="Position">Position of the event that says how much it is; 0 where that is not known.</param>
public sealed record LineSource(
    string Id, Ref Ref, LocalDate? On, Quantity? Quantity, Rate? Price, ResolvedRate? Rate, Money Share,
    string? ApprovedBy, long Position);
