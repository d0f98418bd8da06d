using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Identity;

/// <summary>What is known of a record beside its own words.</summary>
/// <param name="Client">The client it is for, as an entity; null = not known.</param>
/// <param name="LegalEntity">As <see cref="Firm.EntityOf"/> tells it.</param>
/// <param name="HasOf">Whether its entity has a live record of a source.</param>
public sealed record Told(string? Client = null, string? LegalEntity = null, Func<string, bool>? HasOf = null);

/// <summary>How sure one may be that two records are the same thing: pure, and never sure enough to join them.
/// </summary>
public static class Proposals
{
    /// <summary>Below this nobody is asked.</summary>
    public const decimal ConfidenceMin = 0.50m;

    /// <summary>The proposal between two live records of one kind; null where too little speaks for it.</summary>
    /// <param name="about">What is known of a record beside its words; null = nothing.</param>
    public static Proposal? Between(SourceRecord a, SourceRecord b, Func<SourceRecord, Told>? about = null)
    {
        if (a.Kind != b.Kind || a.Stream == b.Stream || !a.IsLive || !b.IsLive) return null;
        // Words are those of the first by name, so that a pair reads the same however it is met, or came.
        if (string.CompareOrdinal(b.Stream, a.Stream) < 0) return Between(b, a, about);
        var (ofA, ofB) = (about?.Invoke(a) ?? new(), about?.Invoke(b) ?? new());
        // Two documents of one system are two, however alike; so are two companies in one system's books.
        if (IsOnceInASystem(a.Kind) && (a.Source == b.Source || (ofA.HasOf?.Invoke(b.Source) ?? false)
            || (ofB.HasOf?.Invoke(a.Source) ?? false))) return null;
        Evidence[] found = [.. Speaking(a.Fold.State!, b.Fold.State!, ofA, ofB).OrderByDescending(e => e.Weight)];
        if (found.Length == 0) return null;
        var doubt = 1m;
        foreach (var evidence in found) doubt *= 1m - evidence.Weight;
        var confidence = Math.Min(0.99m, 1m - doubt);
        foreach (var against in Against(a.Fold.State!, b.Fold.State!)) confidence *= 1m - against;
        confidence = Rounding.Round(confidence, 2, RoundingMode.HalfAwayFromZero);
        if (confidence < ConfidenceMin) return null;
        return new(a.Stream, b.Stream, a.Kind, confidence, [.. found]);
    }

    private static bool IsOnceInASystem(Kind kind) => kind != Kind.Client && kind != Kind.Resource;

    private static IEnumerable<Evidence> Speaking(RecordState a, RecordState b, Told ofA, Told ofB) => (a, b) switch
    {
        (Client x, Client y) =>
        [
            .. TaxIds(x.TaxIds, y.TaxIds), .. Same("same_registration", "registration number", 0.85m,
                x.RegistrationNo, y.RegistrationNo),
            .. Names(x.Name, y.Name), .. Domains(x.Emails, y.Emails),
        ],
        (LegalEntity x, LegalEntity y) =>
        [
            .. TaxIds(x.TaxIds, y.TaxIds), .. Same("same_registration", "registration number", 0.85m,
                x.RegistrationNo, y.RegistrationNo),
            .. Names(x.Name, y.Name),
        ],
        (Resource x, Resource y) =>
        [
            .. Same("same_employee_number", "employee number", 0.80m, x.EmployeeNo, y.EmployeeNo),
            .. Names(x.Name, y.Name),
        ],
        (Project x, Project y) => [.. Numbers(a, b, ofA, ofB), .. Names(x.Name, y.Name), .. Clients(ofA, ofB)],
        (Opportunity x, Opportunity y) => [.. Numbers(a, b, ofA, ofB), .. Names(x.Name, y.Name), .. Clients(ofA, ofB)],
        (ClientProposal x, ClientProposal y) =>
            [.. Numbers(a, b, ofA, ofB), .. Names(x.Title, y.Title), .. Clients(ofA, ofB)],
        (ChangeRequest x, ChangeRequest y) =>
        [
            .. Numbers(a, b, ofA, ofB), .. Names(x.Title, y.Title),
            .. Money(x.Amount, x.Currency, x.RaisedOn, y.Amount, y.Currency, y.RaisedOn),
        ],
        (Milestone x, Milestone y) =>
        [
            .. Numbers(a, b, ofA, ofB), .. Names(x.Name, y.Name),
            .. Money(x.Amount, x.Currency, x.DueOn, y.Amount, y.Currency, y.DueOn),
        ],
        (Revenue, Revenue) => Numbers(a, b, ofA, ofB),
        (KnowledgeAsset x, KnowledgeAsset y) => [.. Numbers(a, b, ofA, ofB), .. Names(x.Title, y.Title)],
        (Contract, Contract) => [.. Numbers(a, b, ofA, ofB), .. Clients(ofA, ofB)],
        (Invoice x, Invoice y) when x.Sign == y.Sign =>
        [
            .. Numbers(a, b, ofA, ofB), .. Clients(ofA, ofB),
            .. Money(
                BusinessKeys.AmountOf(x), x.Currency, x.IssuedOn, BusinessKeys.AmountOf(y), y.Currency, y.IssuedOn),
        ],
        (Payment x, Payment y) =>
        [
            .. Numbers(a, b, ofA, ofB), .. Clients(ofA, ofB),
            .. Money(x.Amount, x.Currency, x.ReceivedOn, y.Amount, y.Currency, y.ReceivedOn),
        ],
        (Posting x, Posting y) =>
        [
            .. Numbers(a, b, ofA, ofB),
            .. Money(
                BusinessKeys.AmountOf(x), x.Currency, x.PostedOn, BusinessKeys.AmountOf(y), y.Currency, y.PostedOn),
        ],
        _ => [],
    };

