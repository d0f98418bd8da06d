using System.Globalization;

namespace Ledger.Domain;

/// <summary>Decimals travel as JSON strings in one canonical plain form, so that equal values have equal
/// bytes.</summary>
public static class DecimalText
{
    /// <summary>Digits a source may state before the point: hundreds of trillions, so that no sum or product of what
    /// is stated leaves the range of a decimal.</summary>
    public const int WholeDigitsMax = 14;

    /// <summary>Digits a source may state after the point.</summary>
    public const int FractionDigitsMax = 10;

    private const int DigitsMax = 28;
    internal const int LengthMax = 64;

    /// <summary>The same value without zeros that trail, as it reads back from its text.</summary>
    public static decimal Plain(decimal value) => value / 1.0000000000000000000000000000m;

    /// <summary>Reads <c>+0.10</c>, <c>8.850</c>, <c>1250.</c>, <c>.5</c>; no exponent, no group separators.</summary>
    /// <returns>False where the text is no plain decimal, or has more digits than a decimal holds exactly (28):
    /// refused, never rounded.</returns>
    public static bool TryRead(ReadOnlySpan<char> text, out decimal value) =>
        TryRead(text, DigitsMax, DigitsMax, out value);

    /// <summary>As <see cref="TryRead(ReadOnlySpan{char}, out decimal)"/>, of what a source states: at most
    /// <see cref="WholeDigitsMax"/> digits before the point and <see cref="FractionDigitsMax"/> after it.</summary>
    public static bool TryReadStated(ReadOnlySpan<char> text, out decimal value) =>
        TryRead(text, WholeDigitsMax, FractionDigitsMax, out value);

    private static bool TryRead(ReadOnlySpan<char> text, int wholeMax, int fractionMax, out decimal value)
    {
        value = 0m;
        if (text.Length > LengthMax || !IsPlain(text)) return false;
        var point = text.IndexOf('.');
        var whole = (point < 0 ? text : text[..point]).TrimStart("+-").TrimStart('0');
        var fraction = point < 0 ? [] : text[(point + 1)..].TrimEnd('0');
        if (whole.Length > wholeMax || fraction.Length > fractionMax || whole.Length + fraction.Length > DigitsMax)
            return false;
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        return decimal.TryParse(text, Plain, CultureInfo.InvariantCulture, out value);
    }

    // The framework's parser lets more pass than its styles say: NUL characters at the end, for one.
    private static bool IsPlain(ReadOnlySpan<char> text)
    {
        var (digits, points) = (0, 0);
        foreach (var c in text.Length > 0 && text[0] is '+' or '-' ? text[1..] : text)
        {
            if (char.IsAsciiDigit(c)) digits++;
            else if (c == '.') points++;
            else return false;
        }

        return digits > 0 && points <= 1;
    }

    /// <summary>Whether a text in UTF-8 is a plain decimal in another form than the canonical one.</summary>
    internal static bool IsOtherwise(ReadOnlySpan<byte> text)
    {
        var digits = text is [(byte)'+' or (byte)'-', ..] ? text[1..] : text;
        foreach (var c in digits)
            if (!char.IsAsciiDigit((char)c) && c != '.')
                return false;
        if (digits.IsEmpty) return false;
        var isFraction = digits.Contains((byte)'.');
        return text[0] == '+' || text.SequenceEqual("-0"u8) || digits[0] == '.'
            || digits is [(byte)'0', not (byte)'.', ..] || isFraction && digits[^1] is (byte)'0' or (byte)'.';
    }

    /// <summary>The canonical form: no plus, no needless zeros, no trailing point, never <c>-0</c>.</summary>
    public static string Write(decimal value)
    {
        var text = value.ToString(CultureInfo.InvariantCulture);
        if (text.Contains('.', StringComparison.Ordinal)) text = text.TrimEnd('0').TrimEnd('.');
        return text is "-0" ? "0" : text;
    }
}
