using System.Collections.Frozen;
using Ledger.Domain;
using Ledger.Projections.Lineage;
using Ledger.Projections.Rating;
using Ledger.Projections.Views;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>A world read the way an accountant reads it: documents, what they bill, who settles and books them.
/// </summary>
internal sealed class Books
{
    private readonly FrozenDictionary<string, Document> byEntity;
    private readonly ILookup<string, BilledItem> byTarget;
    private readonly Dictionary<string, IReadOnlyList<PricedItem>> priced = [];
    private readonly Dictionary<string, BillingDocument> billing = [];
    private readonly Dictionary<string, Stated<Source>> sources;
    private readonly Lazy<ILookup<string, string>> bookedBy;
    private readonly Lazy<Dictionary<Document, Document[]>> twins;
    private readonly Lazy<ILookup<string, DocumentAsking>> askedUnder;

    /// <param name="latest">The latest day of hours and costs that are not in the world; null = there are none.</param>
    public Books(World world, LocalDate? latest = null)
    {
        World = world;
        Policy = Policy.Of(world);
        // A system may be registered by the ledger and by itself; the ledger's word goes first.
        sources = world.Live<Source>(Kind.Source)
            .Where(s => s.Record.Source == Ties.LedgerSource || s.Record.Source == s.Record.Id)
            .OrderBy(s => s.Record.Source != Ties.LedgerSource).DistinctBy(s => s.Record.Id)
            .ToDictionary(s => s.Record.Id);
        Prices = new(world);
        var edges = StatedBills().ToLookup(bill => bill.Document);
        Documents =
        [
            .. world.Entities(Kind.Invoice).Select(e => DocumentOf(e, edges)).OfType<Document>()
                .InNumberOrder(d => d.Number).ThenBy(d => d.IssuedOn)
                .ThenBy(d => d.Record.Stream, StringComparer.Ordinal),
        ];
        byEntity = Documents.ToFrozenDictionary(d => d.Entity.Id);
        byTarget = Documents.SelectMany(d => d.Bills).ToLookup(bill => bill.Target);
        Today = LatestDate(latest);
        twins = new(() => Documents.Where(d => d.Number is not null)
            .GroupBy(d => (d.Number, d.Currency, d.State.DocumentType)).SelectMany(Twins).ToDictionary());
        askedUnder = new(() => DocumentAsking.In(this).ToLookup(a => a.Contract));
        bookedBy = new(() => World.Records.Values
            .Where(r => r.IsLive && r.Fold.State is Posting or Payment).SelectMany(Edges.Of)
            .Where(e => e.Rel is Rels.Posts or Rels.Settles)
            .Select(e => (Document: DocumentOf(e.To, StreamName.SourceOf(e.From)), Source: StreamName.SourceOf(e.From)))
            .Where(x => x.Document is not null).ToLookup(x => x.Document!.Entity.Id, x => x.Source));
    }

    public World World { get; }

    public Prices Prices { get; }

    /// <summary>What finance agreed to.</summary>
    public Policy Policy { get; }

    /// <summary>By number, date and name.</summary>
    public IReadOnlyList<Document> Documents { get; }

    /// <summary>The latest day anything in the ledger speaks of as past: what "overdue" is measured from, since a
    /// report knows no clock.</summary>
    public LocalDate? Today { get; }

    /// <summary>A document, and those of other systems that carry its number while nothing links them: whoever books or
    /// pays one of them means the same money.</summary>
    public IReadOnlyList<Document> Same(Document document) =>
        document.Number is null ? [document] : twins.Value[document];

    /// <summary>Every line that bills the same thing.</summary>
    public IEnumerable<BilledItem> Billing(string target) => byTarget[target];

    /// <summary>The time a document bills, line by line, with every price and quantity stated for it.</summary>
    public IReadOnlyList<PricedItem> Priced(Document document) => priced.TryGetValue(document.Entity.Id, out var known)
        ? known
        : priced[document.Entity.Id] = [.. document.Lines.SelectMany(line => PricedItem.Of(this, document, line))];

