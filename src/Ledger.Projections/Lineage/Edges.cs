using System.Diagnostics;
using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>Why an edge is believed: a source said so, a rule of the ledger infers it, or a person said so to the
/// ledger.</summary>
public enum EdgeBasis
{
    Stated,
    Ruled,
    Confirmed,
}

/// <summary>One reference that a record's state makes.</summary>
/// <param name="From">The stream the reference leaves.</param>
/// <param name="FromPart">The line, application or task within it; null = the record as a whole.</param>
/// <param name="Rel">What the reference means, one of <see cref="Rels"/>.</param>
/// <param name="To">What it points at, in the words of whoever states it.</param>
/// <param name="ToStream">The stream pointed at; null where the reference is by number and has to be looked up.</param>
/// <param name="Position">Position of the event that asserts it.</param>
/// <param name="Quantity">How much of the target, as stated; null = all, or not said.</param>
/// <param name="Amount">What it is worth, as stated and unsigned for direction; null = all, or not said.</param>
/// <param name="Currency">Of <paramref name="Amount"/>.</param>
public sealed record Edge(
    string From, string? FromPart, string Rel, Ref To, string? ToStream, EdgeBasis Basis, long Position,
    Quantity? Quantity = null, decimal? Amount = null, Currency? Currency = null)
{
    private readonly Worth? worth = Worth.Of(Amount, Currency);

    public decimal? Amount { get => worth?.Amount; init => worth = Worth.Of(value, Currency); }

    public Currency? Currency { get => worth?.Currency; init => worth = Worth.Of(Amount, value); }
}

/// <summary>What an edge is worth. Most say nothing of it, and there are many edges.</summary>
internal sealed record Worth(decimal? Amount, Currency? Currency)
{
    public static Worth? Of(decimal? amount, Currency? currency) =>
        amount is null && currency is null ? null : new(amount, currency);
}

/// <summary>What edges mean. Stored names.</summary>
public static class Rels
{
    public const string Bills = "bills";
    public const string Credits = "credits";
    public const string Posts = "posts";
    public const string Settles = "settles";
    public const string Replaces = "replaces";
    public const string Corrects = "corrects";
    public const string Prepays = "prepays";
    public const string Reverses = "reverses";

    /// <summary>From a document to the retainer or prepayment it uses up: <see cref="Prepays"/>, told from what came
    /// later.</summary>
    public const string Draws = "draws";

    /// <summary>From a document to one before it that it names without saying why.</summary>
    public const string Follows = "follows";

    /// <summary>From a posting to that of the same document in another legal entity's books.</summary>
    public const string Mirrors = "mirrors";
    public const string Client = "client";
    public const string BillTo = "bill_to";
    public const string Contract = "contract";
    public const string Project = "project";
    public const string Task = "task";
    public const string Parent = "parent";
    public const string Resource = "resource";
    public const string Assigned = "assigned";
    public const string Supplier = "supplier";
    public const string RateCard = "rate_card";
    public const string Proposal = "proposal";

    /// <summary>From a proposal to what it was made for.</summary>
    public const string Opportunity = "opportunity";

    /// <summary>From an opportunity to the proposal it was won with and the contract it was won as.</summary>
    public const string WonAs = "won_as";

    /// <summary>From what was recognised to the posting that books it, or takes it back.</summary>
    public const string RecognizedIn = "recognized_in";

    /// <summary>From what is to be known to the records it came from or is of use to.</summary>
    public const string About = "about";
    public const string MergedInto = "merged_into";
    public const string LegalEntity = "legal_entity";

    /// <summary>From an identity link to each of the two records it joins.</summary>
    public const string Links = "links";

    /// <summary>From an override to the record whose field it sets.</summary>
    public const string Overrides = "overrides";

    /// <summary>From a succession to the record that goes on as another.</summary>
    public const string Succeeds = "succeeds";

    /// <summary>From a succession to the record that takes the other's place.</summary>
    public const string SucceededBy = "succeeded_by";

    /// <summary>From a coverage record to where its edge begins, where that is told by a number only.</summary>
    public const string CoverageFrom = "coverage_from";

    /// <summary>From a record to what a person says that it does not cover, though it looks so.</summary>
    public const string CoversNot = "covers_not";
}

/// <summary>The references a record makes, as edges.</summary>
public static class Edges
{
    /// <summary>The source through which people speak.</summary>
    internal const string LedgerSource = "ledger";

