using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to those a firm works for.</summary>
public abstract record ClientEvent : Event;

public sealed record ClientRegistered(
    string Name,
    Items<TaxId>? TaxIds = null,
    string? RegistrationNo = null,
    Items<string>? Emails = null,
    Items<Address>? Addresses = null,
    Currency? Currency = null,
    Terms? Terms = null,
    Ref? Parent = null,
    Items<string>? Roles = null,
    bool? Blocked = null) : ClientEvent;

/// <summary>Details changed; what is absent stays as it was.</summary>
public sealed record ClientDetailsChanged(
    string? Name = null,
    string? RegistrationNo = null,
    Items<string>? Emails = null,
    Items<Address>? Addresses = null,
    Currency? Currency = null,
    Items<string>? Roles = null,
    bool? Blocked = null) : ClientEvent;

/// <param name="Parent">Null = no parent any more.</param>
public sealed record ClientHierarchyChanged(Ref? Parent = null) : ClientEvent;

public sealed record ClientTaxRegistrationChanged(Items<TaxId> TaxIds) : ClientEvent;

public sealed record ClientPaymentTermsChanged(Terms Terms) : ClientEvent;

/// <summary>The source merged this record into another; both histories stay.</summary>
public sealed record ClientMerged(Ref Into, string? Reason = null) : ClientEvent;

public sealed record ClientMergeReversed(string? Reason = null) : ClientEvent;

public sealed record ClientDeactivated(string? Reason = null) : ClientEvent;

/// <summary>The client as its system showed it.</summary>
public sealed record ClientStated(
    Said<string> Name = default,
    Said<Items<TaxId>> TaxIds = default,
    Said<string> RegistrationNo = default,
    Said<Items<string>> Emails = default,
    Said<Items<Address>> Addresses = default,
    Said<Currency?> Currency = default,
    Said<Terms> Terms = default,
    Said<Ref> Parent = default,
    Said<Items<string>> Roles = default,
    Said<bool?> Blocked = default,
    Said<bool?> Active = default,
    Said<Ref> MergedInto = default,
    Said<string> Reason = default) : Snapshot
{
    internal Client Over(Client before, Instant at) => before with
    {
        Name = Name.Or(before.Name),
        TaxIds = TaxIds.Or(before.TaxIds),
        RegistrationNo = RegistrationNo.Or(before.RegistrationNo),
        Emails = Emails.Or(before.Emails),
        Addresses = Addresses.Or(before.Addresses),
        Currency = Currency.Or(before.Currency),
        Terms = Terms.Or(before.Terms),
        Parent = Parent.Or(before.Parent),
        Roles = Roles.Or(before.Roles),
        Blocked = Blocked.Or(before.Blocked),
        Active = Active.Or(before.Active) ?? true,
        MergedInto = MergedInto.Or(before.MergedInto),
        MergedAt = !MergedInto.IsSaid || MergedInto.Value == before.MergedInto ? before.MergedAt
            : MergedInto.Value is null ? null
            : at,
        Reason = Reason.Or(before.Reason),
    };
}

/// <summary>Someone a firm works for, as one source tells it.</summary>
public sealed record Client : RecordState
{
    public string? Name { get; init; }

    public Items<TaxId>? TaxIds { get; init; }

    public string? RegistrationNo { get; init; }

    public Items<string>? Emails { get; init; }

    public Items<Address>? Addresses { get; init; }

    public Currency? Currency { get; init; }

    public Terms? Terms { get; init; }

    public Ref? Parent { get; init; }

    public Items<string>? Roles { get; init; }

    public bool? Blocked { get; init; }

    public bool Active { get; init; } = true;

    public Ref? MergedInto { get; init; }

    /// <summary>When its source says it was merged; null where it is not.</summary>
    public Instant? MergedAt { get; init; }

    /// <summary>Why it was merged, parted again or deactivated, the last time; null = nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Client? Evolve(Client? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, ClientRegistered r) => (state ?? new()) with
        {
            Name = r.Name, TaxIds = r.TaxIds, RegistrationNo = r.RegistrationNo, Emails = r.Emails,
            Addresses = r.Addresses, Currency = r.Currency, Terms = r.Terms, Parent = r.Parent, Roles = r.Roles,
            Blocked = r.Blocked,
        },
        (_, ClientStated s) => s.Over(state ?? new(), facts.Time),
        (null, _) => null,
        (_, ClientDetailsChanged c) => state with
        {
            Name = c.Name ?? state.Name, RegistrationNo = c.RegistrationNo ?? state.RegistrationNo,
            Emails = c.Emails ?? state.Emails, Addresses = c.Addresses ?? state.Addresses,
            Currency = c.Currency ?? state.Currency, Roles = c.Roles ?? state.Roles,
            Blocked = c.Blocked ?? state.Blocked,
        },
        (_, ClientHierarchyChanged c) => state with { Parent = c.Parent },
        (_, ClientTaxRegistrationChanged c) => state with { TaxIds = c.TaxIds },
        (_, ClientPaymentTermsChanged c) => state with { Terms = c.Terms },
        (_, ClientMerged m) => state with { MergedInto = m.Into, MergedAt = facts.Time, Reason = m.Reason },
        (_, ClientMergeReversed r) => state with { MergedInto = null, MergedAt = null, Reason = r.Reason },
        (_, ClientDeactivated d) => state with { Active = false, Reason = d.Reason },
        _ => throw Kind.Unfoldable(e),
    };
}
