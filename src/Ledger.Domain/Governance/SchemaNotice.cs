using NodaTime;

namespace Ledger.Domain;

/// <summary>A type of event will not be taken for ever: it still is, and whoever sends it is told. The ledger's own
/// word alone; said again, it is said anew.</summary>
/// <param name="Type">The event's stored name.</param>
/// <param name="From">First day on which it is deprecated.</param>
/// <param name="Until">Last day on which it is meant to be sent; null = not decided.</param>
/// <param name="Instead">The type to send in its place.</param>
public sealed record SchemaDeprecated(
    string Type, LocalDate From, LocalDate? Until = null, string? Instead = null, string? Reason = null)
    : GovernanceEvent;

/// <summary>What was announced of a type of event.</summary>
public sealed record SchemaNotice : RecordState
{
    public string? Type { get; init; }

    public LocalDate? From { get; init; }

    public LocalDate? Until { get; init; }

    public string? Instead { get; init; }

    public string? Reason { get; init; }

    /// <summary>What whoever sends the type is told.</summary>
    public string Words => $"{Type} is deprecated since {Day(From)}"
        + (Until is { } until ? $" and meant to be sent until {Day(until)}" : "")
        + (Instead is null ? "" : $"; send {Instead} instead") + (Reason is null ? "" : $": {Reason}");

    private static string? Day(LocalDate? day) =>
        day is { } known ? NodaTime.Text.LocalDatePattern.Iso.Format(known) : null;

    /// <summary>The next state.</summary>
    public static SchemaNotice? Evolve(SchemaNotice? state, Event e, EventFacts facts) => e switch
    {
        SchemaDeprecated d => new()
        {
            Type = d.Type, From = d.From, Until = d.Until, Instead = d.Instead, Reason = d.Reason,
        },
        _ => throw Kind.Unfoldable(e),
    };
}
