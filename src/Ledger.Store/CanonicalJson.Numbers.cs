using System.Buffers.Text;
using System.Globalization;

namespace Ledger.Store;

public static partial class CanonicalJson
{
    /// <summary>Formats with so many significant digits, by their number.</summary>
    private static readonly string[] Precisions =
        [.. Enumerable.Range(0, 18)
            .Select(count => string.Create(CultureInfo.InvariantCulture, $"E{Math.Max(0, count - 1)}"))];

    /// <summary>Writes a JSON number as ECMAScript writes the double nearest to it.</summary>
    private static void Number(ReadOnlySpan<byte> token, JsonBuffer output, long offset)
    {
        if (IsPlainInteger(token))
        {
            output.Append(token);
            return;
        }

        if (!double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            || !double.IsFinite(value))
            throw new MalformedJsonException("A number is beyond the range of a double.", offset);
        Format(value, output);
    }

    /// <summary>Up to fifteen digits, no fraction, no exponent, not minus zero: already as ECMAScript writes it.
    /// </summary>
    private static bool IsPlainInteger(ReadOnlySpan<byte> token)
    {
        var digits = token[0] == (byte)'-' ? token[1..] : token;
        return digits.Length <= 15
            && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && !(token.Length > digits.Length && digits[0] == (byte)'0');
    }

    /// <summary>Number::toString of ECMAScript, section 6.1.6.1.20: the shortest digits that read back, laid out by
    /// where the decimal point falls.</summary>
    private static void Format(double value, JsonBuffer output)
    {
        if (value == 0)
        {
            output.Append((byte)'0');
            return;
        }

        if (value < 0)
            output.Append((byte)'-');

        Span<byte> buffer = stackalloc byte[32];
        var (count, point) = Shortest(Math.Abs(value), buffer);
        var digits = buffer[..count];

        if (count <= point && point <= 21)
        {
            output.Append(digits);
            Zeros(point - count, output);
        }
        else if (0 < point && point <= 21)
        {
            output.Append(digits[..point]);
            output.Append((byte)'.');
            output.Append(digits[point..]);
        }
        else if (-6 < point && point <= 0)
        {
            output.Append("0."u8);
            Zeros(-point, output);
            output.Append(digits);
        }
        else
        {
            Scientific(digits, point - 1, output);
        }
    }

    /// <summary>The fewest digits that read back as the value, and of those the nearest to it. "R" tells how many,
    /// but at powers of two it gives one too few or not the nearest.</summary>
    private static (int Count, int Point) Shortest(double value, Span<byte> digits)
    {
        Span<byte> shortest = stackalloc byte[32];
        value.TryFormat(shortest, out var length, "R", CultureInfo.InvariantCulture);
        shortest = shortest[..length];
        var enough = Digits(shortest, digits).Count;
        Span<byte> rounded = stackalloc byte[32];
        for (var count = enough; count < 17; count++)
        {
            value.TryFormat(rounded, out length, Precisions[count], CultureInfo.InvariantCulture);
            if (ReadsBack(rounded[..length], value))
                return Digits(rounded[..length], digits);
            if (count == enough && ReadsBack(shortest, value))
                return Digits(shortest, digits);
        }

        value.TryFormat(rounded, out length, Precisions[17], CultureInfo.InvariantCulture);
        return Digits(rounded[..length], digits);
    }

    private static bool ReadsBack(ReadOnlySpan<byte> text, double value) =>
        double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).Equals(value);

    private static void Scientific(ReadOnlySpan<byte> digits, int exponent, JsonBuffer output)
    {
        output.Append(digits[0]);
        if (digits.Length > 1)
        {
            output.Append((byte)'.');
            output.Append(digits[1..]);
        }

        output.Append(exponent < 0 ? "e-"u8 : "e+"u8);
        Utf8Formatter.TryFormat(Math.Abs(exponent), output.Reserve(8), out var written);
        output.Advance(written);
    }

    /// <summary>The significant digits of a formatted number, and how many of them stand before the point.</summary>
    private static (int Count, int Point) Digits(ReadOnlySpan<byte> formatted, Span<byte> digits)
    {
        var mark = formatted.IndexOf((byte)'E');
        var mantissa = mark < 0 ? formatted : formatted[..mark];
        var exponent = mark < 0
            ? 0
            : int.Parse(formatted[(mark + 1)..], NumberStyles.Integer, CultureInfo.InvariantCulture);
        var (count, point, seenPoint) = (0, 0, false);
        foreach (var symbol in mantissa)
        {
            if (symbol == (byte)'.')
            {
                seenPoint = true;
                continue;
            }

            if (count == 0 && symbol == (byte)'0')
            {
                if (seenPoint)
                    point--;
                continue;
            }

            digits[count++] = symbol;
            if (!seenPoint)
                point++;
        }

        while (count > 1 && digits[count - 1] == (byte)'0')
            count--;
        return (count, point + exponent);
    }

    private static void Zeros(int count, JsonBuffer output)
    {
        output.Reserve(count)[..count].Fill((byte)'0');
        output.Advance(count);
    }
}
