using System.Security.Cryptography;
using System.Text;
using Ledger.Domain;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Connectors;

/// <summary>Events as every import makes them: the id ends in what is said, so that saying the same again is a
/// duplicate, and anything else is another event.</summary>
internal static class Stating
{
    private const int IdMax = 150;

    public static Understood Of(
        string id, OffsetDateTime at, TimeBasis basis, string source, Kind kind, string recordId, Event body,
        LocalDate? effectiveOn = null)
    {
        var envelope = new Envelope(
            source, id, EventCatalog.Find(body).Name, kind.Name, recordId, LedgerJson.Micros(at.ToInstant()), at.Date,
            basis, EffectiveOn: effectiveOn);
        var made = Understood.Of(envelope, body);
        var said = Hash($"{LocalDatePattern.Iso.Format(envelope.CountsFrom)}\n{Encoding.UTF8.GetString(made.Data)}");
        return made with
        {
            Envelope = envelope with { Id = $"{Short(id)}@{LedgerJson.WriteInstant(envelope.Time)}~{said}" },
        };
    }

    /// <summary>The ledger's own word that a system exists, with the kinds it carries and no others: nothing else can
    /// be missing from it.</summary>
    public static Understood Registration(OffsetDateTime at, TimeBasis basis, string source, SourceRegistered body) =>
        Of($"source/{source}", at, basis, "ledger", Kind.Source, source, body);

    /// <summary>In the order a person reads them: kind by kind, then by time.</summary>
    public static IEnumerable<Understood> InOrder(IEnumerable<Understood> events)
    {
        var order = Kind.All.Index().ToDictionary(k => k.Item.Name, k => k.Index);
        return events.OrderBy(e => order[e.Envelope.Kind]).ThenBy(e => e.Envelope.Time)
            .ThenBy(e => e.Envelope.Id, StringComparer.Ordinal);
    }

    /// <summary>Midnight at the start of a day whose zone nobody tells.</summary>
    public static OffsetDateTime Midnight(LocalDate day) => day.AtMidnight().WithOffset(Offset.Zero);

    /// <summary>A name of at most so many characters: what is longer ends in a hash of all of it.</summary>
    public static string Short(string name, int lengthMax = IdMax) => name.Length <= lengthMax
        ? name
        : $"{name[..(lengthMax - 9)].TrimEnd()}~{Hash(name)}";

    /// <summary>Eight hexadecimal digits of SHA-256.</summary>
    public static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 4));
}
