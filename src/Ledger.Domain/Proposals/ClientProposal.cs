using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to an offer to a client, version by version.</summary>
public abstract record ProposalEvent : Event;

/// <summary>A version was written, or written anew while it was a draft.</summary>
/// <param name="RateCards">The price lists it offers work at.</param>
/// <param name="Adjustments">Discounts and charges on the whole.</param>
public sealed record ProposalVersionDrafted(
    string Version,
    string? Title = null,
    Ref? Client = null,
    Ref? Opportunity = null,
    Currency? Currency = null,
    LocalDate? DraftedOn = null,
    LocalDate? ValidUntil = null,
    BillingModel? Model = null,
    Items<ProposalLine>? Lines = null,
    Items<Ref>? RateCards = null,
    Items<Adjustment>? Adjustments = null,
    ProposalTotals? Totals = null,
    Terms? Terms = null) : ProposalEvent;

/// <summary>It was sent to the client.</summary>
public sealed record ProposalVersionSubmitted(string Version, LocalDate? On = null) : ProposalEvent;

/// <summary>The firm's own yes, before or after it was sent.</summary>
public sealed record ProposalVersionApproved(string Version, string Approver, LocalDate? On = null) : ProposalEvent;

/// <summary>Somebody said no: whoever had to approve it, or the client.</summary>
public sealed record ProposalVersionRejected(
    string Version, string? By = null, LocalDate? On = null, string? Reason = null) : ProposalEvent;

/// <summary>The client said yes. From now on its price lists count for work that no contract prices.</summary>
public sealed record ProposalVersionAccepted(
    string Version, string? AcceptedBy = null, LocalDate? On = null, Items<Attachment>? Evidence = null)
    : ProposalEvent;

/// <summary>The proposal as its system showed it.</summary>
public sealed record ProposalStated(
    Said<string> Title = default,
    Said<Ref> Client = default,
    Said<Ref> Opportunity = default,
    Said<Currency?> Currency = default,
    Said<Items<ProposalVersion>> Versions = default) : Snapshot
{
    internal ClientProposal Over(ClientProposal before, EventFacts facts) => (before with
    {
        Title = Title.Or(before.Title),
        Client = Client.Or(before.Client),
        Opportunity = Opportunity.Or(before.Opportunity),
        Currency = Currency.Or(before.Currency),
    }).With(VersionsOver(before.Versions, facts));

    // One that is shown as it was before was written then.
    private Items<ProposalVersion> VersionsOver(Items<ProposalVersion> before, EventFacts facts)
    {
        if (!Versions.IsSaid) return before;
        var shown = (Versions.Value ?? Items<ProposalVersion>.None).Select(
            v => before.FirstOrDefault(b => b with { Position = null } == v with { Position = null })
                ?? v with { Position = facts.Position });
        return IsComplete("versions")
            ? shown.ToItems()
            : shown.Aggregate(before, (all, version) => all.Put(version, v => v.Version));
    }
}

/// <param name="Net">Before tax, in the proposal's currency.</param>
public sealed record ProposalLine(
    string Line, string? Description = null, BillingModel? Model = null, string? Task = null, string? Role = null,
    Quantity? Quantity = null, Rate? Price = null, Items<Adjustment>? Adjustments = null, decimal? Net = null);

/// <summary>What a proposal asks, in its currency, as stated.</summary>
public sealed record ProposalTotals(decimal? Net = null, decimal? Tax = null, decimal? Gross = null);

public enum ProposalStatus
{
    Draft,
    Submitted,
    Approved,
    Rejected,
    Accepted,
}

/// <summary>One version of a proposal.</summary>
/// <param name="DecidedBy">Who approved, rejected or accepted it last.</param>
/// <param name="DecidedOn">When.</param>
/// <param name="Approver">Who in the firm said yes.</param>
/// <param name="Position">Of the event that wrote it.</param>
public sealed record ProposalVersion(
    string Version,
    ProposalStatus Status = ProposalStatus.Draft,
    LocalDate? DraftedOn = null,
    LocalDate? ValidUntil = null,
    BillingModel? Model = null,
    Items<ProposalLine>? Lines = null,
    Items<Ref>? RateCards = null,
    Items<Adjustment>? Adjustments = null,
    ProposalTotals? Totals = null,
    Terms? Terms = null,
    LocalDate? SubmittedOn = null,
    string? Approver = null,
    string? DecidedBy = null,
    LocalDate? DecidedOn = null,
    string? Reason = null,
    Items<Attachment>? Evidence = null,
    long? Position = null);

