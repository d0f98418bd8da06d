using System.Globalization;
using System.Numerics;

namespace Ledger.Projections.Drift;

/// <summary>A document's number as people read it: a fixed part and a running part.</summary>
internal static class DocumentNumber
{
    private const int DigitsMax = 30;

    /// <summary><c>HM-2026-0101</c> → <c>HM-2026-</c> and 101; null where the number ends in no digit, or in more than
    /// anybody counts.</summary>
    public static (string Prefix, BigInteger Ordinal)? Split(string number)
    {
        var digits = number.Length;
        while (digits > 0 && char.IsAsciiDigit(number[digits - 1])) digits--;
        if (digits == number.Length || number.Length - digits > DigitsMax) return null;
        var running = BigInteger.Parse(number.AsSpan(digits), NumberStyles.None, CultureInfo.InvariantCulture);
        return (number[..digits], running);
    }

    /// <summary>In the order of their numbers: series by series, then by the running part.</summary>
    public static IOrderedEnumerable<T> InNumberOrder<T>(this IEnumerable<T> items, Func<T, string?> number) => items
        .OrderBy(item => number(item) is { } n ? Split(n)?.Prefix ?? n : "\uffff", StringComparer.Ordinal)
        .ThenBy(item => number(item) is { } n ? Split(n)?.Ordinal ?? 0 : 0);
}
