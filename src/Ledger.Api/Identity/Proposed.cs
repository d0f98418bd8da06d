using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Ledger.Domain;
using Ledger.Projections.Views;

namespace Ledger.Api;

/// <summary>How proposals are paged.</summary>
internal static class Proposed
{
    /// <summary>The record a stream is, as the ledger refers to it; null where the name is none.</summary>
    public static Ref? RefOf(string stream) =>
        StreamName.TryParse(stream, out var kind, out var source, out var id) ? new(kind, source, id) : null;

    /// <summary>Where the next page begins.</summary>
    public static string Cursor(ProposalView last) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{last.Confidence}\n{last.A}\n{last.B}")));

    /// <summary>Reads what <see cref="Cursor"/> wrote; false where it did not.</summary>
    public static bool TryPlace(string cursor, out ProposalPlace place)
    {
        place = default;
        if (!Base64Url.IsValid(cursor))
            return false;
        string[] parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split('\n');
        if (parts is not [var number, var a, var b] || !decimal.TryParse(
            number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var confidence)
            || !Address.IsStorable(a + b))
            return false;
        place = new(confidence, a, b);
        return true;
    }
}
