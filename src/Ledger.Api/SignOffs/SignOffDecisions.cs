using System.Globalization;
using Ledger.Api.Pages;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Proof;
using Ledger.Projections.SignOffs;
using Ledger.Projections.Views;
using Ledger.Store;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Ledger.Api;

/// <summary>What somebody wants to sign.</summary>
/// <param name="Entity">A legal entity, by its id; null = the whole firm.</param>
/// <param name="Period">An accounting period by its name, or a month such as 2026-03; null = by days.</param>
/// <param name="Position">The last event that was known when it was looked at; null = now.</param>
public sealed record SignOffTerms(
    Ref? Entity, string? Period, LocalDate? From, LocalDate? To, string Reason = "", long? Position = null);

/// <summary>A scope as somebody sees it before signing.</summary>
/// <param name="Id">Of the ledger's record of it: the same for the same legal entity and days.</param>
/// <param name="Breaks">How many pieces of work and documents do not foot over its days.</param>
/// <param name="Standing">What was signed of it before; null = nothing.</param>
public sealed record SignOffLook(
    string Id, SignOffTerms Terms, LedgerAt At, ScopeSeen Seen, int Breaks, SignOff? Standing)
{
    public LocalDate From => Terms.From!.Value;

    public LocalDate To => Terms.To!.Value;
}

/// <summary>What finance puts its name to.</summary>
internal sealed class SignOffDecisions(
    Decisions decisions, DriftNow now, SignOffKeeper keeper, EventStore store, NpgsqlDataSource source)
{
    /// <summary>What there is to see in a scope now.</summary>
    public async Task<(SignOffLook? Look, ProblemAnswer? Problem)> Look(
        SignOffTerms terms, CancellationToken cancellationToken)
    {
        var at = await now.Read(cancellationToken);
        var (dated, problem) = Dated(terms, at.World);
        if (dated is null)
            return (null, problem);
        var id = Fingerprint.Of(
            dated.Entity?.Stream(SourceRegistration.Own) ?? "", LocalDatePattern.Iso.Format(dated.From!.Value),
            LocalDatePattern.Iso.Format(dated.To!.Value));
        var scope = Scope.Of(Signed(dated), at.World.Firm);
        var cases = await CaseReader.All(source, cancellationToken);
        var standing = at.World.Records.GetValueOrDefault(Decisions.Stream(Kind.SignOff, id))?.Fold.State as SignOff;
        var proof = ProofRun.Of(
            at.World, new(dated.From, dated.To, dated.Entity?.Stream(SourceRegistration.Own)));
        return (
            new(
                id, dated, at, ScopeSeen.Of(at.World, scope, cases.Values), proof.Accounts.Sum(a => a.Breaks.Count()),
                standing),
            null);
    }

    /// <summary>Signs a scope as it is now; refused where something in it is no longer as it was looked at. While it
    /// counts it stands as it was signed.</summary>
    /// <returns>Also the sign-off's id.</returns>
    public async Task<(string Id, (ItemAnswer? Receipt, ProblemAnswer? Problem) Told)> Sign(
        SignOffTerms terms, DecidedBy by, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(terms.Reason))
            return ("", (null, Problems.InvalidCommand("/reason", "empty", "say why, for whoever asks later")));
        // What is suspended already is not signed by nobody noticing.
        await keeper.Keep(dryRun: false, cancellationToken);
        var (look, problem) = await Look(terms, cancellationToken);
        if ((problem ?? await Changed(look!, cancellationToken)) is { } refused)
            return ("", (null, refused));
        var position = look!.At.World.Position;
        var root = await store.Root(position, cancellationToken);
        var body = new PeriodSignedOff(
            look.From, look.To, position, terms.Reason, look.Terms.Period, look.Seen.Records, look.Seen.Classes,
            look.Seen.Accepted, root is { } known ? Convert.ToBase64String(known.Span) : null, look.Breaks)
        {
            Entity = terms.Entity,
        };
        return (look.Id, await decisions.Tell<SignOff>(
            Kind.SignOff, look.Id, "signed",
            before => before is { Status: SignOffStatus.Signed } ? Decision.Stands : new(body), by,
            cancellationToken));
    }

    public static ProblemAnswer NoSignOff(string id) =>
        Problems.NotFound($"There is no sign-off '{id}'; /v1/sign-offs lists them.");

    /// <summary>Whether something in the scope is no longer as it was looked at; null = it is all as it was.</summary>
    private async Task<ProblemAnswer?> Changed(SignOffLook look, CancellationToken cancellationToken)
    {
        var position = look.At.World.Position;
        if (look.Terms.Position is not { } seen || seen == position)
            return null;
        if (seen > position)
            return Problems.InvalidCommand(
                "/position", "not_reached", $"the ledger has come to position {DecimalText.Write(position)}");
        var went = await WentReader.Since(source, seen, position, cancellationToken);
        return SignOffKeeping.Steps(look.At.World, went, [new(look.Id, Signed(look.Terms), seen)]) is [var touched]
            ? Problems.InvalidCommand(
                "/position", "changed_since", $"something changed since it was looked at: {touched.Body.Sentence}")
            : null;
    }

    private static SignOff Signed(SignOffTerms dated) =>
        new() { Entity = dated.Entity, Period = dated.Period, From = dated.From!.Value, To = dated.To!.Value };

    /// <summary>The terms with their first and last day, or why there are none.</summary>
    private static (SignOffTerms? Dated, ProblemAnswer? Problem) Dated(SignOffTerms terms, World world)
    {
        if (Unknown(terms.Entity, world) is { } unknown)
            return (null, unknown);
        if (terms.Period is not { } name)
            return (terms.From, terms.To) switch
            {
                ({ } from, { } to) when from <= to => (terms, null),
                ({ }, { }) => (null, Problems.InvalidCommand("/to", "invalid", "it ends no earlier than it begins")),
                _ => (null, Problems.InvalidCommand(
                    "/period", "required", "say which accounting period, or from and to which day")),
            };
        if (terms.From is not null || terms.To is not null)
            return (null, Problems.InvalidCommand(
                "/period", "invalid", "say which accounting period, or from and to which day, not both"));
        var entity = terms.Entity is { } of ? world.Firm.EntityNamed(of, SourceRegistration.Own) : null;
        return Scope.Named(world.Firm, entity, name) switch
        {
            [var (first, last)] => (terms with { From = first, To = last }, null),
            [] => (null, Problems.InvalidCommand(
                "/period", "unknown", $"there is no accounting period '{name}', and it is no month such as 2026-03")),
            [var (from, to), var other, ..] => (null, Problems.InvalidCommand(
                "/period", "ambiguous",
                $"the period '{name}' is {Words.Date(from)} to {Words.Date(to)} for one legal entity and "
                + $"{Words.Date(other.From)} to {Words.Date(other.To)} for another: say whose, or the days")),
        };
    }

    private static ProblemAnswer? Unknown(Ref? entity, World world)
    {
        if (entity is null)
            return null;
        if (entity.Kind != Kind.LegalEntity.Name || entity.Stream(SourceRegistration.Own) is not { } stream)
            return OwnershipDecisions.NoLegalEntity();
        var id = world.Firm.EntityNamed(entity, SourceRegistration.Own);
        return world.Records.ContainsKey(stream)
            || world.Records.Values.Any(r => !r.Kind.IsGovernance && world.Firm.EntityOf(r) == id)
                ? null
                : Problems.InvalidCommand("/entity", "unknown", $"the ledger knows no '{stream}'");
    }
}
