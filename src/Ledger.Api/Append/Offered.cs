using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>A document on its way to a verdict, with all done that needs no database: a closed family.</summary>
/// <param name="Body">As it came; kept where it is refused.</param>
internal abstract record Offered(ReadOnlyMemory<byte> Body, string? Source, string? Id)
{
    /// <summary>From so many documents on it pays to read them on several threads.</summary>
    public const int Many = 32;

    /// <summary>Reads many, each on its own, on every thread there is.</summary>
    public static Offered[] Each(int count, Func<int, Offered> read)
    {
        var each = new Offered[count];
        if (count < Many)
            for (var i = 0; i < count; i++)
                each[i] = read(i);
        else
            Parallel.For(0, count, i => each[i] = read(i));
        return each;
    }

    /// <summary>Reads one document.</summary>
    /// <param name="traceparent">Stored on an event that has none of its own.</param>
    /// <param name="vocabulary">The types that are known; null = all of the catalogue.</param>
    public static Offered Read(ReadOnlyMemory<byte> body, string? traceparent, Vocabulary? vocabulary = null) =>
        Of(EnvelopeReader.Read(body, vocabulary), body, traceparent);

    /// <summary>What was read already.</summary>
    public static Offered Of(Reading reading, ReadOnlyMemory<byte> body, string? traceparent)
    {
        var envelope = EnvelopeOf(reading);
        try
        {
            return reading switch
            {
                Understood understood => new Ready(
                    body, envelope!, Recorded.New(Traced(understood, traceparent), body)),
                UnknownType unknown => new Aside(body, envelope!, Digest(envelope!, unknown.Data), null),
                Invalid invalid => new Aside(
                    body, envelope!, Digest(envelope!, invalid.Data),
                    Problems.InvalidBody(envelope!.Type, Problems.Places(invalid.Problems))),
                Malformed malformed => new Faulty(
                    body, malformed.Source, malformed.Id, Problems.Malformed(Problems.Places(malformed.Problems))),
                _ => throw new System.Diagnostics.UnreachableException($"there is no reading {reading.GetType().Name}"),
            };
        }
        catch (MalformedJsonException error)
        {
            return new Faulty(
                body, envelope?.Source, envelope?.Id,
                Problems.Malformed([new("/data", null, "invalid_text", error.Message.TrimEnd('.'))]));
        }
    }

    private static byte[] Digest(Envelope envelope, byte[] data) => Recorded.Digest(envelope, CanonicalJson.Of(data));

    private static Understood Traced(Understood understood, string? traceparent) =>
        understood.Envelope.Traceparent is null && traceparent is not null
            ? understood with { Envelope = understood.Envelope with { Traceparent = traceparent } }
            : understood;

    private static Envelope? EnvelopeOf(Reading reading) => reading switch
    {
        Understood understood => understood.Envelope,
        UnknownType unknown => unknown.Envelope,
        Invalid invalid => invalid.Envelope,
        _ => null,
    };
}

/// <summary>Can be appended.</summary>
internal sealed record Ready(ReadOnlyMemory<byte> Body, Envelope Envelope, NewEvent Event)
    : Offered(Body, Envelope.Source, Envelope.Id);

/// <summary>Not read yet: it may be stored already.</summary>
internal sealed record Claimed(ReadOnlyMemory<byte> Body, Claim Claim) : Offered(Body, Claim.Source, Claim.Id);

/// <summary>Is stored already, so its body was not read.</summary>
internal sealed record Held(ReadOnlyMemory<byte> Body, Duplicate Duplicate)
    : Offered(Body, Duplicate.Receipt.Source, Duplicate.Receipt.Id);

/// <summary>Has a key, but cannot be appended.</summary>
/// <param name="Problem">Null = only its type is not known.</param>
internal sealed record Aside(ReadOnlyMemory<byte> Body, Envelope Envelope, byte[] Digest, ProblemAnswer? Problem)
    : Offered(Body, Envelope.Source, Envelope.Id);

/// <summary>Not taken from whoever sends it: answered, and kept nowhere.</summary>
/// <param name="Verdict">rejected, or unavailable where it may be sent again as it is.</param>
internal sealed record TurnedAway(string? Source, string? Id, string Verdict, ProblemAnswer Problem)
    : Offered(default, Source, Id);

/// <summary>No envelope can be made of it.</summary>
internal sealed record Faulty(ReadOnlyMemory<byte> Body, string? Source, string? Id, ProblemAnswer Problem)
    : Offered(Body, Source, Id);
