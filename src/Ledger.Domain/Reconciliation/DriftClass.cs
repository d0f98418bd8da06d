namespace Ledger.Domain;

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

    /// <summary>More is drawn on money asked for ahead than there is.</summary>
    RetainerOverdrawn,

    /// <summary>A contract was amended, and a system that keeps a copy was never told.</summary>
    Unsynchronised,

    /// <summary>Documents were cancelled; this says where their work was billed again.</summary>
    Rebill,
}