    public Document DocumentOf(BilledItem item) => byEntity[World.EntityOf(item.Document).Id];

    /// <summary>The document that a record is one of; null where it is none.</summary>
    public Document? DocumentOf(string stream) =>
        World.Records.TryGetValue(stream, out var record) && record.Kind == Kind.Invoice
            ? byEntity.GetValueOrDefault(World.EntityOf(stream).Id)
            : null;

    /// <summary>The document a reference points at; null while it dangles.</summary>
    public Document? DocumentOf(Ref? reference, string statedBy) =>
        reference is not null && World.Resolve(reference, statedBy) is { } record && record.Kind == Kind.Invoice
            ? byEntity.GetValueOrDefault(World.EntityOf(record.Stream).Id)
            : null;

    /// <summary>The record a reference points at, with its state; null while it dangles.</summary>
    public Stated<TState>? Find<TState>(Ref? reference, string statedBy)
        where TState : RecordState => World.Find<TState>(reference, statedBy);

    /// <summary>The contracts a document is under: those it names, else those of its projects, else those of the work
    /// it bills.</summary>
    public IReadOnlyList<Stated<Contract>> ContractsOf(Document document) =>
        Prices.ContractsOf(new(document.Record, document.State), () => Worked(document));

    /// <summary>The document as prices ask for it.</summary>
    public BillingDocument Billing(Document document)
    {
        if (!billing.TryGetValue(document.Entity.Id, out var known))
            billing.Add(document.Entity.Id, known = Prices.Billing(
                new(document.Record, document.State), () => Worked(document)));
        return known;
    }

    /// <summary>What documents that stand ask for under a contract, in the order of their dates.</summary>
    /// <param name="contract">Its entity.</param>
    public IEnumerable<DocumentAsking> AskedUnder(string contract) => askedUnder.Value[contract];

    /// <summary>The projects a document is for: those it names, else those of the work it bills.</summary>
    public IReadOnlyList<Stated<Project>> ProjectsOf(Document document)
    {
        var named = document.State.Projects.Select(p => Find<Project>(p, document.Record.Source))
            .OfType<Stated<Project>>().ToArray();
        return named.Length > 0
            ? named
            : [.. Worked(document)];
    }

    private IEnumerable<Stated<Project>> Worked(Document document) =>
        document.Bills.Select(ProjectOf).OfType<Stated<Project>>().DistinctBy(p => p.Record.Stream);

    public Stated<Project>? ProjectOf(BilledItem item) =>
        item.Record is null ? null : Find<Project>(item.Project, item.Record.Source);

    /// <summary>What documents are compared within: the contract, else the project, else the client, by name.</summary>
    public string EngagementOf(Document document)
    {
        if (ContractsOf(document) is [var contract, ..]) return EntityId(contract.Record);
        if (ProjectsOf(document) is [var project, ..]) return EntityId(project.Record);
        var source = document.Record.Source;
        var named = document.State.Contracts.Concat(document.State.Projects)
            .Concat(document.Bills.Select(b => b.Project)).Append(document.State.Client)
            .FirstOrDefault(reference => reference is not null);
        return named is null ? source : NameOf(named, source);
    }

    /// <summary>Who did the work, as one name whatever system says it; null where nobody says.</summary>
    public string? PersonOf(BilledItem item) =>
        item.Entry?.Resource is { } person ? EntityOrName(person, item.Record!.Source) : null;

    /// <summary>The entity a reference points at, or while it dangles the name it uses.</summary>
    public string EntityOrName(Ref reference, string statedBy) =>
        World.Resolve(reference, statedBy) is { } record ? EntityId(record) : NameOf(reference, statedBy);

