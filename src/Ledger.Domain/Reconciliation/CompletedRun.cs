using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledger.Domain;

/// <summary>Everything was compared as of a position; once for each. The report itself can be made again from the same
/// events, and has the same digest.</summary>
/// <param name="Position">The last event it knows; from 0.</param>
/// <param name="Digest">SHA-256 of the report's JSON, in hexadecimal.</param>
/// <param name="Documents">How many were compared.</param>
/// <param name="Agreeing">Those of which two systems or more say the same.</param>
/// <param name="Differing">Those with a difference.</param>
/// <param name="Open">The differences, by class and currency.</param>
public sealed record DriftRunCompleted(
    long Position, string Digest, int Documents, int Agreeing, int Differing, int Differences,
    Items<OpenClass>? Open = null) : GovernanceEvent, IJsonOnDeserialized
{
    /// <summary>There is nothing before the first event.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Position < 0) throw new JsonException("a position is 0 or more");
    }
}

/// <summary>A comparison that was put on record.</summary>
public sealed record CompletedRun : RecordState
{
    public long Position { get; init; }

    public string? Digest { get; init; }

    public int Documents { get; init; }

    public int Agreeing { get; init; }

    public int Differing { get; init; }

    public int Differences { get; init; }

    public Items<OpenClass> Open { get; init; } = Items<OpenClass>.None;

    /// <summary>The next state.</summary>
    public static CompletedRun? Evolve(CompletedRun? state, Event e, EventFacts facts) => e switch
    {
        DriftRunCompleted c => new()
        {
            Position = c.Position, Digest = c.Digest, Documents = c.Documents, Agreeing = c.Agreeing,
            Differing = c.Differing, Differences = c.Differences, Open = c.Open ?? Items<OpenClass>.None,
        },
        _ => throw Kind.Unfoldable(e),
    };
}
