using System.Globalization;
using System.Text;

namespace Ledger.Projections.Identity;

/// <summary>Names of firms and people as they are compared.</summary>
internal static class Naming
{
    /// <summary>Words that say only what form a company has, or nothing.</summary>
    private static readonly HashSet<string> Forms =
    [
        "ltd", "limited", "plc", "llp", "llc", "inc", "incorporated", "corp", "corporation", "co", "company", "gmbh",
        "ag", "kg", "sa", "sarl", "sas", "bv", "nv", "ab", "as", "oy", "spa", "srl", "pty", "the", "and", "group",
        "holding", "holdings", "mr", "mrs", "ms", "dr",
    ];

    /// <summary>Its words in small letters without accents, and without what says only what form a company has.
    /// </summary>
    public static string[] Words(string? name)
    {
        if (name is null) return [];
        var plain = new StringBuilder(name.Length);
        foreach (var c in name.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark) continue;
            if (char.IsLetterOrDigit(c)) plain.Append(char.ToLowerInvariant(c));
            else if (c is not ('.' or '\'' or '’')) plain.Append(' ');
        }

        var words = plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var telling = Array.FindAll(words, w => !Forms.Contains(w));
        return telling.Length > 0 ? telling : words;
    }

    /// <summary>How alike two names are, 0 to 1: twice the pairs of letters they share, by those they have.</summary>
    public static decimal Likeness(string[] a, string[] b)
    {
        if (a.Length == 0 || b.Length == 0) return 0m;
        if (a.Order(StringComparer.Ordinal).SequenceEqual(b.Order(StringComparer.Ordinal))) return 1m;
        var (pairs, others) = (Pairs(a), Pairs(b));
        if (pairs.Count == 0 || others.Count == 0) return 0m;
        var shared = 0;
        var left = others.GroupBy(p => p).ToDictionary(g => g.Key, g => g.Count());
        foreach (var pair in pairs)
            if (left.TryGetValue(pair, out var count) && count > 0)
            {
                left[pair] = count - 1;
                shared++;
            }

        return 2m * shared / (pairs.Count + others.Count);
    }

    private static List<(char, char)> Pairs(string[] words) =>
        [.. words.SelectMany(word => word.Zip(word.Skip(1)))];
}
