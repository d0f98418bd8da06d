using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to what an engagement leaves to know.</summary>
public abstract record KnowledgeAssetEvent : Event;

/// <summary>It was linked to records: the engagement it came from, or those it is of use to. Links add up.</summary>
/// <param name="Type">What it is: a deliverable, a template, a lesson.</param>
public sealed record KnowledgeAssetLinked(
    Items<Ref> About, string? Title = null, string? Type = null, string? Author = null, string? Uri = null,
    string? Version = null) : KnowledgeAssetEvent;

/// <summary>It may be read; what is absent stays as it was.</summary>
/// <param name="Audience">Who may read it.</param>
public sealed record KnowledgeAssetPublished(
    LocalDate? On = null, string? Title = null, string? Type = null, string? Author = null, string? Uri = null,
    string? Version = null, string? Audience = null) : KnowledgeAssetEvent;

/// <summary>It is to be used no longer.</summary>
public sealed record KnowledgeAssetWithdrawn(LocalDate? On = null, string? Reason = null) : KnowledgeAssetEvent;

/// <summary>The asset as its system showed it.</summary>
public sealed record KnowledgeAssetStated(
    Said<string> Title = default,
    Said<string> Type = default,
    Said<string> Author = default,
    Said<Items<Ref>> About = default,
    Said<string> Uri = default,
    Said<string> Version = default,
    Said<string> Audience = default,
    Said<KnowledgeAssetStatus?> Status = default,
    Said<LocalDate?> PublishedOn = default,
    Said<LocalDate?> WithdrawnOn = default,
    Said<string> Reason = default) : Snapshot
{
    internal KnowledgeAsset Over(KnowledgeAsset before) => before with
    {
        Title = Title.Or(before.Title),
        Type = Type.Or(before.Type),
        Author = Author.Or(before.Author),
        About = !About.IsSaid
            ? before.About
            : IsComplete("about") ? About.Value ?? Items<Ref>.None : before.With(About.Value ?? Items<Ref>.None),
        Uri = Uri.Or(before.Uri),
        Version = Version.Or(before.Version),
        Audience = Audience.Or(before.Audience),
        Status = Status.Or(before.Status) ?? KnowledgeAssetStatus.Linked,
        PublishedOn = PublishedOn.Or(before.PublishedOn),
        WithdrawnOn = WithdrawnOn.Or(before.WithdrawnOn),
        Reason = Reason.Or(before.Reason),
    };
}

/// <summary>Linked: it is known, and nobody has published it.</summary>
public enum KnowledgeAssetStatus
{
    Linked,
    Published,
    Withdrawn,
}

/// <summary>What an engagement leaves to know, as one source tells it.</summary>
public sealed record KnowledgeAsset : RecordState
{
    public string? Title { get; init; }

    public string? Type { get; init; }

    public string? Author { get; init; }

    /// <summary>The records it came from or is of use to.</summary>
    public Items<Ref> About { get; init; } = Items<Ref>.None;

    public string? Uri { get; init; }

    public string? Version { get; init; }

    public string? Audience { get; init; }

    public KnowledgeAssetStatus Status { get; init; }

    public LocalDate? PublishedOn { get; init; }

    public LocalDate? WithdrawnOn { get; init; }

    public string? Reason { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static KnowledgeAsset? Evolve(KnowledgeAsset? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, KnowledgeAssetLinked l) => Linked(state ?? new(), l),
        // An asset may be published before anybody says what it came from.
        (_, KnowledgeAssetPublished p) => Published(state ?? new(), p, p.On ?? facts.EffectiveOn),
        (_, KnowledgeAssetStated s) => s.Over(state ?? new()),
        (null, _) => null,
        (_, KnowledgeAssetWithdrawn w) => state with
        {
            Status = KnowledgeAssetStatus.Withdrawn, WithdrawnOn = w.On ?? facts.EffectiveOn, Reason = w.Reason,
        },
        _ => throw Kind.Unfoldable(e),
    };

    /// <summary>The records linked so far, and those that are new.</summary>
    internal Items<Ref> With(Items<Ref> more) => About.Concat(more).Distinct().ToItems();

    private static KnowledgeAsset Linked(KnowledgeAsset state, KnowledgeAssetLinked l) => state with
    {
        About = state.With(l.About), Title = l.Title ?? state.Title, Type = l.Type ?? state.Type,
        Author = l.Author ?? state.Author, Uri = l.Uri ?? state.Uri, Version = l.Version ?? state.Version,
    };

    private static KnowledgeAsset Published(KnowledgeAsset state, KnowledgeAssetPublished p, LocalDate on) => state with
    {
        Status = KnowledgeAssetStatus.Published, PublishedOn = on, WithdrawnOn = null, Reason = null,
        Title = p.Title ?? state.Title, Type = p.Type ?? state.Type, Author = p.Author ?? state.Author,
        Uri = p.Uri ?? state.Uri, Version = p.Version ?? state.Version, Audience = p.Audience ?? state.Audience,
    };
}
