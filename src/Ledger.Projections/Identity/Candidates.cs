using Ledger.Domain;

namespace Ledger.Projections.Identity;

/// <summary>Which records of a world are worth comparing: those that share a hint not too many share.</summary>
internal sealed class Candidates
{
    private const string Refused = "link_refused";

    // Whoever is live crowds a hint, also where it has gone on as another.
    private readonly World world;
    private readonly Dictionary<(Kind, BusinessKey), List<SourceRecord>> byHint = [];
    private readonly ILookup<string, Tie> refused;

    public Candidates(World world, IReadOnlySet<KindKey>? crowded = null)
    {
        this.world = world;
        foreach (var record in world.Records.Values)
        {
            if (!BusinessKeys.Has(record.Kind) || !record.IsLive) continue;
            foreach (var hint in BusinessKeys.HintsOf(record))
            {
                if (crowded?.Contains(new(record.Kind.Name, null, hint.Scheme, hint.Value)) ?? false) continue;
                if (!byHint.TryGetValue((record.Kind, hint), out var sharing))
                    byHint.Add((record.Kind, hint), sharing = []);
                if (sharing.Count <= BusinessKey.HoldersMax) sharing.Add(record);
            }
        }

        refused = world.Refused.SelectMany(t => new[] { (t.A, t), (t.B, t) }).ToLookup(x => x.Item1, x => x.t);
    }

    public IReadOnlyList<Proposal> All()
    {
        var found = new Dictionary<(string, string), Proposal>();
        foreach (var sharing in byHint.Values)
        {
            if (sharing.Count is < 2 or > BusinessKey.HoldersMax) continue;
            for (var i = 0; i < sharing.Count; i++)
                for (var j = i + 1; j < sharing.Count; j++) Weigh(sharing[i], sharing[j], found);
        }

        foreach (var tie in world.Refused) Add(Refusal(tie), found);
        return Sorted(found);
    }

    public IReadOnlyList<Proposal> Of(Entity entity)
    {
        var found = new Dictionary<(string, string), Proposal>();
        foreach (var member in entity.Members)
        {
            foreach (var tie in refused[member.Stream]) Add(Refusal(tie), found);
            if (!BusinessKeys.Has(member.Kind) || !world.Counts(member)) continue;
            foreach (var hint in BusinessKeys.HintsOf(member))
                if (byHint.GetValueOrDefault((member.Kind, hint)) is { Count: <= BusinessKey.HoldersMax } sharing)
                    foreach (var other in sharing) Weigh(member, other, found);
        }

        return Sorted(found);
    }

    private void Weigh(SourceRecord a, SourceRecord b, Dictionary<(string, string), Proposal> found)
    {
        if (!world.Counts(a) || !world.Counts(b)) return;
        if (a.Stream == b.Stream || world.EntityOf(a.Stream) == world.EntityOf(b.Stream)) return;
        if (Proposals.Between(a, b, Of) is { } proposal) Add(proposal, found);
    }

    private Told Of(SourceRecord record) => new(
        record.Fold.State switch
        {
            Invoice { Client: { } client } => Named(client, record),
            Payment { Client: { } client } => Named(client, record),
            Project { Client: { } client } => Named(client, record),
            Contract { Client: { } client } => Named(client, record),
            Opportunity { Client: { } client } => Named(client, record),
            ClientProposal { Client: { } client } => Named(client, record),
            _ => null,
        },
        world.Firm.EntityOf(record),
        source => world.EntityOf(record.Stream).Members.Any(m => m.Source == source && world.Counts(m)));

    private string? Named(Ref client, SourceRecord by) =>
        world.Resolve(client, by.Source) is { } known ? world.EntityOf(known.Stream).Id : null;

    private Proposal Refusal(Tie tie) => tie.Basis == TieBasis.Ruled
        && Contradiction.Between([world.Records[tie.A]], [world.Records[tie.B]]) is { } contradicting
        ? new(
            tie.A, tie.B, Kind.Find(StreamName.KindOf(tie.A)), Proposals.ConfidenceMin,
            [
                new(
                    Refused, $"{tie.Key} on both, but they contradict each other: {contradicting}",
                    Proposals.ConfidenceMin),
            ])
        : Unlinked(tie);

    private static Proposal Unlinked(Tie tie) => new(
        tie.A, tie.B, Kind.Find(StreamName.KindOf(tie.A)), tie.Basis == TieBasis.Ruled ? 0.90m : 0.95m,
        [
            new(
                Refused, tie.Basis == TieBasis.Ruled
                    ? $"{tie.Key} on both, but one entity would have two live records of one source, or two "
                        + "records that are not the same thing"
                    : $"linked by {tie.Stream}, but one entity would have two live records of one source",
                0.95m),
        ]);

    // Of two entities the surest pair of records; of equal ones a refused link, then the first by name: whoever asks,
    // and in whatever order they came or are found.
    private void Add(Proposal proposal, Dictionary<(string, string), Proposal> found)
    {
        var (a, b) = (world.EntityOf(proposal.A), world.EntityOf(proposal.B));
        if (ReferenceEquals(a, b) || AreApart(a, b)) return;
        var pair = string.CompareOrdinal(a.Id, b.Id) < 0 ? (a.Id, b.Id) : (b.Id, a.Id);
        var ordered = Ordered(proposal) with
        {
            InBoth = Sources(a).Intersect(Sources(b)).Order(StringComparer.Ordinal).ToItems(),
        };
        if (!found.TryGetValue(pair, out var other) || IsBefore(ordered, other)) found[pair] = ordered;
    }

    private IEnumerable<string> Sources(Entity entity) => entity.Members.Where(world.Counts).Select(m => m.Source);

    private static bool IsBefore(Proposal x, Proposal y)
    {
        var order = y.Confidence.CompareTo(x.Confidence);
        if (order == 0) order = (y.Evidence[0].Code == Refused).CompareTo(x.Evidence[0].Code == Refused);
        if (order == 0) order = Compare(x, y);
        return (order != 0 ? order : string.CompareOrdinal(x.Evidence[0].Words, y.Evidence[0].Words)) < 0;
    }

    private bool AreApart(Entity a, Entity b) =>
        a.Members.Any(m => b.Members.Any(n => world.IsApart(m.Stream, n.Stream)));

    private static Proposal Ordered(Proposal proposal) => string.CompareOrdinal(proposal.A, proposal.B) < 0
        ? proposal
        : proposal with { A = proposal.B, B = proposal.A };

    private static Proposal[] Sorted(Dictionary<(string, string), Proposal> found)
    {
        var all = found.Values.ToArray();
        Array.Sort(all, Compare);
        return all;
    }

    private static int Compare(Proposal x, Proposal y)
    {
        var order = y.Confidence.CompareTo(x.Confidence);
        if (order == 0) order = string.CompareOrdinal(x.A, y.A);
        return order != 0 ? order : string.CompareOrdinal(x.B, y.B);
    }
}
