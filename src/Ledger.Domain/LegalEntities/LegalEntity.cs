namespace Ledger.Domain;

/// <summary>What happens to a company of the firm: one that signs, bills and keeps books of its own.</summary>
public abstract record LegalEntityEvent : Event;

/// <param name="Country">ISO 3166, two letters.</param>
/// <param name="Currency">In which it keeps its books.</param>
/// <param name="Zone">IANA time zone in which its days end.</param>
/// <param name="Parent">The company it belongs to.</param>
public sealed record LegalEntityRegistered(
    string Name,
    string? Country = null,
    Currency? Currency = null,
    string? Zone = null,
    Ref? Parent = null,
    Items<TaxId>? TaxIds = null,
    string? RegistrationNo = null) : LegalEntityEvent;

/// <summary>Details changed; what is absent stays as it was.</summary>
public sealed record LegalEntityDetailsChanged(
    string? Name = null,
    string? Country = null,
    Currency? Currency = null,
    string? Zone = null,
    Ref? Parent = null,
    Items<TaxId>? TaxIds = null,
    string? RegistrationNo = null) : LegalEntityEvent;

/// <summary>The company as its system showed it.</summary>
public sealed record LegalEntityStated(
    Said<string> Name = default,
    Said<string> Country = default,
    Said<Currency?> Currency = default,
    Said<string> Zone = default,
    Said<Ref> Parent = default,
    Said<Items<TaxId>> TaxIds = default,
    Said<string> RegistrationNo = default) : Snapshot
{
    internal LegalEntity Over(LegalEntity before) => before with
    {
        Name = Name.Or(before.Name),
        Country = Country.Or(before.Country),
        Currency = Currency.Or(before.Currency),
        Zone = Zone.Or(before.Zone),
        Parent = Parent.Or(before.Parent),
        TaxIds = TaxIds.Or(before.TaxIds),
        RegistrationNo = RegistrationNo.Or(before.RegistrationNo),
    };
}

/// <summary>A company of the firm, as one source tells it.</summary>
public sealed record LegalEntity : RecordState
{
    public string? Name { get; init; }

    public string? Country { get; init; }

    public Currency? Currency { get; init; }

    public string? Zone { get; init; }

    public Ref? Parent { get; init; }

    public Items<TaxId>? TaxIds { get; init; }

    public string? RegistrationNo { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static LegalEntity? Evolve(LegalEntity? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, LegalEntityRegistered r) => (state ?? new()) with
        {
            Name = r.Name, Country = r.Country, Currency = r.Currency, Zone = r.Zone, Parent = r.Parent,
            TaxIds = r.TaxIds, RegistrationNo = r.RegistrationNo,
        },
        (_, LegalEntityStated s) => s.Over(state ?? new()),
        (null, _) => null,
        (_, LegalEntityDetailsChanged c) => state with
        {
            Name = c.Name ?? state.Name, Country = c.Country ?? state.Country, Currency = c.Currency ?? state.Currency,
            Zone = c.Zone ?? state.Zone, Parent = c.Parent ?? state.Parent, TaxIds = c.TaxIds ?? state.TaxIds,
            RegistrationNo = c.RegistrationNo ?? state.RegistrationNo,
        },
        _ => throw Kind.Unfoldable(e),
    };
}
