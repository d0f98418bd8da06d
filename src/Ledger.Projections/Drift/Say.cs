using System.Globalization;
using System.Text.Json;
using Ledger.Domain;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Projections.Drift;

/// <summary>How sentences name things.</summary>
internal static class Say
{
    /// <summary>How many names a sentence carries before it only counts.</summary>
    private const int NamesMax = 6;

    /// <summary><c>a, b and c</c>; beyond six the rest is counted.</summary>
    public static string List(IEnumerable<string> names)
    {
        var all = names.ToArray();
        if (all.Length <= 1) return all.FirstOrDefault() ?? "";
        if (all.Length <= NamesMax) return $"{string.Join(", ", all[..^1])} and {all[^1]}";
        return $"{string.Join(", ", all[..(NamesMax - 1)])} and {Number(all.Length - NamesMax + 1)} more";
    }

    /// <summary><c>one fee</c>, <c>13 fees</c>.</summary>
    public static string Count(int count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";

    public static string Number(int count) => count switch
    {
        0 => "no", 1 => "one", 2 => "two", 3 => "three", 4 => "four", 5 => "five", 6 => "six",
        _ => count.ToString(CultureInfo.InvariantCulture),
    };

    public static string Date(LocalDate? date) => date is { } day ? LocalDatePattern.Iso.Format(day) : "no date";

    public static string? DateOrNull(LocalDate? date) => date is { } day ? LocalDatePattern.Iso.Format(day) : null;

    public static Money Abs(Money money) => money with { Amount = Math.Abs(money.Amount) };

    /// <summary><c>too much</c> or <c>too little</c>.</summary>
    public static string TooMuch(Money difference) => difference.Amount < 0m ? "too little" : "too much";

    public static string Rule(Rounding rule) => $"{Scope(rule.Scope)}, {Mode(rule.Mode)}";

    /// <summary><c>posting P1</c>; of a record that nobody has, only its kind.</summary>
    public static string Record(string kind, string? stream) =>
        kind.Replace('_', ' ') + (stream is null ? "" : " " + StreamName.IdOf(stream));

    /// <summary>With a capital first letter, as a sentence begins.</summary>
    public static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    /// <summary><c>one time entry</c>, <c>13 time entries</c>.</summary>
    public static string Entries(int count) => Count(count, "time entry", "time entries");

    public static string Snake<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Scope(RoundingScope scope) => scope switch
    {
        RoundingScope.Entry => "each entry",
        RoundingScope.Line => "each line",
        RoundingScope.Person => "once per person",
        RoundingScope.Task => "once per task",
        RoundingScope.TaxCategory => "once per tax category",
        RoundingScope.Invoice => "once per invoice",
        _ => throw new System.Diagnostics.UnreachableException($"no rounding scope {scope}"),
    };

    private static string Mode(RoundingMode mode) => mode switch
    {
        RoundingMode.HalfAwayFromZero => "half away from zero",
        RoundingMode.HalfEven => "half to even",
        RoundingMode.HalfTowardsZero => "half towards zero",
        RoundingMode.Up => "always up",
        RoundingMode.Down => "always down",
        _ => throw new System.Diagnostics.UnreachableException($"no rounding mode {mode}"),
    };
}
