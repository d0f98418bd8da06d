using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>A document that was issued, with each field by its owner's word.</summary>
/// <param name="Owed">What the client owes by it, tax and all; negative where it gives money back. Null where it states
/// no amount.</param>
/// <param name="EndedOn">Since when it asks for nothing: cancelled or voided; null = it stands.</param>
internal sealed record Paper(
    ComposedEntity Composed, SourceRecord Record, ProofAccount Account, LocalDate IssuedOn, LocalDate? EndedOn,
    decimal? Owed)
{
    public string Id => Composed.Entity.Id;

    public bool IsCreditNote => Composed.Value<DocumentType>("documentType") is DocumentType.CreditNote;

    public Items<InvoiceLine> Lines => Composed.Value<Items<InvoiceLine>>("lines") ?? Items<InvoiceLine>.None;

    /// <summary>Whose lines count.</summary>
    /// <summary>What it asks for before tax; negative where it gives money back. Null where it states none.</summary>
    public decimal? Net
    {
        get
        {
            var totals = Composed.Value<InvoiceTotals>("totals");
            var net = totals?.Net ?? (totals?.Gross ?? totals?.Payable) - (totals?.Tax ?? 0m)
                ?? (Lines.Count > 0 && Lines.All(l => l.Net is not null) ? Lines.Sum(l => l.Net) : null);
            return IsCreditNote && net is { } given ? -Math.Abs(given) : net;
        }
    }

    public string LinesBy => Composed.Field("lines")?.By.Source ?? Record.Source;

    public string Label => Composed.Value<string>("number") ?? Id;

    public long PositionOf(string field) => Composed.Field(field)?.Position ?? Record.Fold.First;

    public IEnumerable<string> Streams => Composed.Entity.Members.Select(m => m.Stream);
}

/// <summary>Every document that was issued, by its entity.</summary>
internal sealed class Papers
{
    private readonly World world;
    private readonly Accounts accounts;
    private readonly Dictionary<string, Paper> all = [];
    private readonly Lazy<ILookup<string, decimal>> used;

    public Papers(World world, Books books, Accounts accounts)
    {
        (this.world, this.accounts) = (world, accounts);
        used = new(() => Used().ToLookup(u => u.Note.Id, u => u.Amount));
        foreach (var document in books.Documents)
            if (Of(document) is { } paper) all.Add(paper.Id, paper);
        // A credit note that names no contract gives back under that of what it credits.
        foreach (var paper in all.Values.Where(p => p.Account.Contract is null).ToArray())
            if (Credited(paper).FirstOrDefault() is { } first)
                all[paper.Id] = paper with
                {
                    Account = paper.Account with
                    {
                        Contract = first.Account.Contract,
                        LegalEntity = paper.Account.LegalEntity ?? first.Account.LegalEntity,
                    },
                };
    }

    public IReadOnlyCollection<Paper> All => all.Values;

    public Paper? Find(string entity) => all.GetValueOrDefault(entity);

    /// <summary>From when until before when a document asked for nothing: while documents stood that replace or
    /// correct it, and since it ended itself. In order, apart from each other; only the last may be without an end.
    /// </summary>
    /// <param name="line">Counts what takes the place of this line alone, too.</param>
    public List<(LocalDate From, LocalDate? Until)> Gone(Paper paper, string? line = null)
    {
        var turns = new SortedDictionary<LocalDate, int>();
        var replacing = world.CoverageInto(paper.Id)
            .Where(c => c.Rel is Rels.Replaces or Rels.Corrects && c.FromEntity != paper.Id
                && (c.ToPart is null || c.ToPart == line) && StoodOnce(c))
            .Select(c => Find(c.FromEntity)).OfType<Paper>().Distinct();
        foreach (var other in replacing)
        {
            Turn(LocalDate.Max(other.IssuedOn, paper.IssuedOn), 1);
            if (other.EndedOn is { } stood) Turn(LocalDate.Max(stood, paper.IssuedOn), -1);
        }

        if (paper.EndedOn is { } ended) Turn(ended, 1);
        var gone = new List<(LocalDate, LocalDate?)>();
        var (standing, since) = (0, default(LocalDate));
        foreach (var (day, change) in turns)
        {
            if (standing == 0) since = day;
            else if (standing + change == 0) gone.Add((since, day));
            standing += change;
        }

        if (standing > 0) gone.Add((since, null));
        return gone;

        void Turn(LocalDate day, int change) => turns[day] = turns.GetValueOrDefault(day) + change;
    }

