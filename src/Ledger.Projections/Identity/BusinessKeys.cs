using System.Text;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Identity;

/// <summary>What a record's business keys are: pure.</summary>
public static class BusinessKeys
{
    /// <summary>Longest value that is a key, in characters.</summary>
    private const int ValueMax = 120;

    /// <summary>Most days between two documents that may be one.</summary>
    internal const int DaysApart = 5;

    /// <summary>The keys by which a rule may join the record; none of a record that is not live.</summary>
    public static IEnumerable<BusinessKey> Of(SourceRecord record) => Told(record).Select(k => k.Key);

    /// <summary>What hints that another record is the same thing, schemes with a <c>~</c>: who shares none is never
    /// proposed. None of a record that is not live.</summary>
    public static IEnumerable<BusinessKey> HintsOf(SourceRecord record) =>
        (record.IsLive ? Hints(record.Fold.State!) : []).Where(k => k.Value.Length is > 0 and <= ValueMax).Distinct();

    /// <summary>Whether records of the kind have keys or hints at all.</summary>
    public static bool Has(Kind kind) => kind == Kind.Client || kind == Kind.Resource || kind == Kind.Contract
        || kind == Kind.Project || kind == Kind.Invoice || kind == Kind.Payment || kind == Kind.Posting
        || kind == Kind.LegalEntity || kind == Kind.Opportunity || kind == Kind.Proposal || kind == Kind.ChangeRequest
        || kind == Kind.Milestone || kind == Kind.Revenue || kind == Kind.KnowledgeAsset || kind == Kind.ExchangeRate;

    /// <summary>The keys, each with the position of the event that last changed the field that says it.</summary>
    internal static IEnumerable<(BusinessKey Key, long Position)> Told(SourceRecord record)
    {
        if (!record.IsLive || !Has(record.Kind)) return [];
        return Keys(record.Fold.State!).Where(k => IsKey(k.Key.Value))
            .DistinctBy(k => k.Key).Select(k => (k.Key, record.Asserted(k.Field)));
    }

    /// <summary>A number as it is compared: trimmed, in capitals.</summary>
    public static string Number(string number) => number.Trim().ToUpperInvariant();

    /// <summary>A tax id as it is compared: letters and digits in capitals, without the country before it.</summary>
    public static string TaxValue(TaxId id)
    {
        var value = Plain(id.Value);
        return value.StartsWith(id.Country.ToUpperInvariant(), StringComparison.Ordinal) && value.Length > 6
            ? value[id.Country.Length..]
            : value;
    }

    private static IEnumerable<(BusinessKey Key, string Field)> Keys(RecordState state) => state switch
    {
        Client c => [.. OfTaxIds(c.TaxIds), .. OfRegistration(c.RegistrationNo, CountryOf(c))],
        LegalEntity l => [.. OfTaxIds(l.TaxIds), .. OfRegistration(l.RegistrationNo, l.Country)],
        Resource { EmployeeNo: { } no } => IsTrivial(no) ? [] : [(new("employee", Number(no)), "employeeNo")],
        Resource => [],
        ExchangeRate x => OfRate(x),
        // These are numbered anew within each project: a number alone is nobody's.
        Milestone or ChangeRequest => [],
        { Number: { } number } when IsRepeated(Plain(number)) || (!IsDocument(state) && IsTrivial(number)) => [],
        Invoice { Number: { } number, DocumentType: DocumentType.CreditNote } =>
            [(new("number:credit_note", Number(number)), "number")],
        { Number: { } number } => [(new("number", Number(number)), "number")],
        _ => [],
    };

    private static bool IsDocument(RecordState state) => state is Invoice or Posting or Payment;

    // One publisher prices a pair once a day in each way it does.
    private static IEnumerable<(BusinessKey, string)> OfRate(ExchangeRate x) =>
        x is { Base: { } of, Quote: { } quote, On: { } on, Publisher: { } publisher } && Plain(publisher).Length > 0
            ? [(
                new("rate", FormattableString.Invariant(
                    $"{of.Code} {quote.Code} {on:uuuu-MM-dd} {Number(publisher)} {Number(x.Type ?? "")}").TrimEnd()),
                "on")]
            : [];

    private static IEnumerable<(BusinessKey, string)> OfTaxIds(Items<TaxId>? ids) =>
        (ids ?? Items<TaxId>.None).Where(id => !IsFiller(TaxValue(id))).Select(id => (
            new BusinessKey($"tax:{id.Country.ToUpperInvariant()}:{id.Scheme.ToLowerInvariant()}", TaxValue(id)),
            "taxIds"));

    // Registers number their companies alike, so the country is part of the key where the record tells one.
    private static IEnumerable<(BusinessKey, string)> OfRegistration(string? no, string? country) =>
        no is null || IsFiller(Plain(no))
            ? []
            : [(new("registration", country is null ? Plain(no) : $"{country} {Plain(no)}"), "registrationNo")];

    private static string? CountryOf(Client client)
    {
        var countries = (client.Addresses ?? []).Select(a => a.Country?.Trim().ToUpperInvariant())
            .Where(c => c is { Length: > 0 }).Distinct().Take(2).ToArray();
        return countries.Length == 1 ? countries[0] : null;
    }

