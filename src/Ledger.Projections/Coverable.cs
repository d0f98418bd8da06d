using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections;

/// <summary>Documents, and what may cover them, that are set against each other: those of one client in one currency,
/// or of one amount in the books of one legal entity. Nothing in another pool is looked at.</summary>
/// <param name="Rel">What would cover does this.</param>
/// <param name="Key">What they share beside the currency.</param>
internal sealed record CoverPool(string Rel, Currency Currency, string Key)
{
    public override string ToString() => $"{Rel} {Currency.Code} {Key}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static CoverPool Parse(string text) => text.Split(' ', 3) is [var rel, var currency, var key]
        ? new(rel, Currency.Of(currency), key)
        : throw new FormatException($"'{text}' is no pool");
}

/// <summary>An entity that may cover others, or may be covered, as far as it is open: all that is compared.</summary>
/// <param name="Covers">Whether it covers; else it is covered.</param>
/// <param name="Name">By which it stands among others: the first of its records' names, whatever order they came in.
/// </param>
/// <param name="Stream">Its first record, by name, whose word counts.</param>
/// <param name="Amount">How much is open; positive.</param>
/// <param name="Text">In which it may name others: a remittance text; of what may have been asked for ahead, its order
/// and what it calls itself.</param>
/// <param name="Rejected">The coverage records by which people turned down what it is part of; of what covers, with how
/// many documents each was about: see <see cref="Turned"/>.</param>
internal sealed record Coverable(
    string Entity, CoverPool Pool, bool Covers, string Name, string Stream, string? Number, LocalDate? On,
    decimal Amount, string? Text, Items<string> Rejected)
{
    /// <summary>How what covers tells a proposal that was turned down.</summary>
    public static string Turned(string coverage, int documents) =>
        FormattableString.Invariant($"{coverage} {documents}");

    public int? DaysFrom(LocalDate? day) =>
        On is { } from && day is { } to ? Math.Abs(NodaTime.Period.DaysBetween(from, to)) : null;
}
