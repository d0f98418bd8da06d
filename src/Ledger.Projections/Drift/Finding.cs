using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>What a finding asks of its reader.</summary>
public enum FindingWeight
{
    /// <summary>Two statements cannot both be right.</summary>
    Difference,

    /// <summary>Worth knowing; nothing says that it is wrong.</summary>
    Notice,

    /// <summary>A difference that was agreed to be left alone.</summary>
    Tolerated,
}

/// <summary>One side of a finding.</summary>
/// <param name="Source">Who says it; <c>ledger</c> where it is worked out here.</param>
/// <param name="Stream">Of which record.</param>
/// <param name="Value">As text, amounts and quantities with their unit; null = says nothing.</param>
/// <param name="Position">Position of the event that says it; null where it is worked out.</param>
public sealed record SaidValue(string Source, string Stream, string Field, string? Value, long? Position);

/// <summary>One place where what the systems say does not fit together.</summary>
/// <param name="Sentence">What a finance person needs to know, in plain English.</param>
public sealed record Finding(DriftClass Class, string Sentence)
{
    public FindingWeight Weight { get; init; }

    /// <summary>Number of the invoice it is about, where it is about one that has a number.</summary>
    public string? Invoice { get; init; }

    /// <summary>Numbers of the other invoices that belong to it.</summary>
    public Items<string> Related { get; init; } = Items<string>.None;

    /// <summary>Every record that belongs to it; the one it is about first.</summary>
    public Items<string> Streams { get; init; } = Items<string>.None;

    /// <summary>The money at stake; positive where the document (or the first of the two sides) asks for more than
    /// the other supports. Null where no currency is known, zero where no money depends on it.</summary>
    public Money? Amount { get; init; }

    /// <summary>What each side says.</summary>
    public Items<SaidValue> Values { get; init; } = Items<SaidValue>.None;

    /// <summary>Positions of the events it rests on, in the ledger's order.</summary>
    public Items<long> Events { get; init; } = Items<long>.None;

    /// <summary>Where the histories part: by it a report names the event with which the difference began.</summary>
    public Parting Parting { get; init; } = Parting.Unknown;

    /// <summary>What never came, or came otherwise; null = nothing is missing, or nobody knows.</summary>
    public Counterpart? Counterpart { get; init; }

    /// <summary>What to correct where; null = nobody knows.</summary>
    public Correction? Correction { get; init; }

    /// <summary>What <see cref="Amount"/> is made of: parts that sum to it to the last digit, none of them zero.
    /// </summary>
    public Items<MoneyPart> Parts { get; init; } = Items<MoneyPart>.None;

    /// <summary>What an unexplained amount could be, the likeliest first.</summary>
    public Items<string> Suggestions { get; init; } = Items<string>.None;

    /// <summary>The tolerance that covers it, where one does.</summary>
    public string? ToleratedBy { get; init; }

    /// <summary>What a difference of money is a share of; null = not known.</summary>
    internal decimal? Of { get; init; }

    /// <summary>By how much a quantity differs; null where that is not one figure.</summary>
    internal Quantity? Off { get; init; }

    /// <summary>Whether one system alone says all of it: then agreement would have meant nothing either.</summary>
    public bool SameSystem => Streams.Select(StreamName.SourceOf).Distinct().Count() <= 1;
}
