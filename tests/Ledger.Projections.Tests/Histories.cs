using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Projections.Tests;

/// <summary>Random histories of a few systems that talk of the same things: late, corrected, linked, unlinked, deleted
/// and restored.</summary>
internal sealed class Histories(int seed)
{
    private readonly Random _random = new(seed);
    private int _last;

    public IReadOnlyList<NewEvent> Next(int count)
    {
        var events = new List<NewEvent>();
        while (events.Count < count)
        {
            var minute = _random.Next(100_000);
            var (source, subject, body) = Any();
            long? sequence = _random.Next(3) == 0 ? minute : null;
            // Whether a snapshot is unchanged hangs on what came before it: here each is kept.
            events.Add(Telling.Event(source, subject, body, minute, sequence, $"{seed}-{++_last}") with
            {
                Snapshot = null,
            });
        }

        return events;
    }

    private (string Source, string Subject, Event Body) Any()
    {
        var source = One("psa", "erp", "erp-de", "billing", "odd");
        var id = Id();
        return _random.Next(12) switch
        {
            0 or 1 => ("ledger", $"identity/{_random.Next(8)}", Link()),
            2 => ("ledger", $"source/{source}", new SourceRegistered([One(Role.Psa, Role.Erp, Role.Billing)])),
            3 or 4 => (source, $"time/{id}", Work()),
            5 => (source, $"time/{id}", new TimeEntryApproved("bob", new(_random.Next(90), Unit.Minute))),
            6 => (source, $"time/{id}", new TimeEntryCorrected(Note: One("a", "b", "c"))),
            7 => (source, $"client/{id}", new ClientStated(Name: One("Ada", "Bee"), Blocked: One<bool?>(true, null))),
            8 => (source, $"invoice/{id}", new InvoiceIssued(new(2026, 3, 31), [Line()]) 
            {
                Number = (source == "psa" ? "INV-" : source) + id,
            }),
            9 => (source, $"invoice/{id}", new InvoiceCancelled("wrong")),
            10 => (source, $"{One("time", "client", "invoice")}/{id}", new RecordDeleted()),
            _ => (source, $"{One("time", "client", "invoice")}/{id}", new RecordRestored()),
        };
    }

    private Event Link()
    {
        var kind = One("time", "client", "invoice");
        Ref Any() => new(kind, One("psa", "erp", "erp-de", "billing"), Id());
        return _random.Next(3) == 0 ? new IdentityUnlinked(Any(), Any()) : new IdentityLinked(Any(), Any());
    }

    private Event Work() => _random.Next(2) == 0
        ? new TimeEntryRecorded(new("resource", Id: "anna"), new(2026, 3, 2), new(_random.Next(480), Unit.Minute))
        : new TimeStated(Quantity: new Quantity(_random.Next(480), Unit.Minute), Note: One("x", null));

    private InvoiceLine Line() => new(
        "1", Bills: [new(new("time", "psa", Id()))], Net: _random.Next(1000));

    private string Id() => _random.Next(6).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private T One<T>(params ReadOnlySpan<T> of) => of[_random.Next(of.Length)];
}