    /// <summary>From when on a document asks for how much less: while others take its place, or that of some of its
    /// lines. In order; the last counts now.</summary>
    public IEnumerable<(LocalDate On, decimal Less)> Less(Paper paper)
    {
        var owed = paper.Owed ?? 0m;
        return Less(paper, owed, lines => LineShares.Of(
            lines, paper.Composed.Value<InvoiceTotals>("totals")?.Tax, owed, paper.Account.Currency));
    }

    /// <summary>The same before tax.</summary>
    public IEnumerable<(LocalDate On, decimal Less)> NetLess(Paper paper) =>
        Less(paper, paper.Net ?? 0m, lines => Array.ConvertAll(lines, l => l.Net ?? 0m));

    private IEnumerable<(LocalDate On, decimal Less)> Less(
        Paper paper, decimal all, Func<InvoiceLine[], decimal[]> shares)
    {
        var whole = Gone(paper);
        var lines = ReplacedLines(paper, shares).Select(l => (l.Share, Gone: Gone(paper, l.Line))).ToArray();
        foreach (var day in whole.Concat(lines.SelectMany(l => l.Gone))
            .SelectMany(g => new[] { g.From, g.Until }).OfType<LocalDate>().Distinct().Order())
        {
            var gone = lines.Where(l => IsIn(l.Gone, day)).ToArray();
            var isAll = IsIn(whole, day) || (gone.Length > 0 && gone.Length == paper.Lines.Count);
            yield return (day, LineShares.Taken(isAll, gone.Sum(l => l.Share), all));
        }

        static bool IsIn(List<(LocalDate From, LocalDate? Until)> gone, LocalDate day) =>
            gone.Any(g => g.From <= day && !(g.Until <= day));
    }

    /// <summary>The lines that something took the place of, with their shares.</summary>
    private (string Line, decimal Share)[] ReplacedLines(Paper paper, Func<InvoiceLine[], decimal[]> shares)
    {
        var named = world.CoverageInto(paper.Id)
            .Where(c => c is { Rel: Rels.Replaces or Rels.Corrects, ToPart: not null }).Select(c => c.ToPart)
            .ToHashSet();
        if (named.Count == 0) return [];
        InvoiceLine[] lines = [.. paper.Lines];
        return [.. lines.Zip(shares(lines), (l, share) => (l.Line, share)).Where(l => named.Contains(l.Line))];
    }

    /// <summary>Whether coverage counts, or would if what it comes from still stood.</summary>
    public bool StoodOnce(CoverageEdge edge)
    {
        if (edge.Live) return true;
        if (!world.Records.TryGetValue(edge.FromStream, out var from)) return false;
        var by = world.Records[edge.StatedBy];
        if (!world.Counts(by) || !world.Counts(from) || by.Fold.State is Coverage { Withdrawn: true }) return false;
        return by.Stream != from.Stream || world.SpeaksFor(by, edge.FromPart is null ? "preceding" : "lines");
    }

    /// <summary>The live documents that give back what one asks, or take its place.</summary>
    public IEnumerable<Paper> Undoing(Paper paper) =>
        Into(paper, c => c.Rel is Rels.Replaces or Rels.Corrects or Rels.Credits);

    /// <summary>What a credit note gives back of each document it names; what it gives back of none is its own.
    /// </summary>
    public IReadOnlyList<(Paper Of, decimal Amount)> Shares(Paper note)
    {
        if (note is not { IsCreditNote: true, Owed: < 0m and var owed, Account.Currency: { } currency }) return [];
        var given = -owed;
        var credited = Credited(note).Where(p => p.Account.Currency == currency).ToArray();
        if (credited is [var only]) return [(only, given)];
        if (credited.Length == 0) return [];
        var weights = Array.ConvertAll(credited, p => WeightOf(note, p));
        if (weights.Any(w => w < 0m) || weights.Sum() <= 0m) return [];
        // Lines are told before tax: where they are all there is of the note, its tax goes with them.
        var isAll = Stated(note).Length == 0 && NetOf(note) == weights.Sum();
        var whole = new Money(isAll ? given : Math.Min(given, weights.Sum()), currency);
        return [.. credited.Zip(whole.Allocate(weights), (p, share) => (p, share.Amount))];
    }