    private static IEnumerable<BusinessKey> Hints(RecordState state) => state switch
    {
        Client c =>
        [
            .. Names(c.Name), .. Mail(c.Emails).Select(domain => new BusinessKey("~domain", domain)),
            .. TaxHints(c.TaxIds), .. Loose("~registration", c.RegistrationNo),
        ],
        LegalEntity l => [.. Names(l.Name), .. TaxHints(l.TaxIds), .. Loose("~registration", l.RegistrationNo)],
        Resource r => [.. Names(r.Name), .. Loose("~employee", r.EmployeeNo)],
        Opportunity o => [.. Loose("~number", o.Number), .. Names(o.Name)],
        ClientProposal p => [.. Loose("~number", p.Number), .. Names(p.Title)],
        Contract c => Loose("~number", c.Number),
        ChangeRequest c => [.. Names(c.Title), .. Spans(c.Amount, c.Currency, c.RaisedOn)],
        Milestone m => [.. Names(m.Name), .. Spans(m.Amount, m.Currency, m.DueOn)],
        Revenue r => Loose("~number", r.Number),
        KnowledgeAsset k => [.. Loose("~number", k.Number), .. Names(k.Title)],
        Project p => [.. Loose("~number", p.Number), .. Names(p.Name)],
        Invoice i => [.. Loose("~number", i.Number), .. Spans(AmountOf(i), i.Currency, i.IssuedOn)],
        Payment p => [.. Loose("~number", p.Number), .. Spans(p.Amount, p.Currency, p.ReceivedOn)],
        Posting p => [.. Loose("~number", p.Number), .. Spans(AmountOf(p), p.Currency, p.PostedOn)],
        _ => [],
    };

    internal static decimal? AmountOf(Invoice i) => i.Totals?.Payable ?? i.Totals?.Gross ?? i.Totals?.Net;

    internal static decimal? AmountOf(Posting p) => p.Totals?.Gross ?? p.Totals?.Net;

    /// <summary>Domains of its e-mail addresses, but for those anybody may have.</summary>
    internal static IEnumerable<string> Mail(Items<string>? emails) =>
        (emails ?? Items<string>.None).Select(e => e[(e.LastIndexOf('@') + 1)..].Trim().ToLowerInvariant())
            .Where(d => d.Contains('.') && !Anybodys.Contains(d)).Distinct();

    private static IEnumerable<BusinessKey> Names(string? name)
    {
        var words = Naming.Words(name);
        if (words.Length == 0) yield break;
        yield return new("~name", string.Join(' ', words.Order(StringComparer.Ordinal)));
        if (words[0].Length >= 4) yield return new("~word", words[0]);
    }

    private static IEnumerable<BusinessKey> TaxHints(Items<TaxId>? ids) => (ids ?? Items<TaxId>.None)
        .Where(id => IsKey(TaxValue(id)) && !IsFiller(TaxValue(id)))
        .Select(id => new BusinessKey("~tax", $"{id.Country.ToUpperInvariant()} {TaxValue(id)}"));

    private static IEnumerable<BusinessKey> Loose(string scheme, string? value) =>
        value is null || Bare(value) is not { Length: > 0 } bare || !bare.Any(char.IsAsciiDigit)
            ? []
            : [new(scheme, bare)];

    /// <summary>Two spans of days that overlap by half, so that dates near each other share one at least.</summary>
    private static IEnumerable<BusinessKey> Spans(decimal? amount, Currency? currency, LocalDate? on)
    {
        if (amount is not { } known || known == 0m || on is not { } date) yield break;
        var days = NodaTime.Period.DaysBetween(new(1970, 1, 1), date) + 1_000_000;
        var money = $"{DecimalText.Write(Math.Abs(known))} {currency?.Code}";
        yield return new("~amount", FormattableString.Invariant($"{money} {days / (2 * DaysApart)}"));
        yield return new("~amount", FormattableString.Invariant($"{money} +{(days + DaysApart) / (2 * DaysApart)}"));
    }

    /// <summary>Letters and digits in capitals, without zeros that lead a run of digits.</summary>
    internal static string Bare(string value)
    {
        var bare = new StringBuilder(value.Length);
        var inNumber = false;
        foreach (var c in Plain(value))
        {
            if (c == '0' && !inNumber) continue;
            inNumber = char.IsAsciiDigit(c);
            bare.Append(c);
        }

        return bare.ToString();
    }

    internal static string Plain(string value) =>
        string.Concat(value.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    // "N/A", "-" and "0" are no numbers: what says nothing joins nothing.
    private static bool IsKey(string value) =>
        value.Length is > 0 and <= ValueMax && value.Any(c => c is >= '1' and <= '9');

    /// <summary>Whether it is one digit again and again, or hardly anything: what people type to get on.</summary>
    private static bool IsFiller(string value) => value.Length < 4 || value.All(c => c == value[0]);

    /// <summary>Whether every system may have it for something of its own: hardly anything, or one digit again and
    /// again. Of documents, which are counted from one on, only the latter.</summary>
    private static bool IsTrivial(string number) =>
        Plain(number) is var plain && (plain.Length < 3 || IsRepeated(plain));

    private static bool IsRepeated(string plain) => plain.Length >= 3 && plain.All(c => c == plain[0]);

    private static readonly HashSet<string> Anybodys =
    [
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com",
        "aol.com", "gmx.de", "gmx.net", "web.de", "proton.me", "protonmail.com", "example.com",
    ];
}
