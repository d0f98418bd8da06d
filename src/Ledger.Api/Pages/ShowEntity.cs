using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Api.Pages;

/// <summary><c>GET /entities/{kind}/{id}</c>: one thing: who says what of it, whose word counts, and why its records
/// are one.</summary>
internal static class ShowEntity
{
    private const int ProposalsMax = 20;

    public static async Task<IResult> Handle(
        HttpContext http, DriftNow now, NpgsqlDataSource source, Admission admission,
        CancellationToken cancellationToken) =>
        await Model(http, now, source, admission, cancellationToken) is { } model
            ? Page.Of<EntityPage>(
                model with { Form = model.Form with { Field = http.Request.Query["field"].FirstOrDefault() } },
                forms: true)
            : None(http);

    public static ProblemAnswer None(HttpContext http)
    {
        var (kind, id) = Address.Pair(http, "/entities/");
        return Problems.NotFound($"The ledger has no {Words.Plain(kind)} '{id}'.");
    }

    /// <summary>What there is to say of the thing at an address; null where there is none.</summary>
    public static async Task<EntityModel?> Model(
        HttpContext http, DriftNow now, NpgsqlDataSource source, Admission admission,
        CancellationToken cancellationToken)
    {
        var (kind, id) = Address.Pair(http, "/entities/");
        var at = await now.ReadDrift(cancellationToken);
        if (!at.World.Records.TryGetValue(id, out var record) || record.Kind.Name != kind)
            return null;
        var entity = at.World.EntityOf(id);
        var members = entity.Members.Select(m => m.Stream).ToArray();
        var (_, proposals) = await ProposalReader.List(
            source, new(entity.Kind.Name, Entity: entity.Id), null, ProposalsMax, cancellationToken);
        var model = new EntityModel(
            at, at.World.Compose(entity), proposals, await AliasReader.Former(source, members, cancellationToken),
            await FindingReader.Of(source, entity.Id, cancellationToken))
        {
            Form = new(await admission.IsClosed(cancellationToken)),
        };
        return model with { Events = await EventIndex.Load(source, model.Positions, cancellationToken) };
    }
}

/// <summary>An entity, each field from its owner, with what everybody else says.</summary>
/// <param name="Proposals">Other entities that may be the same thing, the likeliest first.</param>
/// <param name="Former">What its records went by before.</param>
/// <param name="Oddities">What does not fit about it.</param>
public sealed record EntityModel(
    LedgerAt At, ComposedEntity Composed, IReadOnlyList<ProposalView> Proposals, IReadOnlyList<FormerName> Former,
    IReadOnlyList<FindingView> Oddities)
{
    public Entity Entity => Composed.Entity;

    /// <summary>What a person may decide of it, and is deciding.</summary>
    public EntityForm Form { get; init; } = new(false);

    /// <summary>The events that the page names.</summary>
    public EventIndex Events { get; init; } = EventIndex.None;

    /// <summary>Their positions.</summary>
    internal IEnumerable<long> Positions =>
    [
        .. Fields.SelectMany(row => row.Others.Select(other => other.Position)
            .Append(row.Field.Override?.Position ?? row.Field.Position)),
        .. Members.Select(m => m.Since), .. Oddities.Select(o => o.Position),
    ];

    public IEnumerable<FieldRow> Fields
    {
        get
        {
            var words = Entity.Members.Where(m => m.Fold.State is not null)
                .Select(m => FieldWord.Of(m).ToDictionary(w => w.Field)).ToArray();
            foreach (var counts in Composed.Fields)
                yield return new(
                    counts, FieldWord.Json(counts.Value), Owner(counts.Name),
                    [
                        .. words.Select(w => w.GetValueOrDefault(counts.Name)).OfType<FieldWord>()
                            .Where(w => w.By.Stream != counts.By.Stream),
                    ]);
        }
    }

    public IEnumerable<MemberRow> Members => Entity.Members.Select((member, i) =>
        new MemberRow(member, Entity.SinceOf(i), TieOf(i), Entity.Succeeded.Contains(member.Stream)));

    public IEnumerable<Finding> Findings => At.FindingsOf(Entity);

    public IEnumerable<Edge> ReferredToBy => Entity.Members.SelectMany(m => At.ReferencesTo(m.Stream))
        .DistinctBy(e => (e.Rel, e.From, e.FromPart));

    /// <summary>Of a pair that may be one thing, the other one.</summary>
    public ProposedEntity Other(ProposalView proposal) =>
        proposal.EntityA.Id == Entity.Id ? proposal.EntityB : proposal.EntityA;

    /// <summary>Null = the kind has no owner.</summary>
    private Role? Owner(string field) => At.World.Firm.HasOwner(Entity.Kind)
        ? At.World.Firm.OrderOf(Entity.Kind, field, Composed.LegalEntity, At.World.Day)[0]
        : null;

    /// <summary>The tie that made a member one; null for the one that the others joined.</summary>
    private Tie? TieOf(int member)
    {
        if (member == 0) return null;
        var (stream, since) = (Entity.Members[member].Stream, Entity.SinceOf(member));
        var own = Entity.Ties.Where(t => t.A == stream || t.B == stream).ToArray();
        return Array.Find(own, t => t.Position == since) ?? own.FirstOrDefault()
            ?? Entity.Ties.FirstOrDefault(t => t.Position == since);
    }
}

/// <summary>One field: what counts, by whom, and what the others say.</summary>
/// <param name="Owner">Whose word it should be; null = nobody's.</param>
/// <param name="Others">What other records say of it, in the order they came into the ledger.</param>
public sealed record FieldRow(EntityField Field, JsonElement Value, Role? Owner, IReadOnlyList<FieldWord> Others)
{
    /// <summary>What the owners say under an override; null = nothing, or there is none.</summary>
    public JsonElement? Was => Field.Override?.Was is { } was ? FieldWord.Json(was) : null;

    /// <summary>Whether another says just what counts.</summary>
    public bool Agrees(FieldWord other) => other.Value.GetRawText() == Value.GetRawText();
}

/// <summary>One record of an entity.</summary>
/// <param name="Since">Position since which it belongs to it.</param>
/// <param name="Tie">Why; null = it is the one that the others joined.</param>
/// <param name="Succeeded">Whether another has taken its place, so that it counts no longer.</param>
public sealed record MemberRow(SourceRecord Record, long Since, Tie? Tie, bool Succeeded)
{
    /// <summary>The stream that says so; null where a rule does.</summary>
    public string? StatedBy => Tie is { Basis: not TieBasis.Ruled } tie ? tie.Stream : null;

    /// <summary>Why, in words.</summary>
    public string Why => Tie switch
    {
        null => "came first",
        { Basis: TieBasis.Stated } tie => $"stated by {StreamName.SourceOf(tie.Stream)}",
        { Basis: TieBasis.Confirmed } => "confirmed by a person",
        { Basis: TieBasis.Ruled } tie => $"by rule: {Key(tie.Key ?? tie.Stream)} on both, once in each system",
        { Basis: TieBasis.Succeeded } tie => $"one goes on as the other, says {StreamName.SourceOf(tie.Stream)}",
        _ => throw new System.Diagnostics.UnreachableException($"no words for {Tie.Basis}"),
    };

    private static string Key(string key) => key.Replace('_', ' ');
}
