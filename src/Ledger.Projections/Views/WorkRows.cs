using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using NodaTime;

namespace Ledger.Projections.Views;

/// <summary>Hours and costs as they are compared: one narrow row a record, with whether those of its entity say the
/// same. It finds candidates, more than there are; what differs is said by the same functions as ever.</summary>
internal static class WorkRows
{
    private const char Between = '\t';
    private const char Line = '\n';

    /// <summary>Fields by which hours and costs are counted.</summary>
    public static readonly string[] Counted = ["workedOn", "incurredOn", "amount", "currency"];

    /// <summary>Fields that point at something.</summary>
    public static readonly string[] Pointing = ["project", "task", "resource", "supplier", "entity"];

    private static readonly string[] Telling = [.. Counted, .. Pointing];

    public static readonly Table<Row> Table = new(
        "work", ["stream"],
        Column.Text<Row>("stream", r => r.Record.Stream),
        Column.Text<Row>("entity", r => r.Entity),
        Column.Text<Row>("kind", r => r.Record.Kind.Name),
        Column.Text<Row>("source", r => r.Record.Source),
        Column.Whole<Row>("told", r => ToldBy(r.Record)),
        Column.Flag<Row>("live", r => r.Record.IsLive),
        Column.Flag<Row>("odd", r => r.IsOdd),
        Column.Flag<Row>("differs", r => r.Differs),
        Column.Text<Row>("points", r => r.Points),
        Column.Date<Row>("day", r => DayOf(r.Record)),
        Column.Amount<Row>("amount", r => (r.Record.Fold.State as Expense)?.Amount),
        Column.Text<Row>("currency", r => (r.Record.Fold.State as Expense)?.Currency?.Code));

    public static bool Has(Kind kind) => kind == Kind.Time || kind == Kind.Expense;

    public static bool Has(string stream) => stream.StartsWith("time/", StringComparison.Ordinal)
        || stream.StartsWith("expense/", StringComparison.Ordinal);

    public static IEnumerable<Row> Of(Entity entity)
    {
        if (!Has(entity.Kind)) return [];
        var rows = entity.Members.Select(record => new Row(record, entity.Id, IsOdd(record), false, null));
        if (entity.Members.Count == 1) return rows;
        Row[] all = [.. rows];
        var (differs, points) = Compared(Array.FindAll(all, r => r.Record.IsLive));
        return all.Select((row, n) => row with { Differs = differs, Points = n == 0 ? points : null });
    }

    /// <summary>As what, and how, a record is counted.</summary>
    public static (WorkOf Of, WorkCount Count) CountOf(SourceRecord record)
    {
        var cost = record.Fold.State as Expense;
        return (
            new(record.Source, record.Kind.Name, cost?.Currency),
            WorkCount.Of(record.IsLive, cost?.Amount, cost?.Currency));
    }

    /// <summary>The day a record is of.</summary>
    public static LocalDate? DayOf(SourceRecord record) => record.Fold.State switch
    {
        TimeEntry t => t.WorkedOn,
        Expense e => e.IncurredOn,
        _ => null,
    };

    /// <summary>What is compared by its meaning, in the lines of <see cref="Row.Points"/>.</summary>
    public static IEnumerable<string[]> PointsOf(string points) => points.Split(Line).Select(l => l.Split(Between));

    private static (bool Differs, string? Points) Compared(Row[] live)
    {
        if (live.Length < 2) return (false, null);
        // What nobody can reckon with is not even compared here.
        if (Array.Exists(live, r => r.IsOdd)) return (true, null);
        var facts = Array.ConvertAll(live, r => IdentityDrift.FactsOf(r.Record, Named));
        List<string> lines = [];
        for (var n = 0; n < facts[0].Length; n++)
        {
            var said = facts.Select(f => f[n]).OfType<StatedFact>().DistinctBy(f => f.Value).ToArray();
            if (said.Length < 2) continue;
            if (said[0].Class is not DriftClass.Mapping) return (true, null);
            string[] streams = [.. said.Select(f => (string)f.Value).Order(StringComparer.Ordinal)];
            if (Array.Exists(streams, s => s.AsSpan().ContainsAny(Between, Line))) return (true, null);
            lines.Add(string.Join(Between, streams));
        }

        return (false, lines.Count == 0 ? null : string.Join(Line, lines));
    }

    /// <summary>Whether more than its own values has to be looked at: it is said to be billed, states what nobody can
    /// reckon with, or points at something by a number, which may mean anything.</summary>
    private static bool IsOdd(SourceRecord record) => record.Fold.State is { } state
        && ((state as TimeEntry)?.Stated?.Billed == true || (state as Expense)?.Stated?.Billed == true
            || !Reckonable.IsSound(state)
            || Edges.Of(record).Any(e => e.ToStream is null
                || e.To.Kind == Kind.Time.Name || e.To.Kind == Kind.Expense.Name));

    private static long ToldBy(SourceRecord record) => Math.Max(
        Math.Max(record.Fold.Opened, record.Fold.DeletedBy ?? 0), record.Changed(Telling));

    // What is told by a number is odd, and not compared here.
    private static string Named(Ref reference, string statedBy) => reference.Stream(statedBy)!;

    /// <param name="Differs">Whether its entity's records do.</param>
    /// <param name="Points">With the first of them: what they point at, where that is several.</param>
    internal sealed record Row(SourceRecord Record, string Entity, bool IsOdd, bool Differs, string? Points);
}
