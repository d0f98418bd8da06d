using NodaTime;

namespace Ledger.Domain;

/// <summary>Kinds of lines, as documents name them.</summary>
public static class LineKinds
{
    public const string Time = "time";
    public const string Expense = "expense";
    public const string Fee = "fee";
    public const string Usage = "usage";
}

/// <summary>Something that may be billed now: it passed every reason that would leave it out, but ceilings.</summary>
/// <param name="Value">What it is worth, exact; write-downs are off already.</param>
/// <param name="Quantity">How much of it is billed; null = it has an amount only.</param>
/// <param name="Price">Of a unit; null where units do not make the value.</param>
/// <param name="Rate">How the price was found; null where no card was asked.</param>
/// <param name="WrittenDown">Money taken off quantity × price; positive.</param>
/// <param name="Position">Position of the event that says how much it is.</param>
/// <param name="ApprovedBy">Who approved, accepted or released it.</param>
internal sealed record Candidate(
    string Id, Ref Ref, string Kind, LocalDate? On, ExactMoney Value, string Description, long Position)
{
    public Quantity? Quantity { get; init; }

    public Rate? Price { get; init; }

    public ResolvedRate? Rate { get; init; }

    public decimal WrittenDown { get; init; }

    public string? Project { get; init; }

    public ContractLine? Line { get; init; }

    public Ref? Resource { get; init; }

    public string? Person { get; init; }

    public string? Task { get; init; }

    public string? Role { get; init; }

    public string? ApprovedBy { get; init; }

    public Period? Period { get; init; }

    /// <summary>Whether it is asked for ahead of the work.</summary>
    public bool IsAdvance { get; init; }

    public LeftOut Left(LeftOutReason reason, string detail, Quantity? quantity, ExactMoney value) =>
        new(Id, Ref, reason, detail, On, quantity, value.Round(RoundingMode.HalfAwayFromZero));
}

/// <summary>What becomes of everything under a contract: candidates, and what is left out.</summary>
internal sealed class Sorted
{
    public List<Candidate> Candidates { get; } = [];

    public List<LeftOut> LeftOut { get; } = [];

    public void Leave(
        string id, Ref reference, LeftOutReason reason, string detail, LocalDate? on = null, Quantity? quantity = null,
        Money? amount = null) =>
        LeftOut.Add(new(id, reference, reason, detail, on, quantity, amount));
}
