using System.Text;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Projections.Tests;

/// <summary>A document's claim is what its strict reading comes to, or there is none.</summary>
public sealed class ClaimTests
{
    private static readonly (string From, string To)[] Spellings =
    [
        ("\":\"", "\": \""), ("\"1", "\"+1"), ("\"1", "\"01"), ("0\"", "0.0\""), ("0\"", "0.50\""),
        ("a", "\\u0061"), ("\"id\"", "\"\\u0069d\""), ("}", ",\"x\":null}"), ("}", ",\"number\":null}"),
        ("true", "1.0"), ("0", "0.0"), (":1", ":1e0"), ("Z\"", ".000Z\""), ("Z\"", "+00:00\""), ("KWD", "kwd"),
        ("\"data\":{", "\"data\":{\"n\":\"\\ud800\","), ("\"data\":{", "\"data\":{\"n\":\"\\u0000\","),
        ("\"data\":{", "\"data\":{\"number\":\"7\",\"number\":\"7\","),
        ("\"data\":{", "\"data\":{\"number\":\"007\","), ("psa", "PSA"), ("\"sequence\":7", "\"sequence\":-0"),
        ("\"type\"", "\"colour\""), ("2026-", "2027-"), ("\"", "'"), ("\"psa\"", "null"), ("[", "[["),
    ];

    [Fact]
    public void Nearly_every_golden_sample_has_the_claim_of_the_event_it_is()
    {
        var claims = 0;
        foreach (var definition in EventCatalog.All)
        {
            var document = Document(definition);
            if (Recorded.Claim(document) is not { } claim)
                continue;
            var read = Recorded.New((Understood)EnvelopeReader.Read(document));
            Convert.ToHexString(claim.Digest.Span).ShouldBe(Convert.ToHexString(read.Digest.Span), definition.Name);
            claim.ShouldBe(Claim.Of(read) with { Digest = claim.Digest }, definition.Name);
            claims++;
        }

        claims.ShouldBeGreaterThan(EventCatalog.All.Count * 3 / 4);
    }

    [Fact]
    public void A_decimal_in_another_form_is_claimed_as_it_is_stored()
    {
        var claims = 0;
        foreach (var definition in EventCatalog.All)
            foreach (var (from, to) in (ReadOnlySpan<(string, string)>)[("0\"", "0.0\""), ("5\"", "50\""), ("\"1", "\"01")])
                foreach (var text in Replaced(Encoding.UTF8.GetString(Document(definition)), from, to))
                    if (Recorded.Claim(Encoding.UTF8.GetBytes(text)) is { } claim
                        && Reading(Encoding.UTF8.GetBytes(text)).Stored is { } stored)
                    {
                        claim.Digest.Span.SequenceEqual(stored.Digest.Span).ShouldBeTrue(text);
                        claims++;
                    }

        claims.ShouldBeGreaterThan(200);
    }

    [Fact]
    public void A_document_that_was_spelt_otherwise_claims_what_it_is_read_as_or_nothing()
    {
        var claims = 0;
        foreach (var definition in EventCatalog.All)
            foreach (var (from, to) in Spellings)
                foreach (var text in Replaced(Encoding.UTF8.GetString(Document(definition)), from, to))
                    claims += Agrees(Encoding.UTF8.GetBytes(text)) ? 1 : 0;
        claims.ShouldBeGreaterThan(1_000);
    }

    [Fact]
    public void A_damaged_document_claims_what_it_is_read_as_or_nothing()
    {
        var random = new Random(23);
        byte[] likely = [.. "{}[]\",:\\ \n0-9.eEnul/TZ"u8];
        var claims = 0;
        for (var trial = 0; trial < 20_000; trial++)
        {
            var document = Document(EventCatalog.All[random.Next(EventCatalog.All.Count)]);
            for (var hits = random.Next(1, 3); hits > 0; hits--)
            {
                var at = random.Next(document.Length);
                if (random.Next(2) == 0)
                    document[at] = likely[random.Next(likely.Length)];
                else
                    document = [.. document[..at], .. document[Math.Min(document.Length, at + random.Next(3))..]];
            }

            claims += Agrees(document) ? 1 : 0;
        }

        claims.ShouldBeGreaterThan(1_000);
    }

    /// <summary>What is claimed is no malformed document, and its digest that of its body with decimals in canonical
    /// form; of an event that is understood, therefore, its own or none that any event is stored with.</summary>
    private static bool Agrees(byte[] document)
    {
        if (Recorded.Claim(document) is not { } claim)
            return false;
        var text = Encoding.UTF8.GetString(document);
        var (envelope, stored) = Reading(document);
        (claim.Source, claim.Id, claim.Stream).ShouldBe((envelope.Source, envelope.Id, envelope.Stream), text);
        claim.Key.ShouldBe(EventKey.For(envelope.Source, envelope.Id), text);
        EnvelopeReader.TrySkim(document, out var skimmed).ShouldBeTrue();
        var body = CanonicalJson.Of(skimmed.Data);
        Convert.ToHexString(claim.Digest.Span)
            .ShouldBe(Convert.ToHexString(Recorded.Digest(envelope, body)), text);
        var said = JsonDocument.Parse(document).RootElement.GetProperty("data").GetRawText();
        var asItStands = CanonicalJson.Of(Encoding.UTF8.GetBytes(said));
        if (!body.AsSpan().SequenceEqual(asItStands))
        {
            // Only the form of decimals differs: reading makes the same of both, or the same complaint.
            var rewritten = Encoding.UTF8.GetBytes(text.Replace(said, Encoding.UTF8.GetString(body), StringComparison.Ordinal));
            var (_, again) = Reading(rewritten);
            (again is null).ShouldBe(stored is null, text);
            if (again is not null) again.Digest.Span.SequenceEqual(stored!.Digest.Span).ShouldBeTrue(text);
        }

        if (stored is not null)
            claim.Digest.Span.SequenceEqual(stored.Digest.Span)
                .ShouldBe(stored.Data.Span.SequenceEqual(body), text);
        // What reading made of it is read as itself.
        if (stored is not null)
            Recorded.New(Understood.Of(envelope, EventCatalog.Find(envelope.Type).Read(stored.Data.Span)))
                .Digest.Span.SequenceEqual(stored.Digest.Span).ShouldBeTrue(text);
        return true;
    }

    private static (Envelope Envelope, NewEvent? Stored) Reading(byte[] document) =>
        EnvelopeReader.Read(document) switch
        {
            Understood understood => (understood.Envelope, Recorded.New(understood)),
            UnknownType unknown => (unknown.Envelope, null),
            Invalid invalid => (invalid.Envelope, null),
            var other => throw new InvalidOperationException(
                $"{other} claims: {Encoding.UTF8.GetString(document)}"),
        };

    /// <summary>One replacement each, at a few places.</summary>
    private static IEnumerable<string> Replaced(string text, string from, string to)
    {
        var at = -1;
        for (var place = 0; place < 12; place++)
        {
            at = text.IndexOf(from, at + 1, StringComparison.Ordinal);
            if (at < 0)
                yield break;
            yield return text[..at] + to + text[(at + from.Length)..];
        }
    }

    private static byte[] Document(EventDefinition definition) => Encoding.UTF8.GetBytes($$"""
        {"source":"psa","id":"e-1","type":"{{definition.Name}}","subject":"{{definition.Kind?.Name ?? "time"}}/1",
         "sequence":7,"effectiveOn":"2026-03-13","actor":"Zoë","time":"2026-03-14T09:30:00.25Z",
         "data":{{Golden.Body(definition.Name)}} }
        """);
}