    /// <summary>What speaks against it, each with how much it takes away.</summary>
    private static IEnumerable<decimal> Against(RecordState a, RecordState b)
    {
        if (a is Client x && b is Client y)
            if ((x.TaxIds ?? []).Any(id => (y.TaxIds ?? []).Any(o => IsSameRegister(id, o) && Value(id) != Value(o))))
                yield return 0.6m;
        if (a is Invoice i && b is Invoice j && BusinessKeys.AmountOf(i) is { } one
            && BusinessKeys.AmountOf(j) is { } other && Math.Abs(one) != Math.Abs(other)) yield return 0.25m;
    }

    private static IEnumerable<Evidence> TaxIds(Items<TaxId>? a, Items<TaxId>? b) =>
        from id in a ?? []
        where (b ?? []).Any(o => IsSameRegister(id, o) && Value(id) == Value(o)) && Value(id).Length >= 4
        select new Evidence(
            "same_tax_id", $"tax id {id.Country.ToUpperInvariant()} {Value(id)} on both", 0.95m);

    private static bool IsSameRegister(TaxId a, TaxId b) =>
        a.Country.Equals(b.Country, StringComparison.OrdinalIgnoreCase)
        && a.Scheme.Equals(b.Scheme, StringComparison.OrdinalIgnoreCase);

    private static string Value(TaxId id) => BusinessKeys.TaxValue(id);

    private static IEnumerable<Evidence> Same(string code, string noun, decimal weight, string? a, string? b) =>
        a is not null && b is not null && BusinessKeys.Bare(a) is { Length: >= 3 } bare && bare == BusinessKeys.Bare(b)
            ? [new(code, $"{noun} {a.Trim()} on both", weight)]
            : [];

    private static IEnumerable<Evidence> Names(string? a, string? b) =>
        Naming.Likeness(Naming.Words(a), Naming.Words(b)) switch
        {
            1m when string.Equals(a?.Trim(), b?.Trim(), StringComparison.OrdinalIgnoreCase) =>
                [new("same_name", $"the name {a} on both", 0.60m)],
            1m => [new("same_name", $"{a} and {b} are one name but for how it is written", 0.60m)],
            >= 0.75m and var alike =>
                [new("similar_name", $"{a} and {b} are nearly one name", Rounding.Round(
                    0.55m * alike, 2, RoundingMode.HalfAwayFromZero))],
            _ => [],
        };

    private static IEnumerable<Evidence> Domains(Items<string>? a, Items<string>? b) =>
        BusinessKeys.Mail(a).Intersect(BusinessKeys.Mail(b)).Take(1)
            .Select(domain => new Evidence("same_mail_domain", $"e-mail at {domain} on both", 0.40m));

    private static IEnumerable<Evidence> Numbers(RecordState a, RecordState b, Told ofA, Told ofB)
    {
        if (a.Number is not { } one || b.Number is not { } other) yield break;
        if (BusinessKeys.Number(one) == BusinessKeys.Number(other))
            yield return ofA.LegalEntity == ofB.LegalEntity
                ? new("same_number", $"number {one} on both", 0.60m)
                : new("same_number", $"number {one} on both, in two legal entities", 0.50m);
        else if (BusinessKeys.Bare(one) is { Length: >= 3 } bare && bare == BusinessKeys.Bare(other))
            yield return new("similar_number", $"{one} and {other} are nearly one number", 0.45m);
    }

    private static IEnumerable<Evidence> Clients(Told a, Told b) =>
        a.Client is { } client && client == b.Client ? [new("same_client", "one client", 0.25m)] : [];

    private static IEnumerable<Evidence> Money(
        decimal? a, Currency? ofA, LocalDate? onA, decimal? b, Currency? ofB, LocalDate? onB)
    {
        if (a is not { } amount || b is not { } other || Math.Abs(amount) != Math.Abs(other) || ofA != ofB) yield break;
        if (amount == 0m || onA is not { } one || onB is not { } two) yield break;
        var days = Math.Abs(NodaTime.Period.DaysBetween(one, two));
        if (days > BusinessKeys.DaysApart) yield break;
        var money = ofA is { } currency ? new Money(amount, currency).ToString() : DecimalText.Write(amount);
        yield return days == 0
            ? new("same_amount", FormattableString.Invariant($"{money} on {one:uuuu-MM-dd} on both"), 0.40m)
            : new("same_amount", FormattableString.Invariant($"{money} on both, {days} days apart"), 0.30m);
    }
}
