using NodaTime;

namespace Ledger.Domain;

/// <summary>An issued document with what stands behind it now: what re-rating works on.</summary>
/// <param name="Id">Its entity.</param>
/// <param name="Items">What its lines bill, line by line; amounts and quantities signed as the document's.</param>
/// <param name="Agreed">The contract's rounding; null = no term states it.</param>
/// <param name="Published">What other currencies were worth on its date, each once, where that is known.</param>
public sealed record IssuedDocument(
    string Id, Invoice Invoice, Currency Currency, Items<IssuedItem> Items, Rounding? Agreed,
    Items<PublishedExchange>? Published = null);

/// <summary>What one unit of a currency was worth in a document's, on its date.</summary>
/// <param name="Words">Who published it, and what.</param>
/// <param name="Events">Positions of the events that published it.</param>
public sealed record PublishedExchange(Currency From, decimal Rate, string Words, Items<long> Events);

/// <summary>One thing that a line bills, and what the records behind it say of it now.</summary>
/// <param name="Id">Its entity; where nobody delivered it, its stream or number.</param>
/// <param name="Billed">How much the line bills of it.</param>
/// <param name="Used">The price the line uses.</param>
/// <param name="Recorded">How much may be billed of it.</param>
/// <param name="Agreed">The price that the cards give it, else its own; null = none is known.</param>
/// <param name="WrittenDown">Money that was written down of it; positive.</param>
/// <param name="Asked">What the line asks for it, where no price makes its amount.</param>
/// <param name="Worth">What it is worth, where no price makes it; null = nobody says, or nothing stands behind it.
/// </param>
/// <param name="IsKnown">Whether the ledger has it.</param>
/// <param name="QuantityEvent">Position of the event that last changed how much it is; 0 = not known.</param>
/// <param name="PriceEvent">Position of the event that asserts the price agreed; 0 = not known.</param>
public sealed record IssuedItem(
    string Id, string Line, Ref? Ref, LocalDate? On, Quantity? Billed, Rate? Used, Quantity? Recorded, Rate? Agreed)
{
    public string? Person { get; init; }

    public string? Task { get; init; }

    public string? TaxCategory { get; init; }

    public decimal WrittenDown { get; init; }

    public decimal? Asked { get; init; }

    public decimal? Worth { get; init; }

    public bool IsKnown { get; init; } = true;

    public long QuantityEvent { get; init; }

    public long PriceEvent { get; init; }
}

/// <summary>Why a document asks for something else than what stands behind it comes to.</summary>
public enum DifferenceCause
{
    /// <summary>Hours × rate: other quantities are billed than recorded.</summary>
    Quantity,

    /// <summary>Hours × Δrate: other prices are used than agreed.</summary>
    Rate,

    /// <summary>Another rate of exchange than the published one.</summary>
    Exchange,

    /// <summary>Expenses and fees are billed at another amount than recorded.</summary>
    Amount,

    /// <summary>Discounts, write-downs, charges.</summary>
    Adjustment,

    Rounding,

    Tax,

    /// <summary>What nothing above explains, and lines that nothing stands behind.</summary>
    Unexplained,
}

/// <summary>One part of a difference.</summary>
/// <param name="Amount">Positive where the document asks for more.</param>
/// <param name="Events">Positions of the events that made it; none where it is not an event's doing.</param>
/// <param name="Items">The things it comes of.</param>
public sealed record DifferencePart(
    DifferenceCause Cause, Money Amount, Items<long> Events, Items<string> Items, string Sentence);

/// <summary>An issued document, worked out again.</summary>
/// <param name="Stated">What it asks for, tax and all, as printed.</param>
/// <param name="Recomputed">What stands behind it comes to now.</param>
/// <param name="Parts">Sum to <see cref="Difference"/>, to the last digit; none is zero.</param>
/// <param name="Rule">The rule it was worked out by.</param>
/// <param name="IsRuleAgreed">Whether a term states the rule; else it is one that reproduces the document, or, where
/// none does, the usual one.</param>
/// <param name="Reproducing">Every scope and mode that leads from what is billed to the stated total.</param>
/// <param name="Exchange">The rates at which prices agreed in other currencies were converted.</param>
/// <param name="Unpriced">Work that no card prices: its own price was taken for right.</param>
public sealed record ReRating(
    string Id, Money Stated, Money Recomputed, Items<DifferencePart> Parts, Rounding Rule, bool IsRuleAgreed,
    Items<Rounding> Reproducing, Items<PublishedExchange> Exchange, Items<string> Unpriced)
{
    public Money Difference => Stated - Recomputed;

    /// <summary>Whether the document asks for what stands behind it, to the cent.</summary>
    public bool IsEqual => Difference.Amount == 0m;

    /// <returns>Null where the document states no total.</returns>
    public static ReRating? Of(IssuedDocument document) => document.Invoice.NetStated is { } net
        ? new Reckoning(document, net).Result()
        : null;
}
