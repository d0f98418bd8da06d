using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Findings;
using NodaTime;

namespace Ledger.Projections.Tests;

/// <summary>All that a world says, without what tells the order in which its events arrived: each position as the event
/// that stands there, each entity by the first of its members' names.</summary>
internal static partial class Arrived
{
    private static readonly LocalDate Today = new(2026, 6, 3);

    /// <summary>The world of some events that arrived in this order.</summary>
    public static World World(IReadOnlyList<Understood> arrived) => World(arrived, Today, _ => true);

    /// <param name="counts">Whether an event is among those that can be folded.</param>
    public static World World(
        IReadOnlyList<Understood> arrived, LocalDate day, Func<RecordedEvent, bool> counts) => new(
        arrived.Count, day,
        arrived.Select((said, place) => Event(said, place + 1)).Where(counts).GroupBy(e => e.Stream).Select(of =>
        {
            var kind = Kind.Find(StreamName.KindOf(of.Key));
            return new SourceRecord(
                of.Key, kind, StreamName.SourceOf(of.Key), StreamName.IdOf(of.Key), StreamFold.Fold(kind, of));
        }));

    /// <summary>Records, entities, links, coverage, proposals, findings and the drift report, a line each.</summary>
    public static string Told(IReadOnlyList<Understood> arrived)
    {
        var telling = new Telling(
            World(arrived), [.. arrived.Select(said => said.Envelope.Id)],
            EventIndex.Of(arrived.Select((said, i) => Event(said, i + 1))));
        return telling.All();
    }

    private static RecordedEvent Event(Understood said, long position) => new(
        position, said.Envelope.Source, said.Envelope.Id, said.Envelope.Stream, said.Envelope.Type, said.Envelope.Time,
        said.Envelope.CountsFrom, said.Envelope.Sequence, said.Envelope.Actor, said.Envelope.Time, said.Body);

    [GeneratedRegex(@"\b[a-z_]+/[a-z-]+:[\w-]+")]
    private static partial Regex Streams();

    [GeneratedRegex(@"(?<=event at |Position = )\d+")]
    private static partial Regex Positions();

    private sealed class Telling(World world, string[] events, EventIndex index)
    {
        private readonly StringBuilder text = new();
        private readonly Dictionary<string, string> names = world.AllEntities.SelectMany(e => e.Members.Select(
            m => (m.Stream, Name: e.Members.Select(x => x.Stream).Min(StringComparer.Ordinal)!)))
            .ToDictionary(x => x.Stream, x => x.Name);

        public string All()
        {
            foreach (var record in world.Records.Values.OrderBy(r => r.Stream, StringComparer.Ordinal)) Record(record);
            foreach (var entity in ByName()) Entity(entity);
            foreach (var tie in world.Refused) Line("refused", tie.Stream, tie.A, tie.B, tie.Basis, tie.Key);
            foreach (var c in world.Coverage)
                Line(
                    "coverage", Name(c.FromEntity), c.FromStream, c.FromPart, c.Rel, Name(c.ToEntity), c.ToStream,
                    c.ToPart, c.Quantity, c.Amount, c.Currency, c.Basis, At(c.Position), c.Live, c.To, c.StatedBy);
            foreach (var p in world.Proposals) Line("proposal", p.A, p.B, p.Confidence, Words(p.Evidence.ToString()));
            foreach (var p in world.CoverageProposals)
                Line(
                    "may cover", Name(p.From), p.Rel,
                    string.Join(" ", p.Covers.Select(c => $"{Name(c.To)} {c.Amount}")), p.Confidence,
                    Words(p.Evidence.ToString()));
            foreach (var entity in ByName())
                foreach (var finding in world.FindingsOf(entity)) Finding(finding);
            Report(DriftRun.Compute(world));
            return text.ToString();
        }

        private IEnumerable<Entity> ByName() => world.AllEntities.OrderBy(e => Name(e.Id), StringComparer.Ordinal);

        private void Record(SourceRecord record)
        {
            var fold = record.Fold;
            Line(
                "record", record.Stream, Words(fold.State?.ToString()), At(fold.DeletedBy), fold.Events, fold.Order,
                fold.Sequenced, At(fold.First), string.Join(" ", fold.Pending.Select(p => At(p))),
                string.Join(" ", fold.Asserted.OrderBy(a => a.Key, StringComparer.Ordinal)
                    .Select(a => $"{a.Key}@{At(a.Value)}")));
        }

        private void Entity(Entity entity)
        {
            var composed = world.Compose(entity);
            Line(
                "entity", string.Join(" ", entity.Members.Select(m => m.Stream).Order(StringComparer.Ordinal)),
                entity.IsLive, string.Join(" ", entity.Succeeded.Order(StringComparer.Ordinal)),
                Name(composed.LegalEntity), EntityMoney.Of(composed));
            foreach (var tie in entity.Ties) Line("tie", tie.Stream, tie.A, tie.B, tie.Basis, tie.Key);
            foreach (var f in composed.Fields)
                Line(
                    "field", f.Name, Words(f.Value.ToString()), f.By.Stream,
                    f.By.Kind == Kind.Override ? null : At(f.Position), f.OwnerAbsent, f.Override?.Stream,
                    Words(f.Override?.Was?.ToString()),
                    TellsWhatWas(f.Override?.Stream) ? f.Override!.Changed : null);
        }

        private void Finding(Findings.Finding finding)
        {
            // Both set what is said against what the ledger had by then.
            if (finding.Code is Codes.ClosedPeriod or Codes.SoftClosedPeriod) return;
            if (finding.Code == Codes.OverriddenValueChanged && !TellsWhatWas(finding.Stream)) return;
            Line(
                "finding", Name(finding.Entity), finding.Code, finding.Stream, finding.Part, Words(finding.Words),
                Words(finding.Figures.ToString()));
        }

        private void Report(DriftReport report)
        {
            foreach (var f in report.Findings)
                Line(
                    "drift", f.Class, f.Weight, Words(f.Sentence), f.Invoice, f.Related, f.Amount, f.Streams,
                    f.Parting.Root(index)?.Id,
                    string.Join(" ", f.Values.Select(v =>
                        $"{v.Source} {v.Stream} {Words(v.Field)} {Words(v.Value)} {At(v.Position)}")),
                    string.Join(" ", f.Events.Select(e => At(e)).Order(StringComparer.Ordinal)), f.Suggestions);
            foreach (var check in report.Invoices) Line("invoice", check);
            foreach (var total in report.Controls)
                Line("control", total.Source, total.Kind, total.Count, total.InLedger, total.PagesRead, total.Sums);
            Line("headline", report.Headline with { Engagements = Items<EngagementTotal>.None });
            foreach (var engagement in report.Headline.Engagements.Select(e => Words(e.ToString()))
                .Order(StringComparer.Ordinal)) Line("engagement", engagement);
        }

        private bool TellsWhatWas(string? stream) =>
            stream is not null && world.Records[stream].Fold.State is TruthOverride { Overrode: not null };

        private string? At(long? position) => position is > 0 ? events[position.Value - 1] : null;

        private string? Name(string? stream) => stream is null ? null : names.GetValueOrDefault(stream, stream);

        private string? Words(string? words) => words is null ? null : Positions().Replace(
            Streams().Replace(words, found => Name(found.Value)!),
            found => At(long.Parse(found.Value, CultureInfo.InvariantCulture)) ?? "");

        private void Line(params ReadOnlySpan<object?> values)
        {
            foreach (var value in values)
                text.Append(value is null ? "-" : Convert.ToString(value, CultureInfo.InvariantCulture)).Append('|');
            text.Append('\n');
        }
    }
}
