using System.Globalization;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Api.Pages;

/// <summary>How pages print what the ledger knows. Amounts are grouped by thousands and carry the currency's minor
/// digits; dates are ISO 8601; instants are in UTC.</summary>
internal static class Words
{
    private static readonly InstantPattern Minute = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm");

    /// <summary>What is not there.</summary>
    public const string None = "–";

    /// <summary>An amount without its currency, as a column of figures has it: <c>12,600.00</c>.</summary>
    public static string Amount(decimal amount, Currency currency)
    {
        var text = new Money(amount, currency).Text;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? 0 : text.Length - point - 1;
        return amount.ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    public static string Amount(Money? money) => money is { } known ? Amount(known.Amount, known.Currency) : None;

    /// <summary>A figure in its unit: money as its currency has it, a count without digits, percent with one.</summary>
    public static string Figure(decimal figure, string unit) => Currency.TryOf(unit, out var currency)
        ? Amount(figure, currency)
        : figure.ToString(unit == "percent" ? "N1" : "N0", CultureInfo.InvariantCulture);

    /// <summary>Nothing at stake prints as a dash, so that what is at stake stands out.</summary>
    public static string AmountOrDash(decimal amount, Currency currency) =>
        amount == 0m ? None : Amount(amount, currency);

    public static string Money(Money money) => $"{Amount(money)} {money.Currency}";

    /// <summary>Hours with two digits, for sums over entries in hours and in minutes.</summary>
    public static string Hours(decimal minutes) =>
        Rounding.Round(minutes / 60m, 2, RoundingMode.HalfAwayFromZero).ToString("N2", CultureInfo.InvariantCulture);

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Date(LocalDate? date) => date is { } known ? LocalDatePattern.Iso.Format(known) : None;

    /// <summary>To the minute; the full instant belongs in a title.</summary>
    public static string Time(Instant instant) => Minute.Format(instant);

    /// <summary>How likely: <c>87 %</c>.</summary>
    public static string Likely(decimal confidence) => string.Create(
        CultureInfo.InvariantCulture, $"{Rounding.Round(confidence * 100m, 0, RoundingMode.HalfAwayFromZero):0} %");

    public static string Plural(long count, string one, string? many = null) =>
        $"{Number(count)} {(count == 1 ? one : many ?? one + "s")}";

    /// <summary>A stored name: <c>non_billable</c>.</summary>
    public static string Name(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>A name for people: <c>non-billable</c>, <c>credit note</c>.</summary>
    public static string Of(Enum value) => value is DriftClass.NonBillable ? "non-billable" : Plain(Name(value));

    /// <summary>A stored or JSON name as words: <c>rate_card</c> and <c>workedOn</c> as <c>rate card</c> and
    /// <c>worked on</c>.</summary>
    public static string Plain(string name) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(name).Replace('_', ' ');

    public static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>What a record calls itself: its name, its number, else its id at its source.</summary>
    public static string Title(SourceRecord record)
    {
        var name = record.Fold.State is { } state
            ? record.Kind.Fields.FirstOrDefault(f => f.Name == "name")?.Read(state) as string
            : null;
        var number = record.Fold.State?.Number ?? record.Id;
        return string.IsNullOrWhiteSpace(name) ? number : name;
    }

    /// <summary>A role for people: <c>ERP</c>, <c>billing</c>.</summary>
    public static string Role(Role role) =>
        role is Domain.Role.Billing or Domain.Role.Tax or Domain.Role.Bank
            ? Name(role)
            : role.ToString().ToUpperInvariant();

    /// <summary>A rounding rule in words.</summary>
    public static string Rule(Rounding rule)
    {
        var scope = rule.Scope is RoundingScope.Invoice ? "once per invoice" : $"once per {Of(rule.Scope)}";
        var mode = rule.Mode switch
        {
            RoundingMode.HalfAwayFromZero => "half away from zero",
            RoundingMode.HalfEven => "half to even",
            RoundingMode.HalfTowardsZero => "half towards zero",
            RoundingMode.Up => "always up",
            RoundingMode.Down => "always down",
            _ => throw new System.Diagnostics.UnreachableException($"no rounding mode {rule.Mode}"),
        };
        return rule.Digits is { } digits ? $"{scope}, {mode}, {Plural(digits, "digit")}" : $"{scope}, {mode}";
    }
}