/// <summary>An offer to a client, as one source tells it. Called so because two records that may be one thing are
/// proposed too.</summary>
public sealed record ClientProposal : RecordState
{
    public string? Title { get; init; }

    public Ref? Client { get; init; }

    public Ref? Opportunity { get; init; }

    public Currency? Currency { get; init; }

    public Items<ProposalVersion> Versions { get; init; } = Items<ProposalVersion>.None;

    /// <summary>The version that counts: the one accepted last, else the newest; null = none is known.</summary>
    public string? Version { get; init; }

    /// <summary>Of the version that counts.</summary>
    public ProposalStatus Status { get; init; }

    /// <summary>Of the version that counts.</summary>
    public ProposalTotals? Totals { get; init; }

    /// <summary>The version that counts; null = none is known.</summary>
    public ProposalVersion? Counting => Versions.FirstOrDefault(v => v.Version == Version);

    /// <summary>The version the client accepted; null = none.</summary>
    public ProposalVersion? Accepted => Status is ProposalStatus.Accepted ? Counting : null;

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static ClientProposal? Evolve(ClientProposal? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, ProposalVersionDrafted d) => Drafted(state ?? new(), d, facts),
        (_, ProposalStated s) => s.Over(state ?? new(), facts),
        (null, _) => null,
        (_, ProposalVersionSubmitted s) => state.Changed(s.Version, v => v with
        {
            Status = ProposalStatus.Submitted, SubmittedOn = s.On ?? facts.EffectiveOn,
        }),
        (_, ProposalVersionApproved a) => state.Changed(a.Version, v => v with
        {
            Status = ProposalStatus.Approved, Approver = a.Approver, DecidedBy = a.Approver,
            DecidedOn = a.On ?? facts.EffectiveOn,
        }),
        (_, ProposalVersionRejected r) => state.Changed(r.Version, v => v with
        {
            Status = ProposalStatus.Rejected, DecidedBy = r.By, DecidedOn = r.On ?? facts.EffectiveOn,
            Reason = r.Reason,
        }),
        (_, ProposalVersionAccepted a) => state.Changed(a.Version, v => v with
        {
            Status = ProposalStatus.Accepted, DecidedBy = a.AcceptedBy, DecidedOn = a.On ?? facts.EffectiveOn,
            Evidence = a.Evidence ?? v.Evidence,
        }),
        _ => throw Kind.Unfoldable(e),
    };

    /// <summary>The same with these versions, and what follows from them.</summary>
    internal ClientProposal With(Items<ProposalVersion> versions)
    {
        var counts = versions.Count == 0 ? null : versions[^1];
        foreach (var version in versions)
            if (version.Status is ProposalStatus.Accepted && (counts!.Status is not ProposalStatus.Accepted
                || (version.DecidedOn ?? LocalDate.MinIsoValue) >= (counts.DecidedOn ?? LocalDate.MinIsoValue)))
                counts = version;
        return this with
        {
            Versions = versions, Version = counts?.Version, Status = counts?.Status ?? ProposalStatus.Draft,
            Totals = counts?.Totals,
        };
    }

    private static ClientProposal Drafted(ClientProposal state, ProposalVersionDrafted d, EventFacts facts) =>
        (state with
        {
            Title = d.Title ?? state.Title, Client = d.Client ?? state.Client,
            Opportunity = d.Opportunity ?? state.Opportunity, Currency = d.Currency ?? state.Currency,
        }).With(state.Versions.Put(
            new ProposalVersion(
                d.Version, ProposalStatus.Draft, d.DraftedOn ?? facts.EffectiveOn, d.ValidUntil, d.Model, d.Lines,
                d.RateCards, d.Adjustments, d.Totals, d.Terms, Position: facts.Position),
            v => v.Version));

    private ClientProposal? Changed(string version, Func<ProposalVersion, ProposalVersion> change) =>
        Versions.Any(v => v.Version == version)
            ? With(Versions.Select(v => v.Version == version ? change(v) : v).ToItems())
            : null;
}
