using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>What is wrong. Stored names, in snake_case.</summary>
public enum DriftClass
{
    /// <summary>A source should have it and has not.</summary>
    Missing,

    /// <summary>It was missing past what its source is allowed, and then it came: worth knowing, nothing to mend.
    /// </summary>
    Late,

    /// <summary>A system has it, and nobody else has what it is about.</summary>
    Orphan,

    /// <summary>One thing on two live records, or one hour on two live lines.</summary>
    Duplicate,

    /// <summary>How much, after conversion of units.</summary>
    Quantity,

    /// <summary>The price used is not the price stated, or there is none.</summary>
    Rate,

    /// <summary>A residue that another rounding scope or mode explains.</summary>
    Rounding,

    /// <summary>Money that is left after the classes above.</summary>
    Amount,

    /// <summary>Tax: what is stated, booked, and worked out from its base and rate.</summary>
    Tax,

    Currency,

    /// <summary>Dates and accounting periods.</summary>
    Period,

    /// <summary>How far a record has come: draft, issued, posted, paid, void.</summary>
    Status,

    /// <summary>Client, contract, project point at different things.</summary>
    Mapping,

    /// <summary>A number twice in a series, or number order against date order.</summary>
    Numbering,

    /// <summary>Work was billed that nobody approved.</summary>
    Unapproved,

    /// <summary>Work was billed that is not billable.</summary>
    NonBillable,

    /// <summary>Money on an issued document with nothing behind it.</summary>
    Unsourced,

    /// <summary>More is billed than the contract allows.</summary>
    OverCeiling,

    /// <summary>A contract was amended, and a system that keeps a copy was never told.</summary>
    Unsynchronised,

    /// <summary>Documents were cancelled; this says where their work was billed again.</summary>
    Rebill,
}

/// <summary>What a finding asks of its reader.</summary>
public enum FindingWeight
{
    /// <summary>Two statements cannot both be right.</summary>
    Difference,

    /// <summary>Worth knowing; nothing says that it is wrong.</summary>
    Notice,
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

    /// <summary>What an unexplained amount could be, the likeliest first.</summary>
    public Items<string> Suggestions { get; init; } = Items<string>.None;

    /// <summary>Whether one system alone says all of it: then agreement would have meant nothing either.</summary>
    public bool SameSystem => Streams.Select(StreamName.SourceOf).Distinct().Count() <= 1;
}
