using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Testing;

/// <summary>A signed ledger to tamper with, the roots and the public key that its auditor took away, and a backup from
/// before its end. What is tampered with is always a copy.</summary>
public sealed class SealedLedger : IAsyncDisposable
{
    private static readonly Instant Began = Instant.FromUtc(2026, 11, 2, 8, 0);

    private readonly List<NewEvent> _events = [];
    private readonly TestDatabase _whole;
    private TestDatabase? _backup;

    private SealedLedger(TestDatabase whole) => _whole = whole;

    /// <summary>Events in it, in their order.</summary>
    public IReadOnlyList<NewEvent> Events => _events;

    /// <summary>Roots that were taken away, the last of them of all its events.</summary>
    public IReadOnlyList<SignedNote> Roots { get; private set; } = [];

    /// <summary>Its public key.</summary>
    public required RootKey Key { get; init; }

    /// <summary>The private one, as a restored server has it.</summary>
    public required RootSigner Signer { get; init; }

    public static async Task<SealedLedger> Create(int events, int seed, CancellationToken cancellationToken)
    {
        var whole = await TestDatabase.Create(cancellationToken);
        await using var source = NpgsqlDataSource.Create(whole.ConnectionString);
        var signer = await RootSigner.Open(
            source, ECDsa.Create(ECCurve.NamedCurves.nistP256), isFirst: true, Began, cancellationToken);
        var ledger = new SealedLedger(whole) { Key = new RootKey(signer.PublicKey), Signer = signer };
        await ledger.Fill(source, events, new Random(seed), cancellationToken);
        return ledger;
    }

    /// <summary>A copy of all of it.</summary>
    public Task<TestDatabase> Copy(CancellationToken cancellationToken) =>
        TestDatabase.CopyOf(_whole, cancellationToken);

    /// <summary>A copy of it as it was before its last third.</summary>
    public Task<TestDatabase> Backup(CancellationToken cancellationToken) =>
        TestDatabase.CopyOf(_backup!, cancellationToken);

    /// <summary>Appends events as a ledger would have, in groups.</summary>
    public static async Task Append(
        EventStore store, IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        foreach (var group in events.Chunk(97))
            foreach (var verdict in await store.Append(group, atomic: false, cancellationToken))
                if (verdict is not Appended)
                    throw new InvalidOperationException($"An event was not appended: {verdict}");
    }

    /// <summary>Another event than any there is.</summary>
    public static NewEvent Event(string id, Random random)
    {
        var stream = random.Next(1_500);
        var hours = random.Next(1, 900);
        var body = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""
            {"billable":{{(hours % 3 == 0 ? "true" : "false")}},"note":"Work é {{hours}}","quantity":"{{hours}}"}
            """));
        return new NewEvent(
            "psa", id, $"time/psa:{stream}", "time_entry", "time_entry_recorded",
            "Ledger.Domain.Time.TimeEntryRecorded, Ledger.Domain", CanonicalJson.Of(body),
            [new("time", "2026-11-02T09:00:00Z"), new("effective_on", "2026-11-02")], SHA256.HashData(body))
        {
            Time = Began,
            Actor = hours % 2 == 0 ? "anna" : null,
            CorrelationId = hours % 5 == 0 ? $"c-{hours}" : null,
            CausationId = hours % 7 == 0 ? $"e-{hours}" : null,
        };
    }

    public async ValueTask DisposeAsync()
    {
        Signer.Dispose();
        Key.Dispose();
        if (_backup is not null)
            await _backup.DisposeAsync();
        await _whole.DisposeAsync();
    }

    private async Task Fill(
        NpgsqlDataSource source, int count, Random random, CancellationToken cancellationToken)
    {
        var now = Began;
        List<SignedNote> roots = [];
        for (var n = 0; n < count; n++)
            _events.Add(Event(FormattableString.Invariant($"e-{n}"), random));
        for (var third = 0; third < 3; third++)
        {
            await using (var store = new EventStore(source, () => now += Duration.FromMilliseconds(7), Signer))
            {
                var part = _events[(count * third / 3)..(count * (third + 1) / 3)];
                // Groups of one and of many, as in life.
                foreach (var one in part.Take(40))
                    await store.Append(one, cancellationToken);
                await Append(store, part[Math.Min(40, part.Count)..], cancellationToken);
                roots.Add((await store.Checkpoint(null, cancellationToken))!);
            }

            source.Clear();
            if (third == 1)
                _backup = await TestDatabase.CopyOf(_whole, cancellationToken);
        }

        Roots = roots;
    }
}