    /// <summary>Whether a credit note says itself that it gives back of a document.</summary>
    public bool Names(Paper note, Paper of) => Shares(note).Any(s => s.Of.Id == of.Id);

    /// <summary>The credit note whose money is applied; null where that is not known.</summary>
    public Paper? NoteOf(Application application, string by) =>
        application.Credit is { } credit ? Find(credit, by) : null;

    /// <summary>The document a reference points at.</summary>
    public Paper? Find(Ref reference, string by) =>
        world.Resolve(reference, by) is { } record && record.Kind == Kind.Invoice
            ? Find(world.EntityOf(record.Stream).Id)
            : null;

    /// <summary>What of a credit note's money was paid out, or applied to documents it does not name.</summary>
    public decimal UsedOf(Paper note) => note.IsCreditNote ? used.Value[note.Id].Sum() : 0m;

    private IEnumerable<(Paper Note, decimal Amount)> Used()
    {
        foreach (var record in world.Records.Values)
        {
            if (record.Fold.State is not Payment { Status: PaymentStatus.Received } payment || !world.Counts(record))
                continue;
            foreach (var paid in payment.CreditsPaidOut.AsEnumerable())
                if (Find(paid.Credit, record.Source) is { } note && note.Account.Currency == paid.Currency)
                    yield return (note, paid.Amount);
            foreach (var a in payment.Applications.AsEnumerable())
                if (a is { Kind: ApplicationKind.Credit, Withdrawn: false } && NoteOf(a, record.Source) is { } note
                    && Find(a.Target, record.Source) is { } of && !Names(note, of))
                    yield return (note, a.Amount);
        }
    }

    private IEnumerable<Paper> Into(Paper paper, Func<CoverageEdge, bool> means) => world.CoverageInto(paper.Id)
        .Where(c => c.Live && c.FromEntity != paper.Id && means(c)).Select(c => Find(c.FromEntity)).OfType<Paper>()
        .Distinct();

    private IEnumerable<Paper> Credited(Paper note) => CreditsOf(note).Select(c => Find(c.Ref, c.By)).OfType<Paper>()
        .Where(p => p.Id != note.Id).Distinct();

    private decimal WeightOf(Paper note, Paper of) => CreditsOf(note)
        .Where(c => Find(c.Ref, c.By) == of).Sum(c => Math.Abs(c.Amount ?? 0m));

    private static IEnumerable<(Ref Ref, string By, decimal? Amount)> CreditsOf(Paper note)
    {
        var whole = Stated(note);
        var by = note.Composed.Field("preceding")?.By.Source ?? note.Record.Source;
        return whole.Length > 0
            ? whole.Select(p => (p.Ref, by, p.Amount))
            : note.Lines.Where(l => l.Credits is not null).Select(l => (l.Credits!.Doc, note.LinesBy, l.Net));
    }

    private static Preceding[] Stated(Paper note) =>
    [
        .. (note.Composed.Value<Items<Preceding>>("preceding") ?? Items<Preceding>.None)
            .Where(p => p.Rel is PrecedingRelation.Credits),
    ];

    /// <summary>What a document states before tax, unsigned; else its lines.</summary>
    private static decimal NetOf(Paper paper)
    {
        var totals = paper.Composed.Value<InvoiceTotals>("totals");
        return Math.Abs(totals?.Net ?? (totals?.Gross ?? totals?.Payable) - (totals?.Tax ?? 0m)
            ?? paper.Lines.Sum(l => l.Net ?? 0m));
    }

