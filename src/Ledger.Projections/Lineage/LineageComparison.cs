namespace Ledger.Projections.Lineage;

/// <summary>An invoice's lineage now, and as it was when the invoice was issued: as the ledger knew it at that
/// position, and as the systems had stated it by that time, also where that was learnt later.</summary>
/// <param name="Issued">The event that issued it.</param>
public sealed record LineageComparison(EventRef Issued, LineageReading Now, LineageThen AsKnown, LineageThen AsStated);

/// <summary>A lineage at another time, and what is different since.</summary>
/// <param name="Difference">From then to now.</param>
public sealed record LineageThen(Times Times, LineageReading Reading, LineageDifference Difference);