    /// <summary>Every reference the record's state makes, in the order the state keeps them. A record that is
    /// cancelled, withdrawn or deleted keeps its edges: whoever walks them says that it is no longer live.</summary>
    public static Edge[] Of(SourceRecord record)
    {
        var origin = new Origin(record);
        Edge?[] told = record.Fold.State switch
        {
            null => [],
            Client c =>
            [
                origin.To(Rels.Parent, c.Parent, "parent"), origin.To(Rels.MergedInto, c.MergedInto, "mergedInto"),
            ],
            Opportunity o =>
            [
                origin.To(Rels.Client, o.Client, "client"), origin.To(Rels.WonAs, o.Proposal, "proposal"),
                origin.To(Rels.WonAs, o.Contract, "contract"),
            ],
            ClientProposal p => OfProposal(origin, p),
            Contract c => OfContract(origin, c),
            RateCard c => [origin.To(Rels.Client, c.Client, "client")],
            Project p => OfProject(origin, p),
            ChangeRequest c =>
            [
                origin.To(Rels.Project, c.Project, "project"), origin.To(Rels.Contract, c.Contract, "contract"),
            ],
            Resource => [],
            Milestone m =>
            [
                origin.To(Rels.Project, m.Project, "project"),
                origin.To(Rels.Contract, LineOf(m.Contract, m.ContractLine), "contract"),
            ],
            TimeEntry t => OfTime(origin, t),
            Expense x => OfExpense(origin, x),
            Invoice i => OfInvoice(origin, i),
            Posting p => OfPosting(origin, p),
            Payment p => OfPayment(origin, p),
            Revenue r => OfRevenue(origin, r),
            KnowledgeAsset k => [.. k.About.Select(about => origin.To(Rels.About, about, "about"))],
            ExchangeRate => [],
            LegalEntity l => [origin.To(Rels.Parent, l.Parent, "parent")],
            AccountingPeriod or BankStatement => [],
            Source s => [.. s.Entities.Select(entity => origin.To(Rels.LegalEntity, entity, "entities"))],
            IdentityLink l => [origin.To(Rels.Links, l.A, "a"), origin.To(Rels.Links, l.B, "b")],
            Coverage c => OfCoverage(origin, c),
            Extract or OwnershipAssignment => [],
            Tolerance or Lag or Materiality or StatusMap or Routing or Case or SignOff => [],
            CompletedRun or SchemaNotice => [],
            TruthOverride o => [origin.To(Rels.Overrides, o.Of, "of")],
            Succession s => [origin.To(Rels.Succeeds, s.Old, "old"), origin.To(Rels.SucceededBy, s.New, "new")],
            var other => throw new UnreachableException($"edges of {other.GetType().Name} are not known"),
        };
        var entity = origin.To(Rels.LegalEntity, record.Fold.State?.Entity, "entity");
        var count = entity is null ? 0 : 1;
        foreach (var edge in told) count += edge is null ? 0 : 1;
        if (entity is null && count == told.Length) return told!;
        var (edges, at) = (new Edge[count], 0);
        foreach (var edge in told)
            if (edge is not null) edges[at++] = edge;
        if (entity is not null) edges[at] = entity;
        return edges;
    }

    private static Edge?[] OfContract(Origin origin, Contract c) =>
    [
        origin.To(Rels.Client, c.Client, "client"),
        .. c.RateCards.Select(card => origin.To(Rels.RateCard, card.Card, "rateCards")),
        origin.To(Rels.Proposal, c.Proposal, "proposal"),
    ];

    /// <summary>The price lists of the version that counts are the proposal's own; those of others are parts of it.
    /// </summary>
    private static Edge?[] OfProposal(Origin origin, ClientProposal p) =>
    [
        origin.To(Rels.Client, p.Client, "client"),
        origin.To(Rels.Opportunity, p.Opportunity, "opportunity"),
        .. p.Versions.SelectMany(version => (version.RateCards ?? Items<Ref>.None).Select(card => origin.To(
            Rels.RateCard, card, "versions", version.Version == p.Version ? null : version.Version))),
    ];

    private static Edge?[] OfRevenue(Origin origin, Revenue r) =>
    [
        origin.To(Rels.Contract, LineOf(r.Contract, r.ContractLine), "contract"),
        origin.To(Rels.Project, r.Project, "project"),
        .. r.Recognitions.SelectMany(x => (x.Reversals ?? Items<Reversal>.None)
            .Select(taken => (taken.Posting, taken.Amount)).Prepend((x.Posting, x.Amount))
            .Select(booked => origin.To(
                Rels.RecognizedIn, booked.Posting, "recognitions", x.Id, amount: Math.Abs(booked.Amount),
                currency: r.Currency))),
    ];

    private static Edge?[] OfProject(Origin origin, Project p) =>
    [
        origin.To(Rels.Client, p.Client, "client"),
        origin.To(Rels.Contract, p.Contract, "contract"),
        origin.To(Rels.Parent, p.Parent, "parent"),
        .. p.Assignments.Select(a => origin.To(Rels.Assigned, a.Resource, "assignments")),
    ];

    private static Edge?[] OfTime(Origin origin, TimeEntry t) =>
    [
        origin.To(Rels.Resource, t.Resource, "resource"),
        origin.To(Rels.Project, t.Project, "project"),
        origin.To(Rels.Task, TaskOf(t.Project, t.Task), "task"),
    ];

    private static Edge?[] OfExpense(Origin origin, Expense x) =>
    [
        origin.To(Rels.Resource, x.Resource, "resource"),
        origin.To(Rels.Supplier, x.Supplier, "supplier"),
        origin.To(Rels.Project, x.Project, "project"),
        origin.To(Rels.Task, TaskOf(x.Project, x.Task), "task"),
    ];

