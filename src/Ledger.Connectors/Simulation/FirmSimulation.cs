using System.Text.Json;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>A firm that was never there, told as its systems would tell it: one file of events for each system, as a
/// connector would deliver them (events and snapshots, late, twice, out of order), the registration of the systems,
/// and the faults that were planted. The same size and seed give the same bytes.</summary>
public static class FirmSimulation
{
    /// <summary>Fewest events worth a firm.</summary>
    public const long SizeMin = 2_000;

    // The firm itself, its months and what its companies ask each other for.
    private const int EventsBeside = 1_000;
    private const int EventsPerEngagement = 445;
    private const int EngagementsMin = 3;

    // So many engagements run at one time; a larger firm has a longer history instead, and so takes no more memory.
    private const int ConcurrentMax = 300;
    private const int MonthsEach = 9;
    private const int MonthsMin = 14;

    // Once in so many months a rate of exchange is wrong somewhere, from the third month on.
    private const int OddOneIn = 48;
    private const int OddFirst = 2;

    private static readonly LocalDate LastStart = new(2025, 8, 1);

    /// <summary>Writes the firm's files into a folder, over any that are there.</summary>
    /// <param name="size">About how many events; at least <see cref="SizeMin"/>.</param>
    /// <param name="faults">Whether anything is wrong with it.</param>
    /// <param name="progress">Hears every so often how many events were written.</param>
    /// <returns>How many events each file has, and how many faults were planted.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is too small.</exception>
    public static Simulated Run(
        long size, ulong seed, string folder, bool faults, Action<long>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, SizeMin);
        Directory.CreateDirectory(folder);
        var engagements = (int)Math.Max(EngagementsMin, (size - EventsBeside) / EventsPerEngagement);
        var months = Math.Max(MonthsMin, (int)((long)engagements * MonthsEach / ConcurrentMax));
        var firm = new Firm(seed, engagements, faults);
        var begins = LastStart.PlusMonths(-months);
        using var files = new SourceFiles(folder);
        using var truth = new TruthFile(Path.Combine(folder, "truth.json"), faults ? FaultPlan.All : []);
        foreach (var told in Masters.Registrations(begins.PlusMonths(-2))) files.Write("00-ledger", told);
        foreach (var told in Masters.Standing(firm, begins.PlusMonths(-2), truth.Add))
            files.Write(told.Envelope.Source, told);
        foreach (var told in Merged(Lives(firm, begins, months, truth.Add)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            files.Write(told.Envelope.Source, told);
            if (files.Written % 50_000 == 0) progress?.Invoke(files.Written);
        }

        return new(files.Counts, truth.Count, truth.Absent.Count);
    }

    /// <summary>Everything that goes on, each with when it can first be heard, in that order.</summary>
    private static IEnumerable<(Instant From, IEnumerable<Told> Told)> Lives(
        Firm firm, LocalDate begins, int months, Action<Planted> plant)
    {
        var next = 0;
        yield return (At(begins), new Intercompany(firm, begins, months, plant).Life());
        for (var month = -1; month <= months + 12; month++)
        {
            var starts = begins.PlusMonths(month);
            if (month >= 0)
                yield return (At(starts), Masters.Month(
                    firm, starts, firm.HasFaults && month % OddOneIn == OddFirst, plant));
            // Engagements are told of from a month before they begin.
            for (; next < firm.Engagements && StartOf(next) <= month + 1; next++)
                yield return (At(starts), new Engagement(firm, next, begins.PlusMonths(StartOf(next)), plant).Life());
        }

        int StartOf(int engagement) => (int)((long)engagement * months / firm.Engagements) + 1;

        static Instant At(LocalDate day) => day.AtMidnight().InUtc().ToInstant();
    }

    /// <summary>All of it in the order of arrival, holding no more than goes on at one time.</summary>
    private static IEnumerable<Told> Merged(IEnumerable<(Instant From, IEnumerable<Told> Told)> lives)
    {
        var going = new PriorityQueue<IEnumerator<Told>, (Instant, long)>();
        var order = 0L;
        foreach (var (from, told) in lives)
        {
            while (going.TryPeek(out _, out var at) && at.Item1 < from)
                yield return Next();
            Go(told.GetEnumerator());
        }

        while (going.Count > 0) yield return Next();

        void Go(IEnumerator<Told> life)
        {
            if (life.MoveNext()) going.Enqueue(life, (life.Current.Arrives, order++));
            else life.Dispose();
        }

        Told Next()
        {
            var life = going.Dequeue();
            var told = life.Current;
            Go(life);
            return told;
        }
    }
}

/// <summary>What a simulation wrote.</summary>
/// <param name="Events">File → how many events are in it, deliveries that repeat among them.</param>
/// <param name="Faults">How many were planted.</param>
/// <param name="Absent">How many kinds of fault it has no record for, because it is so small.</param>
public sealed record Simulated(IReadOnlyDictionary<string, long> Events, int Faults, int Absent);
