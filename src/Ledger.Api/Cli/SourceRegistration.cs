using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;
using NodaTime;

namespace Ledger.Api;

/// <summary>What an operator says of a system; what is not said stays as it was.</summary>
internal sealed record SourceTerms(string[] Roles, string[] Kinds, string? Name, string? Zone)
{
    public static readonly SourceTerms Nothing = new([], [], null, null);
}

/// <summary>Registers systems, by the ledger's own word.</summary>
internal static class SourceRegistration
{
    /// <summary>The ledger's own name as a source.</summary>
    public const string Own = "ledger";

    /// <summary>Appends what is new about a system; nothing where nothing is.</summary>
    public static async Task<(bool IsNew, string? Problem)> Append(
        OpenLedger ledger, string name, SourceTerms terms, CancellationToken cancellationToken)
    {
        var stream = StreamName.Of(Kind.Source.Name, Own, name);
        var events = new List<StoredEvent>();
        await foreach (var stored in ledger.Store.ReadStream(stream, cancellationToken))
            events.Add(stored);
        var before = StreamFold.Fold(Kind.Source, events.Select(Recorded.Event)).State as Source;
        var registered = Registered(before, terms);
        if (before is not null && registered == Registered(before, SourceTerms.Nothing))
            return (false, null);
        var version = events.Count == 0 ? 0 : events[^1].Version;
        var now = LedgerJson.Micros(SystemClock.Instance.GetCurrentInstant());
        var envelope = new Envelope(
            Own, FormattableString.Invariant($"source-{name}-{version + 1}"), "source_registered", Kind.Source.Name,
            name, now, now.InUtc().Date)
        {
            ExpectedVersion = version,
        };
        var understood = Understood.Of(envelope, registered);
        var answers = await ledger.Intake.Take(
            [Offered.Of(understood, understood.Data, null)], 0, atomic: false, cancellationToken);
        return (true, answers[0].Problem?.Detail);
    }

    private static SourceRegistered Registered(Source? before, SourceTerms terms) => new(
        terms.Roles.Length > 0
            ? terms.Roles.Select(role => Enum.Parse<Role>(role, ignoreCase: true)).ToItems()
            : before?.Roles ?? Items<Role>.None,
        terms.Kinds.Length > 0 ? terms.Kinds.ToItems() : before?.Kinds ?? Items<string>.None,
        terms.Name ?? before?.Name, terms.Zone ?? before?.Zone, before?.From, before?.To, before?.LagDays,
        before?.Approval);
}