    /// <summary>A system as it was registered; null where it never was.</summary>
    public Stated<Source>? SourceOf(string source) => sources.GetValueOrDefault(source) is { Record: not null } known
        ? known
        : null;

    public IEnumerable<Stated<Source>> Sources => sources.Values.OrderBy(s => s.Record.Id, StringComparer.Ordinal);

    /// <summary>Registered sources that carry a kind on a day, any day where none is given; of one that is suspended
    /// nothing is expected.</summary>
    public IEnumerable<Stated<Source>> Carrying(Kind kind, LocalDate? day) => Sources.Where(s =>
        !IsSuspended(s) && s.State.Kinds.Contains(kind.Name) && (day is not { } on || Carries(s, on)));

    // A system that could say so itself would owe nothing.
    private bool IsSuspended(Stated<Source> source) =>
        source.Record.Source == Ties.LedgerSource && source.State.Suspended?.CountsOn(World.Day) == true;

    /// <summary>Those that keep what is of a legal entity; all of them where it is not known.</summary>
    public IEnumerable<Stated<Source>> Carrying(Kind kind, LocalDate day, string? legalEntity) =>
        Carrying(kind, day).Where(s => legalEntity is null || Keeps(s, legalEntity));

    /// <summary>Whether a source was registered to keep what is of a day.</summary>
    public static bool Carries(Stated<Source> source, LocalDate day) =>
        (source.State.From is not { } from || day >= from) && (source.State.To is not { } to || day <= to);

    /// <summary>Whether a source was registered with a legal entity, or with none: then it keeps them all.</summary>
    public bool Keeps(Stated<Source> source, string? legalEntity) => source.State.Entities.Count == 0
        || source.State.Entities.Any(e => World.Firm.EntityNamed(e, source.Record.Source) == legalEntity);

    /// <summary>The system whose word counts first of those that carry a kind; where none is known to, the role that it
    /// would have.</summary>
    public string KeeperOf(Kind kind, LocalDate? day = null)
    {
        var order = World.Firm.OrderOf(kind, "", null, World.Day);
        return Carrying(kind, day).OrderBy(s => Ownership.Rank(order, s.State.Roles)).Select(s => s.Record.Id)
            .FirstOrDefault() ?? Say.Snake(order[0]);
    }

    /// <summary>Whether a source has had the time it is allowed to deliver what is of that day.</summary>
    public bool IsPastLag(Stated<Source> source, Kind kind, LocalDate day) =>
        Today is not { } today || NodaTime.Period.DaysBetween(day, today) >= Policy.LagOf(source, kind);

    /// <summary>Whether what happened on a day should have reached a system by now; at once where it is allowed no
    /// lag. Of hours and costs, by the ledger's day alone.</summary>
    public bool MayBeAmiss(string source, Kind kind, LocalDate day)
    {
        var lag = SourceOf(source) is { } system ? Policy.LagOf(system, kind) : 0;
        var now = Today is { } today && today > World.Day && !WorkRows.Has(kind) ? today : World.Day;
        return lag == 0 || NodaTime.Period.DaysBetween(day, now) >= lag;
    }

    /// <summary>What a sentence calls a record: its number, else its id.</summary>
    public static string LabelOf(SourceRecord record) => record.Fold.State?.Number ?? record.Id;

    /// <summary>Whether another system than those that issued it booked or settled a document.</summary>
    public bool IsBookedElsewhere(Document document) => bookedBy.Value[document.Entity.Id]
        .Any(source => document.Entity.Members.All(m => m.Source != source));

    public string EntityId(SourceRecord record) => World.EntityOf(record.Stream).Id;

    private static string NameOf(Ref reference, string statedBy) =>
        reference.Stream(statedBy) ?? $"{reference.Kind}#{reference.Number}";

