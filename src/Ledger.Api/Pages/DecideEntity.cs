using Ledger.Domain;
using Ledger.Projections.Identity;
using Npgsql;
using Told = (Ledger.Api.ItemAnswer? Receipt, Ledger.Api.ProblemAnswer? Problem);

namespace Ledger.Api.Pages;

/// <summary><c>POST /entities/{kind}/{id}</c>: what a person decides of one thing in its page's own forms.</summary>
internal sealed class DecideEntity(
    IdentityDecisions identity, OverrideDecisions overrides, OwnershipDecisions ownership, DryRun dryRun,
    Admission admission, Deciding deciding)
{
    /// <summary>How many roles a form asks for.</summary>
    internal const int RolesAsked = 3;

    public static async Task<IResult> Handle(
        HttpContext http, DriftNow now, NpgsqlDataSource source, DecideEntity decide, Admission admission,
        CancellationToken cancellationToken)
    {
        var (form, refusal) = await OwnForm.Read(http.Request, cancellationToken);
        if (form is null) return Page.Of<ProblemPage>(refusal!, refusal!.Status);
        if (await ShowEntity.Model(http, now, source, admission, cancellationToken) is not { } model)
            return Page.Of<ProblemPage>(ShowEntity.None(http), StatusCodes.Status404NotFound);
        var said = await decide.Decide(http, model, form, cancellationToken);
        if (said is { Problem: null, Note: null, Difference: null })
            return TypedResults.Redirect(To.Told(model.Entity), permanent: false, preserveMethod: false);
        // What was decided is shown as it is now.
        if (said.Problem is null)
            model = await ShowEntity.Model(http, now, source, admission, cancellationToken) ?? model;
        return Page.Of<EntityPage>(
            model with { Form = said with { NeedsToken = model.Form.NeedsToken } },
            said.Problem?.Status ?? StatusCodes.Status200OK, forms: true);
    }

    private async Task<EntityForm> Decide(
        HttpContext http, EntityModel model, OwnForm form, CancellationToken cancellationToken)
    {
        var asked = new EntityForm(false) { Decision = form["decision"], Typed = form.Typed, Field = form["field"] };
        if (form["reason"].Length == 0)
            return asked with
            {
                Problem = Problems.InvalidCommand("/reason", "empty", "say why, for whoever asks later"),
            };
        if (asked.Decision == "own")
            return await Own(http, model, form, asked, cancellationToken);
        var problem = await form.Tell(http, admission, deciding, by => asked.Decision switch
        {
            "unlink" => identity.Unlink(form["a"], form["b"], form["reason"], by, cancellationToken),
            "override" => Override(model, form, by, cancellationToken),
            "withdraw" => overrides.Withdraw(form["override"], form["reason"], by, cancellationToken),
            _ => OwnForm.Unknown("/decision", "say unlink, override, withdraw or own"),
        }, cancellationToken);
        if (problem is not null || asked.Decision != "unlink")
            return asked with { Problem = problem };
        var entities = await identity.Entities(Proposal.IdOf(form["a"], form["b"]), cancellationToken);
        return asked with { Note = entities?.Note };
    }

    private async Task<Told> Override(
        EntityModel model, OwnForm form, DecidedBy by, CancellationToken cancellationToken)
    {
        var (until, problem) = form.Date("until", "it counts until a date, such as 2026-12-31");
        if (problem is not null) return (null, problem);
        var of = Proposed.RefOf(model.Entity.Id)!;
        return (await overrides.Set(
            new(of, form["field"], OverrideTerms.ValueOf(of, form["field"], form["value"]), form["reason"], until), by,
            cancellationToken)).Told;
    }

    /// <summary>Shows what it would change of the money, and does it once a person has seen just that.</summary>
    private async Task<EntityForm> Own(
        HttpContext http, EntityModel model, OwnForm form, EntityForm asked, CancellationToken cancellationToken)
    {
        if (await form.Refused(http, admission, cancellationToken) is { } refused)
            return asked with { Problem = refused };
        var (by, fault) = form.DecidedBy();
        var (terms, wrong) = Terms(model, form);
        if (by is null || terms is null)
            return asked with { Problem = fault ?? wrong };
        var offer = await ownership.Try(terms, by, cancellationToken);
        if (offer.Problem is not null)
            return asked with { Problem = offer.Problem };
        var difference = await dryRun.Difference(offer, cancellationToken);
        if (form["seen"] != Fingerprint.Of(difference.Words))
            return asked with { Difference = difference };
        var told = await ownership.Assign(terms, by, cancellationToken);
        if (told.Receipt is { } receipt)
            await deciding.Shown(receipt, cancellationToken);
        return asked with { Problem = told.Problem };
    }

    private static (OwnershipTerms? Terms, ProblemAnswer? Problem) Terms(EntityModel model, OwnForm form)
    {
        var (starts, wrong) = form.Date("starts", "it begins on a date, such as 2026-04-01");
        var (ends, late) = form.Date("ends", "it ends on a date, such as 2026-12-31");
        if ((wrong ?? late) is { } problem) return (null, problem);
        List<Role> roles = [];
        for (var n = 1; n <= RolesAsked; n++)
        {
            if (form[FormattableString.Invariant($"role{n}")] is not { Length: > 0 } name) continue;
            if (!Enum.TryParse<Role>(name, ignoreCase: true, out var role) || !Enum.IsDefined(role))
                return (null, Problems.InvalidCommand("/roles", "unknown_value", $"there is no role '{name}'"));
            if (!roles.Contains(role)) roles.Add(role);
        }

        if (roles.Count == 0)
            return (null, Problems.InvalidCommand("/roles", "empty", "say whose word counts"));
        return (new(
            model.Entity.Kind.Name, roles.ToItems(), form["field"] is { Length: > 0 } field ? field : null,
            form["scope"] == "legal" && model.Composed.LegalEntity is { } legal ? Proposed.RefOf(legal) : null,
            starts, ends, form["reason"]), null);
    }
}

/// <summary>What a person may decide of a thing, and is deciding.</summary>
/// <param name="NeedsToken">Whether whoever decides must show the ledger's token.</param>
public sealed record EntityForm(bool NeedsToken)
{
    /// <summary>unlink, override, withdraw or own; null = nothing yet.</summary>
    public string? Decision { get; init; }

    /// <summary>The field it is about; null = none was chosen.</summary>
    public string? Field { get; init; }

    public Typed Typed { get; init; } = Typed.Nothing;

    /// <summary>Why what was sent is not taken; null = nothing was sent, or it was taken.</summary>
    public ProblemAnswer? Problem { get; init; }

    /// <summary>What else there is to say of what was decided.</summary>
    public string? Note { get; init; }

    /// <summary>What an assignment would change of the money: not done yet.</summary>
    public DifferenceAnswer? Difference { get; init; }

    /// <summary>What was typed, in the form it was typed into; elsewhere nothing.</summary>
    public Typed TypedIn(string decision) => Decision == decision ? Typed : Typed.Nothing;
}
