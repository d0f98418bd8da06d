using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Identity;
using Ledger.Projections.Rating;

namespace Ledger.Projections;

/// <summary>What a world is asked beside its entities.</summary>
public sealed partial class World
{
    private readonly Lock asking = new();
    private IReadOnlyList<CoverageEdge>? coverage;
    private ILookup<string, CoverageEdge>? coverageInto, prepaying;
    private IReadOnlyList<Proposal>? proposals;
    private IReadOnlyList<CoverageProposal>? coverageProposals;
    private Candidates? candidates;
    private ILookup<string, Tie>? refusedByStream;
    private HashSet<string>? reversed, covering, drawing;
    private ILookup<string, string>? coverageRejections;

    /// <summary>What covers what, by the names of the records that state it.</summary>
    public IReadOnlyList<CoverageEdge> Coverage
    {
        get
        {
            lock (asking)
                return coverage ??=
                [
                    .. records.Values.Where(r => Coverages.States(r.Kind))
                        .OrderBy(r => r.Stream, StringComparer.Ordinal)
                        .SelectMany(r => Coverages.StatedBy(this, r)),
                ];
        }
    }

    /// <summary>The live record a reference points at, with its state as persons decided it; null while it dangles.
    /// </summary>
    internal Stated<TState>? Find<TState>(Ref? reference, string statedBy)
        where TState : RecordState =>
        reference is not null && Resolve(reference, statedBy) is { IsLive: true } record
        && record.Fold.State is TState state
            ? overrides.Count > 0 && this.Decided(EntityOf(record.Stream), record) is var decided
                ? new(decided, (TState)decided.Fold.State!)
                : new(record, state)
            : null;

    /// <summary>What covers an entity.</summary>
    public IReadOnlyList<CoverageEdge> CoverageInto(string entity)
    {
        lock (asking)
            coverageInto ??= Coverage.Where(c => c.ToEntity is not null).ToLookup(c => c.ToEntity!);
        return [.. coverageInto[entity]];
    }

    /// <summary>Pairs of entities that may be one, the surest first, then by name.</summary>
    public IReadOnlyList<Proposal> Proposals
    {
        get
        {
            lock (asking) return proposals ??= Candidates.All();
        }
    }

    /// <summary>What payments and postings of which nobody says so may cover, where a sum matches exactly and in one
    /// way only, and nobody turned it down. It takes the whole ledger: what is not among the records cannot dispute
    /// it.</summary>
    public IReadOnlyList<CoverageProposal> CoverageProposals
    {
        get
        {
            lock (asking) return coverageProposals ??= Projections.CoverageProposals.Of(this);
        }
    }

    /// <summary>Those of one entity.</summary>
    public IReadOnlyList<Proposal> ProposalsOf(Entity entity)
    {
        lock (asking) return Candidates.Of(entity);
    }

    /// <summary>What a person should know about an entity.</summary>
    public IReadOnlyList<Finding> FindingsOf(Entity entity)
    {
        var into = CoverageInto(entity.Id);
        return
        [
            .. EntityFindings.Of(this, entity),
            .. into.Count == 0 ? [] : CoverFindings.Of(this, Compose(entity), into),
        ];
    }

    /// <summary>What a person should know, entity by entity.</summary>
    public IEnumerable<Finding> Findings => AllEntities.SelectMany(FindingsOf);

    /// <summary>Whether a record is the one whose word counts for a field of its entity.</summary>
    internal bool SpeaksFor(SourceRecord record, string field)
    {
        var entity = EntityOf(record.Stream);
        return entity.Members.Count == 1 || Compose(entity).Field(field)?.By.Stream == record.Stream;
    }

    /// <summary>Whether another posting that stands takes a posting back.</summary>
    internal bool IsReversed(string posting)
    {
        lock (asking)
            reversed ??= records.Values
                .Where(r => r.Fold.State is Posting { Reverses: not null, Status: PostingStatus.Posted } && Counts(r))
                .Select(r => Resolve(((Posting)r.Fold.State!).Reverses!, r.Source)).OfType<SourceRecord>()
                .Select(r => EntityOf(r.Stream).Id).ToHashSet();
        return reversed.Contains(posting);
    }

    /// <summary>Whether an entity covers anything, by anybody's word that counts.</summary>
    internal bool Covers(Entity entity)
    {
        lock (asking) covering ??= Coverage.Where(c => c.Live).Select(c => c.FromEntity).ToHashSet();
        return covering.Contains(entity.Id);
    }

    /// <summary>Whether a document names what it takes off as asked for ahead.</summary>
    internal bool Draws(Entity entity)
    {
        lock (asking)
            drawing ??= Coverage.Where(c => c is { Live: true, Rel: Lineage.Rels.Settles }).Select(c => c.FromEntity)
                .ToHashSet();
        return drawing.Contains(entity.Id);
    }

    /// <summary>Later documents that a document is said to be a prepayment of.</summary>
    internal IEnumerable<CoverageEdge> Prepaying(string document)
    {
        lock (asking)
            prepaying ??= Coverage.Where(c => c is { Rel: Lineage.Rels.Prepays, ToEntity: not null })
                .ToLookup(c => c.FromEntity);
        return prepaying[document];
    }

    /// <summary>The coverage records that turn down what an entity would cover, as <see cref="Coverable.Turned"/> tells
    /// them, or be covered by.</summary>
    internal Items<string> CoverageRejections(string entity)
    {
        lock (asking)
            coverageRejections ??= records.Values
                .Where(r => r is { IsLive: true, Fold.State: Domain.Coverage { Rejected.Count: > 0 } })
                .OrderBy(r => r.Stream, StringComparer.Ordinal)
                .SelectMany(r => Rejections(r, (Domain.Coverage)r.Fold.State!))
                .ToLookup(said => said.Entity, said => said.By);
        return coverageRejections[entity].ToItems();
    }

    private IEnumerable<(string Entity, string By)> Rejections(SourceRecord record, Coverage said) =>
        said.Rejected.Select(no => (no.To, record.Stream))
            .Prepend((said.From!, Coverable.Turned(record.Stream, said.Rejected.Count)))
            .Select(of => (Record: Resolve(of.Item1, record.Source), By: of.Item2))
            .Where(of => of.Record is not null).Select(of => (EntityOf(of.Record!.Stream).Id, of.By)).Distinct();

    /// <summary>Two live successors of one record that are known of.</summary>
    internal IEnumerable<Succeeding> DoubledOf(Entity entity) => identified.Value.Standings.Doubled.Count == 0
        ? []
        : identified.Value.Standings.Doubled.Where(d => entity.Members.Any(m => m.Stream == d.Old));

    /// <summary>Links that name a stream and do not count; what a rule would have joined is only a proposal.</summary>
    internal IEnumerable<Tie> RefusedOf(string stream) => Refused.Count == 0
        ? []
        : (refusedByStream ??= Refused.Where(t => t.Basis != TieBasis.Ruled)
            .SelectMany(t => new[] { (t.A, Tie: t), (t.B, Tie: t) }).ToLookup(x => x.Item1, x => x.Tie))[stream];

    internal bool IsApart(string a, string b) => identified.Value.Apart.Has(a, b);

    private Candidates Candidates => candidates ??= new(this, crowded);
}