    private Document? DocumentOf(Entity entity, ILookup<string, BilledItem> edges)
    {
        var live = entity.Members.Where(m => m.IsLive).ToArray();
        if (live.Length == 0) return null;
        var main = live.OrderByDescending(m => edges[m.Stream].Any()).ThenBy(m => World.RankOf(entity, m))
            .ThenBy(m => m.Stream, StringComparer.Ordinal).First();
        var bills = edges[main.Stream].ToLookup(b => b.Line);
        var stated = ((Invoice)main.Fold.State!).Lines;
        var lines = stated.GroupBy(l => l.Line).SelectMany(same => Lines([.. same], bills[same.Key])).ToList();
        foreach (var other in bills.Where(group => stated.All(l => l.Line != group.Key)).OrderBy(g => g.Key))
            lines.Add(new(other.Key, null, other.ToItems()));
        return new(entity, main, lines.ToItems());
    }

    /// <summary>A line with what it bills. Lines that share an id, as careless sources write them, are told apart by
    /// what each says it bills.</summary>
    private static IEnumerable<DocumentLine> Lines(InvoiceLine[] same, IEnumerable<BilledItem> bills)
    {
        if (same is [var only]) return [new(only.Line, only, bills.ToItems())];
        return same.Select((line, i) =>
        {
            var id = i == 0 ? line.Line : $"{line.Line} ({i + 1})";
            var own = bills.Where(b => line.Bills?.Any(said => said.Ref == b.Ref) == true);
            return new DocumentLine(id, line, own.Select(b => b with { Line = id }).ToItems());
        });
    }

    /// <summary>One number at several systems is one document, where it is unique at each of them.</summary>
    private static IEnumerable<KeyValuePair<Document, Document[]>> Twins(IEnumerable<Document> numbered)
    {
        var all = numbered.ToArray();
        var unique = all.GroupBy(d => d.Record.Source).All(g => g.Count() == 1);
        return all.Select(d => KeyValuePair.Create(d, unique ? all.OrderBy(o => o == d ? 0 : 1).ToArray() : [d]));
    }

    /// <summary>What lines bill, by their own word or by a stated coverage; each thing once a line.</summary>
    private IEnumerable<BilledItem> StatedBills()
    {
        var seen = new HashSet<(string, string, string)>();
        foreach (var record in World.Records.Values.Where(Bills).OrderBy(r => r.Kind == Kind.Coverage)
            .ThenBy(r => r.Stream, StringComparer.Ordinal))
        {
            foreach (var edge in Edges.Of(record).Where(e => e.Rel == Rels.Bills))
            {
                var (document, line) = (edge.From, edge.FromPart ?? "");
                if (record.Fold.State is Coverage { From: { } from })
                {
                    if (World.Resolve(from, record.Source) is not { } stated) continue;
                    (document, line) = (stated.Stream, from.Line ?? "");
                }

                var target = World.Resolve(edge.To, record.Source);
                var name = (target is null ? NameOf(edge.To, record.Source) : EntityId(target))
                    + (edge.To.Line is { } part ? "#" + part : "");
                if (!seen.Add((document, line, name))) continue;
                var decided = target is null ? null : World.Decided(World.EntityOf(target.Stream), target);
                yield return new(
                    document, line, edge.To, name, decided, edge.Quantity, edge.Amount, edge.Position);
            }
        }
    }

    private static bool Bills(SourceRecord record) => record.IsLive
        && (record.Kind == Kind.Invoice
            || record.Fold.State is Coverage { Rel: CoverageRelation.Bills, Withdrawn: false });

    private LocalDate? LatestDate(LocalDate? latest)
    {
        foreach (var record in World.Records.Values)
        {
            var day = record.Fold.State switch
            {
                Invoice i => i.IssuedOn,
                TimeEntry t => t.WorkedOn,
                Expense e => e.IncurredOn,
                Posting p => p.PostedOn,
                Payment p => p.ReceivedOn,
                BankStatement s => s.To,
                _ => null,
            };
            if (latest is null || day > latest) latest = day ?? latest;
        }

        return latest;
    }
}
