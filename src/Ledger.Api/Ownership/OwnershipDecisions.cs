using Ledger.Domain;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Api;

/// <summary>Whose word shall count, as a person says it.</summary>
/// <param name="Of">A kind of record.</param>
/// <param name="Roles">The owner first, then who is asked where the owner says nothing.</param>
/// <param name="Field">Null = every field of it.</param>
/// <param name="Entity">Only for this legal entity; null = for all.</param>
internal sealed record OwnershipTerms(
    string Of, Items<Role> Roles, string? Field, Ref? Entity, LocalDate? From, LocalDate? To, string? Reason)
{
    /// <summary>The ledger's own record of it: one for each kind, field, legal entity and first day.</summary>
    public string Id
    {
        get
        {
            var entity = Entity?.Stream(SourceRegistration.Own) is { } stream ? "@" + Short(stream) : "";
            var from = From is { } day ? "-" + LocalDatePattern.Iso.Format(day) : "";
            return $"{Of}{(Field is null ? "" : "." + Field)}{entity}{from}";
        }
    }

    public OwnershipAssigned Event => new(Of, Roles, Field, From, To, Reason) { Entity = Entity };

    /// <summary>What is to be said over what was said before.</summary>
    public Decision Over(OwnershipAssignment? before) => before == new OwnershipAssignment
    {
        Of = Of, Field = Field, Roles = Roles, From = From, To = To, Reason = Reason, Entity = Entity,
    }
        ? Decision.Stands
        : new(Event);

    // A legal entity is named as its source names it; one with a long name by its fingerprint.
    private static string Short(string stream)
    {
        const int longest = 100;
        var name = stream[(stream.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return name.Length <= longest ? name : Fingerprint.Of(stream);
    }
}

/// <summary>What people decide of whose word counts.</summary>
internal sealed class OwnershipDecisions(Decisions decisions)
{
    /// <summary>Says whose word counts from now on, or from a date.</summary>
    public async Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Assign(
        OwnershipTerms terms, DecidedBy by, CancellationToken cancellationToken) =>
        Fault(terms) is { } fault
            ? (null, fault)
            : await decisions.Tell<OwnershipAssignment>(
                Kind.Ownership, terms.Id, "assigned", terms.Over, Dated(terms, by), cancellationToken);

    /// <summary>The event that would say so.</summary>
    public async Task<OfferedDecision> Try(
        OwnershipTerms terms, DecidedBy by, CancellationToken cancellationToken) =>
        Fault(terms) is { } fault
            ? new(null, null, fault)
            : await decisions.Offer<OwnershipAssignment>(
                Kind.Ownership, terms.Id, "assigned", terms.Over, Dated(terms, by), cancellationToken);

    /// <summary>Takes an assignment back.</summary>
    /// <param name="id">Of the ledger's own record of it.</param>
    public Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Withdraw(
        string id, string? reason, DecidedBy by, CancellationToken cancellationToken) =>
        decisions.Tell<OwnershipAssignment>(
            Kind.Ownership, id, "withdrawn", before => Withdrawal(before, id, reason), by, cancellationToken);

    /// <summary>The event that would take it back.</summary>
    public Task<OfferedDecision> TryWithdraw(
        string id, string? reason, DecidedBy by, CancellationToken cancellationToken) =>
        decisions.Offer<OwnershipAssignment>(
            Kind.Ownership, id, "withdrawn", before => Withdrawal(before, id, reason), by, cancellationToken);

    private static Decision Withdrawal(OwnershipAssignment? before, string id, string? reason) => before switch
    {
        null => Decision.Not(NoAssignment(id)),
        { Withdrawn: true } => Decision.Stands,
        _ => new(new OwnershipWithdrawn(reason)),
    };

    public static ProblemAnswer NoAssignment(string id) =>
        Problems.NotFound($"There is no assignment '{id}'; /v1/ownership lists them.");

    /// <summary>What is wrong with the terms beyond what the event's own schema tells; null = nothing.</summary>
    public static ProblemAnswer? Fault(OwnershipTerms terms)
    {
        if (!Kind.TryFind(terms.Of, out var kind) || kind.IsGovernance)
            return Problems.InvalidCommand(
                "/of", "unknown_kind", $"'{terms.Of}' is no kind of record; there are "
                + string.Join(", ", Kind.All.Where(k => !k.IsGovernance).Select(k => k.Name)));
        if (terms.Field is not null && kind.Fields.All(field => field.Name != terms.Field))
            return Fields.Unknown("/field", kind, terms.Field);
        if (terms.Entity is { } entity
            && (entity.Kind != Kind.LegalEntity.Name || entity.Stream(SourceRegistration.Own) is null))
            return NoLegalEntity();
        return null;
    }

    public static ProblemAnswer NoLegalEntity() => Problems.InvalidCommand(
        "/entity", "invalid", "entity is a legal entity, by its id: "
        + "{\"kind\": \"legal_entity\", \"source\": \"erp\", \"id\": \"UK\"}");

    /// <summary>What begins on a date counts from it, also where it is asked how it was on a later one.</summary>
    private static DecidedBy Dated(OwnershipTerms terms, DecidedBy by) =>
        by.EffectiveOn is null && terms.From is { } from ? by with { EffectiveOn = from } : by;
}

/// <summary>How fields are spoken of where one is not known.</summary>
internal static class Fields
{
    public static ProblemAnswer Unknown(string pointer, Kind kind, string name) => Problems.InvalidCommand(
        pointer, "unknown_field", $"a {kind.Name} has no field '{name}'; it has "
        + string.Join(", ", kind.Fields.Select(field => field.Name)));
}