    private static Edge?[] OfInvoice(Origin origin, Invoice i) =>
    [
        origin.To(Rels.Client, i.Client, "client"),
        origin.To(Rels.BillTo, i.BillTo, "billTo"),
        .. i.Contracts.Select(contract => origin.To(Rels.Contract, contract, "contracts")),
        .. i.Projects.Select(project => origin.To(Rels.Project, project, "projects")),
        .. i.Preceding.Select(p => origin.To(RelOf(p.Rel), p.Ref, "preceding", amount: p.Amount, currency: i.Currency)),
        .. i.Lines.SelectMany(line => OfLine(origin, i, line)),
    ];

    private static Edge?[] OfLine(Origin origin, Invoice i, InvoiceLine line) =>
    [
        .. (line.Bills ?? Items<Billed>.None).Select(b =>
            origin.To(Rels.Bills, b.Ref, "lines", line.Line, b.Quantity, b.Amount, i.Currency)),
        origin.To(Rels.Resource, line.Work?.Resource, "lines", line.Line),
        origin.To(
            Rels.Credits, line.Credits is { } credited ? credited.Doc with { Line = credited.Line } : null, "lines",
            line.Line, line.Quantity, line.Net, i.Currency),
    ];

    private static Edge?[] OfPosting(Origin origin, Posting p) =>
    [
        origin.To(Rels.Posts, p.Document, "document", amount: p.Totals?.Gross ?? p.Totals?.Net, currency: p.Currency),
        .. p.Covers.SelectMany(cover => cover.Refs.Select(covered => cover.Refs.Count == 1
            ? origin.To(Rels.Posts, covered, "covers", null, cover.Quantity, cover.Amount, p.Currency)
            : origin.To(Rels.Posts, covered, "covers"))),
        origin.To(Rels.Reverses, p.Reverses, "reverses"),
    ];

    private static Edge?[] OfPayment(Origin origin, Payment p) =>
    [
        origin.To(Rels.Client, p.Client, "client"),
        .. p.Applications.Select(a => origin.To(
            Rels.Settles, a.Target, "applications", a.Id, null, a.TargetAmount ?? a.Amount,
            a.TargetAmount is null ? p.Currency : null)),
    ];

    /// <summary>The edge a coverage record states between two others. Where it begins at a number, it leaves the
    /// coverage record itself, with <see cref="Rels.CoverageFrom"/> beside it.</summary>
    private static Edge?[] OfCoverage(Origin origin, Coverage c)
    {
        if (c.From is null || (c.To is null && c.Rejected.Count == 0)) return [];
        var stream = c.From.Stream(origin.Record.Source);
        var from = origin with { Stream = stream ?? origin.Stream };
        IEnumerable<Edge?> edges = c.Rejected.Count > 0
            ? c.Rejected.Select(no => from.To(Rels.CoversNot, no.To, "rejected", null, null, no.Amount, c.Currency))
            :
            [
                from.To(
                    CoverageRels.Of(c.Rel), c.To, "to", stream is null ? null : c.From.Line, c.Quantity, c.Amount,
                    c.Currency),
            ];
        return stream is null ? [origin.To(Rels.CoverageFrom, c.From, "from"), .. edges] : [.. edges];
    }

    private static Ref? LineOf(Ref? contract, string? line) =>
        line is null || contract is null or { Line: not null } ? contract : contract with { Line = line };

    private static Ref? TaskOf(Ref? project, string? task) =>
        task is null ? null : project is null ? null : project with { Line = task };

    private static string RelOf(PrecedingRelation rel) => rel switch
    {
        PrecedingRelation.Replaces => Rels.Replaces,
        PrecedingRelation.Corrects => Rels.Corrects,
        PrecedingRelation.Credits => Rels.Credits,
        PrecedingRelation.Settles => Rels.Settles,
        PrecedingRelation.Follows => Rels.Follows,
        _ => throw new UnreachableException($"no relation {rel}"),
    };

    /// <summary>Whether many records refer to one in this way: a thousand hours to one project.</summary>
    private static bool IsShared(string rel) =>
        rel is Rels.Project or Rels.Task or Rels.Resource or Rels.Contract or Rels.Client;

    /// <summary>Where edges leave: the record that states them, and the stream they are told of.</summary>
    private sealed record Origin(SourceRecord Record)
    {
        public string Stream { get; init; } = Record.Stream;

        /// <summary>The edge for a reference, null where there is none; asserted by the event that last changed
        /// the field.</summary>
        public Edge? To(
            string rel, Ref? to, string field, string? part = null, Quantity? quantity = null, decimal? amount = null,
            Currency? currency = null) =>
            to is null ? null : new(
                Stream, part, rel, to, IsShared(rel) ? to.SharedStream(Record.Source) : to.Stream(Record.Source),
                Record.Source == LedgerSource ? EdgeBasis.Confirmed : EdgeBasis.Stated, Record.Asserted(field),
                quantity, amount, amount is null ? null : currency);
    }
}