    private Paper? Of(Document document)
    {
        var composed = world.Compose(document.Entity);
        var status = composed.Value<InvoiceStatus?>("status");
        var isEnded = status is InvoiceStatus.Cancelled or InvoiceStatus.Voided;
        var issued = composed.Value<LocalDate?>("issuedOn");
        if (status is not InvoiceStatus.Issued && !(isEnded && issued is not null)) return null;
        var on = issued ?? LocalDate.MinIsoValue;
        var ended = composed.Value<LocalDate?>("endedOn") ?? on;
        var currency = composed.Value<Currency?>("currency") ?? document.Currency;
        return new(
            composed, document.Record, accounts.Of(document, composed, currency), on,
            isEnded ? LocalDate.Max(ended, on) : null, OwedBy(composed));
    }

    private static decimal? OwedBy(ComposedEntity composed)
    {
        var asked = Amounts.Of(composed.Value<InvoiceTotals>("totals"))
            ?? (composed.Value<Items<InvoiceLine>>("lines") is { Count: > 0 } lines && lines.All(l => l.Net is not null)
                ? lines.Sum(l => l.Net!.Value)
                : null);
        return composed.Value<DocumentType>("documentType") is DocumentType.CreditNote ? -Math.Abs(asked ?? 0m) : asked;
    }
}

/// <summary>Which account a thing belongs to.</summary>
internal sealed class Accounts(World world, Books books)
{
    private readonly Dictionary<string, string?> legalEntities = [];

    public ProofAccount Of(Document document, ComposedEntity composed, Currency? currency)
    {
        var contract = books.ContractsOf(document) is [var first, ..] ? books.EntityId(first.Record)
            : books.ProjectsOf(document) is [var project, ..] ? books.EntityId(project.Record)
            : null;
        return new(contract, composed.LegalEntity ?? LegalEntityOf(contract), currency);
    }

    /// <summary>Of an obligation: the contract it names, else its project's; null where no contract is known.</summary>
    public ProofAccount? OfRevenue(ComposedEntity revenue)
    {
        if (ContractOf(revenue) is not { } record) return null;
        var contract = world.Compose(world.EntityOf(record.Stream));
        return new(
            contract.Entity.Id, revenue.LegalEntity ?? LegalEntityOf(contract.Entity.Id),
            revenue.Value<Currency?>("currency") ?? contract.Value<Currency?>("currency"));
    }

    private SourceRecord? ContractOf(ComposedEntity revenue)
    {
        if (revenue.Field("contract") is { Value: Ref named, By.Source: var source }
            && books.Find<Contract>(named, source) is { } contract) return contract.Record;
        return revenue.Field("project") is { Value: Ref of, By.Source: var by }
            && books.Find<Project>(of, by) is { } project
                ? books.Prices.ContractOf(project)?.Record
                : null;
    }

    /// <param name="engagement">A contract's entity, or a project's; empty = none is known.</param>
    public ProofAccount Of(string engagement, ComposedEntity work, Currency? currency)
    {
        var contract = engagement.Length == 0 ? null : engagement;
        return new(contract, LegalEntityOf(contract) ?? work.LegalEntity, currency);
    }

    public string NameOf(ProofAccount account)
    {
        if (account.Contract is not { } contract) return "under no contract";
        var name = world.Compose(world.EntityOf(contract)).Value<string>("number") ?? StreamName.IdOf(contract);
        return StreamName.KindOf(contract) == Kind.Contract.Name ? name : $"project {name}, under no contract";
    }

    public string? LegalEntityName(string? legalEntity) => legalEntity is not null
        && world.Records.TryGetValue(legalEntity, out var record) && record.Kind == Kind.LegalEntity
            ? world.Compose(world.EntityOf(legalEntity)).Value<string>("name") ?? legalEntity
            : legalEntity;

    /// <summary>Whether words mean a legal entity: any of its streams, its number, its id or its name.</summary>
    public bool Means(string words, string? legalEntity)
    {
        if (legalEntity is null) return false;
        if (words == legalEntity || words == LegalEntityName(legalEntity)) return true;
        return world.Records.ContainsKey(legalEntity)
            && world.EntityOf(legalEntity).Members.Any(m => m.Stream == words || m.Id == words
                || m.Fold.State?.Number == words);
    }

    private string? LegalEntityOf(string? contract)
    {
        if (contract is null) return null;
        if (!legalEntities.TryGetValue(contract, out var known))
            legalEntities.Add(contract, known = world.Compose(world.EntityOf(contract)).LegalEntity);
        return known;
    }
}
