using System.Globalization;
using NodaTime;

namespace Ledger.Domain;

/// <summary>The one form in which most instants are written, <c>2026-03-14T09:30:00Z</c> with up to nine digits after a
/// point, read and written without a pattern.</summary>
internal static class UtcText
{
    /// <summary>Characters of the longest that is read.</summary>
    public const int LengthMax = 30;

    private const int SecondsLength = 19;

    /// <summary>The instant in whole microseconds, and its date in UTC; null = in another form, or none.</summary>
    public static (Instant Instant, LocalDate Date)? Read(ReadOnlySpan<byte> text)
    {
        if (text.Length < SecondsLength + 1 || text[^1] != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T'
            || text[13] != ':' || text[16] != ':')
            return null;
        var (year, month, day) = (Digits(text[..4]), Digits(text[5..7]), Digits(text[8..10]));
        var (hour, minute, second) = (Digits(text[11..13]), Digits(text[14..16]), Digits(text[17..19]));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59)
            return null;
        var micros = 0;
        if (text.Length > SecondsLength + 1)
        {
            var fraction = text[(SecondsLength + 1)..^1];
            if (text[SecondsLength] != '.' || fraction.Length is 0 or > 9 || Digits(fraction) < 0) return null;
            // What is finer than a microsecond is cut off.
            micros = Digits(fraction.Length > 6 ? fraction[..6] : fraction);
            for (var digits = fraction.Length; digits < 6; digits++) micros *= 10;
        }

        var ticks = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks
            - DateTime.UnixEpoch.Ticks + micros * 10L;
        return (Instant.FromUnixTimeTicks(ticks), new LocalDate(year, month, day));
    }

    /// <summary>The date <c>2026-03-14</c>; null = in another form, or none.</summary>
    public static LocalDate? ReadDate(ReadOnlySpan<char> text)
    {
        Span<byte> digits = stackalloc byte[10];
        if (text.Length != digits.Length || text[4] != '-' || text[7] != '-') return null;
        for (var i = 0; i < digits.Length; i++) digits[i] = text[i] < 128 ? (byte)text[i] : (byte)0;
        var (year, month, day) = (Digits(digits[..4]), Digits(digits[5..7]), Digits(digits[8..]));
        return year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new LocalDate(year, month, day)
            : null;
    }

    /// <summary>Whether <see cref="Write"/> writes the instant that <see cref="Read"/> reads there the same.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> text) =>
        text.Length is SecondsLength + 1 or > SecondsLength + 2 and <= SecondsLength + 8
        && (text.Length == SecondsLength + 1 || text[^2] != '0') && Read(text) is not null;

    /// <summary>As <see cref="Read"/> reads it, with no needless digit; null where a
    /// <c>DateTime</c> cannot hold it.</summary>
    public static string? Write(Instant instant)
    {
        if (instant < NodaConstants.BclEpoch) return null;
        Span<char> text = stackalloc char[SecondsLength + 11];
        var time = instant.ToDateTimeUtc();
        if (Instant.FromDateTimeUtc(time) != instant) return null;
        time.TryFormat(text, out var length, "yyyy'-'MM'-'dd'T'HH':'mm':'ss", CultureInfo.InvariantCulture);
        var ticks = (int)(time.Ticks % TimeSpan.TicksPerSecond);
        if (ticks != 0)
        {
            text[length++] = '.';
            for (var unit = 1_000_000; ticks != 0; unit /= 10)
            {
                text[length++] = (char)('0' + ticks / unit);
                ticks %= unit;
            }
        }

        text[length++] = 'Z';
        return new string(text[..length]);
    }

    /// <returns>−1 where some character is no digit.</returns>
    private static int Digits(ReadOnlySpan<byte> text)
    {
        var value = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9') return -1;
            value = value * 10 + (digit - '0');
        }

        return value;
    }
}
