using Ledger.Domain;
using Ledger.Projections.Identity;
using NodaTime;

namespace Ledger.Projections;

/// <summary>What the firm says of itself: its systems as registered, its legal entities and their periods, and whose
/// word counts. Few records, read by every question.</summary>
public sealed class Firm
{
    public static readonly Firm Nothing = new([]);

    /// <summary>Kinds whose records fall into accounting periods.</summary>
    private static readonly string[] Dated =
    [
        Kind.Milestone.Name, Kind.Time.Name, Kind.Expense.Name, Kind.Invoice.Name, Kind.Posting.Name,
        Kind.Payment.Name, Kind.Revenue.Name,
    ];

    private readonly Dictionary<string, (SourceRecord Record, Source State)> registered = [];
    private readonly Dictionary<string, List<OwnershipOrder>> assignments = [];
    private readonly LegalEntities entities;
    private readonly List<(SourceRecord Record, AccountingPeriod State, string? Entity)> periods = [];

    /// <param name="records">Of any kind; only those of <see cref="Concerns"/> count.</param>
    public Firm(IEnumerable<SourceRecord> records)
    {
        var mine = records.Where(Concerns).OrderBy(r => r.Stream, StringComparer.Ordinal).ToArray();
        Registrations = [.. mine.Where(r => r.Kind == Kind.Source && r.IsLive && MayRegister(r))];
        foreach (var record in Registrations)
            if (!registered.TryGetValue(record.Id, out var other)
                || (other.Record.Source != Ties.LedgerSource && record.Source == Ties.LedgerSource))
                registered[record.Id] = (record, (Source)record.Fold.State!);
        Replaced = [.. mine.Select(Replacement.Of).OfType<Replacement>().OrderBy(r => r.Said, SourceOrders.Earlier)];
        entities = new(mine, this);
        foreach (var record in mine)
        {
            if (OwnershipOrder.Of(record, this) is { } assigned) OrdersOf(assigned.State.Of!).Add(assigned);
            if (record is { IsLive: true, Fold.State: AccountingPeriod period })
                periods.Add((record, period, EntityOf(record)));
        }
    }

    /// <summary>The live registrations: by the ledger, or of a system by itself.</summary>
    public IReadOnlyList<SourceRecord> Registrations { get; }

    /// <summary>Systems that were replaced by others, what was said first first.</summary>
    public IReadOnlyList<Replacement> Replaced { get; }

    /// <summary>The same record at the systems that were replaced by its own, or replaced it.</summary>
    public IEnumerable<string> CounterpartsOf(string stream)
    {
        if (Replaced.Count == 0) yield break;
        if (!StreamName.TryParse(stream, out var kind, out var source, out var id)) yield break;
        foreach (var replaced in Replaced)
            if (replaced.Old == source) yield return StreamName.Of(kind, replaced.New, id);
            else if (replaced.New == source) yield return StreamName.Of(kind, replaced.Old, id);
    }

    /// <summary>Whether a record says something of the firm: a system, a legal entity, a period, ownership, a system
    /// that was replaced, or two legal entities that are one.</summary>
    public static bool Concerns(SourceRecord record) =>
        record.Kind == Kind.Source || record.Kind == Kind.LegalEntity || record.Kind == Kind.Period
        || record.Kind == Kind.Ownership
        || (record.Fold.State is Succession { Old.Kind: var of } && (of == Kind.Source.Name || IsEntity(of)))
        || (record.Fold.State is IdentityLink { A.Kind: var linked } && IsEntity(linked));

    /// <summary>The roles a system was registered with; unregistered, the role its name begins with
    /// (<c>erp-uk</c> is an ERP), else none.</summary>
    public Items<Role> RolesOf(string source)
    {
        if (registered.TryGetValue(source, out var known)) return known.State.Roles;
        var begins = source.Split('-')[0];
        return Enum.TryParse<Role>(begins, ignoreCase: true, out var role) && char.IsAsciiLetter(begins[0])
            ? [role]
            : Items<Role>.None;
    }

    /// <summary>The roles whose word counts for a field on a day, best first: by the assignment in force that began
    /// last, for the field before the kind, for the legal entity before all of them; else the default. Every role is
    /// somewhere in it.</summary>
    /// <param name="field">As in the state's JSON.</param>
    /// <param name="legalEntity">As <see cref="EntityOf"/> tells it.</param>
    public Items<Role> OrderOf(Kind kind, string field, string? legalEntity, LocalDate day)
    {
        if (!assignments.TryGetValue(kind.Name, out var assigned)) return Ownership.Order(kind, field);
        OwnershipOrder? best = null;
        foreach (var one in assigned)
            if (one.Covers(field, legalEntity, day) && (best is null || one.Beats(best))) best = one;
        return best?.Order ?? Ownership.Order(kind, field);
    }

    /// <summary>Whether somebody was assigned to own the kind, or a field of it.</summary>
    internal bool Assigns(Kind kind) => assignments.ContainsKey(kind.Name);

    /// <summary>Whether the kind has an owner at all; what is told of systems and links has none.</summary>
    public bool HasOwner(Kind kind) => Ownership.HasOwner(kind) || assignments.ContainsKey(kind.Name);

    /// <summary>The legal entity a record belongs to: its own reference, else the only one its source is registered
    /// with; null = not known. The id of the entity where the ledger has the legal entity, else the words that name
    /// it.</summary>
    public string? EntityOf(SourceRecord record)
    {
        if (record.Kind == Kind.LegalEntity) return entities.IdOf(record.Stream);
        if (record.Fold.State?.Entity is { } stated) return entities.Named(stated, record.Source);
        return registered.TryGetValue(record.Source, out var known) && known.State.Entities.Count == 1
            ? entities.Named(known.State.Entities[0], known.Record.Source)
            : null;
    }

    /// <summary>The legal entity that a reference means, as <see cref="EntityOf"/> tells it.</summary>
    public string EntityNamed(Ref reference, string statedBy) => entities.Named(reference, statedBy);

    /// <summary>The IANA time zone of a legal entity, by the first of its records that says one; null = not known.
    /// </summary>
    /// <param name="legalEntity">As <see cref="EntityOf"/> tells it.</param>
    public string? ZoneOf(string? legalEntity) => entities.ZoneOf(legalEntity);

    /// <summary>The day of an event by its system's calendar: in the zone that it is registered with, else in UTC.
    /// </summary>
    public LocalDate DateOf(string source, Instant time) => time.InZone(
        registered.TryGetValue(source, out var known) && known.State.Zone is { } zone
            ? DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc
            : DateTimeZone.Utc).Date;

    /// <summary>The accounting period of a legal entity in which a day lies, by the word of the system whose role owns
    /// periods; null where none is known.</summary>
    /// <param name="legalEntity">As <see cref="EntityOf"/> tells it.</param>
    public Stated<AccountingPeriod>? PeriodOf(string? legalEntity, LocalDate day)
    {
        (int Rank, Stated<AccountingPeriod> Period)? best = null;
        foreach (var (record, state, entity) in periods)
        {
            if (entity != legalEntity || !state.Contains(day)) continue;
            var rank = Ownership.Rank(Ownership.Order(Kind.Period, "status"), RolesOf(record.Source));
            if (best is null || rank < best.Value.Rank) best = (rank, new(record, state));
        }

        return best?.Period;
    }

    /// <summary>The first and last day of a legal entity's accounting period that bears a name, by the word of the
    /// system whose role owns periods; empty where none is known. Of the whole firm those of each legal entity that has
    /// one so named, each only once: several where they differ.</summary>
    /// <param name="legalEntity">As <see cref="EntityOf"/> tells it; null = the whole firm.</param>
    public IReadOnlyList<(LocalDate From, LocalDate To)> DaysOf(string? legalEntity, string name) =>
    [
        .. periods.Where(p => p.State is { From: not null, To: not null } && p.State.Name == name
                && (legalEntity is null || p.Entity == legalEntity))
            .GroupBy(p => p.Entity)
            .Select(g => g.MinBy(
                p => Ownership.Rank(Ownership.Order(Kind.Period, "status"), RolesOf(p.Record.Source))).State)
            .Select(p => (p.From!.Value, p.To!.Value)).Distinct().Order(),
    ];

    /// <summary>Position of the event that made a closed period what it is.</summary>
    public static long ClosedAt(SourceRecord period) => Math.Max(
        Math.Max(period.Asserted("status"), period.Asserted("from")),
        Math.Max(period.Asserted("to"), period.Asserted("entity")));

    /// <summary>Position of the event since which nothing but corrections should fall into a period; null = anything
    /// may.</summary>
    public static long? SoftClosedAt(SourceRecord period) =>
        period.Fold.State is AccountingPeriod { SoftClosed: true }
            ? Math.Max(
                Math.Max(period.Asserted("softClosed"), period.Asserted("from")),
                Math.Max(period.Asserted("to"), period.Asserted("entity")))
            : null;

    /// <summary>What has to be judged anew where the firm was another <paramref name="before"/>, and where the day
    /// moved.</summary>
    /// <param name="dayBefore">The day as it was judged before.</param>
    public FirmChange ChangeSince(Firm before, LocalDate dayBefore, LocalDate day)
    {
        var sources = registered.Keys.Union(before.registered.Keys).Where(source =>
            !RolesOf(source).Equals(before.RolesOf(source))
            || !EntitiesOf(source).SequenceEqual(before.EntitiesOf(source))).ToHashSet();
        sources.UnionWith(MovedSince(before, dayBefore, day));
        var kinds = assignments.Keys.Union(before.assignments.Keys)
            .Where(kind => !InForce(kind, day).SequenceEqual(before.InForce(kind, dayBefore))).ToHashSet();
        if (PeriodsDiffer(before)) kinds.UnionWith(Dated);
        return new(!entities.SameAs(before.entities), sources, kinds);
    }

    /// <summary>The systems whose records go on as others than <paramref name="before"/>; with them all along the
    /// chains they are in: what a system has not got is looked for along the whole of it.</summary>
    private HashSet<string> MovedSince(Firm before, LocalDate dayBefore, LocalDate day)
    {
        var links = Replaced.Union(before.Replaced).ToArray();
        var moved = links.Where(r => !Replaced.Contains(r) || !before.Replaced.Contains(r)
            || r.IsInForce(day) != r.IsInForce(dayBefore)).SelectMany(r => new[] { r.Old, r.New }).ToHashSet();
        for (var known = -1; known != moved.Count;)
        {
            known = moved.Count;
            foreach (var link in links)
                if (moved.Contains(link.Old) || moved.Contains(link.New)) moved.UnionWith([link.Old, link.New]);
        }

        return moved;
    }

    /// <summary>The systems whose roles differ from those <paramref name="before"/>.</summary>
    public IEnumerable<string> ChangedSince(Firm before) =>
        registered.Keys.Union(before.registered.Keys).Where(source => !RolesOf(source).Equals(before.RolesOf(source)));

    private List<OwnershipOrder> OrdersOf(string kind)
    {
        if (!assignments.TryGetValue(kind, out var assigned)) assignments.Add(kind, assigned = []);
        return assigned;
    }

    private IEnumerable<string?> EntitiesOf(string source) => registered.TryGetValue(source, out var known)
        ? known.State.Entities.Select(e => entities.Named(e, known.Record.Source))
        : [];

    private IEnumerable<(string?, string?, LocalDate?, SourceOrder?, Items<Role>)> InForce(
        string kind, LocalDate day) =>
        assignments.GetValueOrDefault(kind, []).Where(a => a.State.IsInForce(day))
            .Select(a => (a.State.Field, a.LegalEntity, a.State.From, a.Said, a.Order));

    /// <summary>Whether a period closed, opened or moved so that records not touched since may fall into a closed one,
    /// or out of it. One that was just closed has nothing in it that came later.</summary>
    private bool PeriodsDiffer(Firm before) =>
        Differ(before, p => p.State.Status is PeriodStatus.Closed ? ClosedAt(p.Record) : null)
        || Differ(before, p => SoftClosedAt(p.Record));

    private bool Differ(
        Firm before, Func<(SourceRecord Record, AccountingPeriod State, string? Entity), long?> closedAt)
    {
        var (now, then) = (Closures(closedAt), before.Closures(closedAt));
        foreach (var stream in now.Keys.Union(then.Keys))
        {
            var (closed, was) = (now.GetValueOrDefault(stream), then.GetValueOrDefault(stream));
            if (closed == was) continue;
            var heard = before.periods.Find(p => p.Record.Stream == stream).Record?.Fold.Last ?? 0;
            if (was is not null || closed!.Since <= heard) return true;
        }

        return false;
    }

    private Dictionary<string, Closure> Closures(
        Func<(SourceRecord Record, AccountingPeriod State, string? Entity), long?> closedAt) =>
        periods.Select(p => (Period: p, Since: closedAt(p))).Where(p => p.Since is not null).ToDictionary(
            p => p.Period.Record.Stream,
            p => new Closure(p.Period.State.From, p.Period.State.To, p.Period.Entity, p.Since!.Value));

    private static bool MayRegister(SourceRecord said) => said.Source == Ties.LedgerSource || said.Source == said.Id;

    private static bool IsEntity(string kind) => kind == Kind.LegalEntity.Name;

    private sealed record Closure(LocalDate? From, LocalDate? To, string? Entity, long Since);
}

/// <summary>What has to be judged anew since a firm was another.</summary>
/// <param name="All">Everything: legal entities came, went or turned out to be one.</param>
/// <param name="Sources">Every record of these systems.</param>
/// <param name="Kinds">Every record of these kinds.</param>
public sealed record FirmChange(bool All, IReadOnlySet<string> Sources, IReadOnlySet<string> Kinds)
{
    public bool IsNothing => !All && Sources.Count == 0 && Kinds.Count == 0;
}

/// <summary>A system that was replaced by another: each of its records goes on as the new one's of the same kind and
/// id.</summary>
/// <param name="Stream">Of the succession that states it.</param>
/// <param name="From">The first day on which the new one's records count.</param>
/// <param name="Said">When the ledger says it was so.</param>
public sealed record Replacement(
    string Stream, string Old, string New, LocalDate From, long Position, SourceOrder? Said)
{
    public bool IsInForce(LocalDate day) => day >= From;

    /// <summary>What a record states of two systems; null where it states nothing of the kind. Only the ledger's own
    /// word counts.</summary>
    public static Replacement? Of(SourceRecord record) =>
        record is { IsLive: true, Source: Ties.LedgerSource, Fold.State: Succession { From: { } from } s }
        && s is { Withdrawn: false, Old: { Id: { } old, Kind: "source" }, New: { Id: { } by, Kind: "source" } }
        && old != by
            ? new(
                record.Stream, old, by, from, record.Changed("old", "new", "from", "withdrawn"), record.Fold.Order)
            : null;
}

/// <summary>An assignment of ownership, ready to be asked.</summary>
/// <param name="Said">When the ledger says it was so.</param>
/// <param name="Order">Its roles, then all others by default.</param>
internal sealed record OwnershipOrder(
    OwnershipAssignment State, string? LegalEntity, SourceOrder? Said, Items<Role> Order)
{
    /// <summary>The assignment a record states to the ledger; null where it states none, or took it back.</summary>
    public static OwnershipOrder? Of(SourceRecord record, Firm firm)
    {
        if (record is not { IsLive: true, Source: Ties.LedgerSource, Fold.State: OwnershipAssignment state })
            return null;
        if (state.Withdrawn || state.Of is null || !Kind.TryFind(state.Of, out var kind)) return null;
        var order = state.Roles.Concat(Ownership.Order(kind, state.Field ?? "")).Distinct().ToItems();
        return new(state, firm.EntityOf(record), record.Fold.Order, order);
    }

    public bool Covers(string field, string? legalEntity, LocalDate day) =>
        (State.Field is null || State.Field == field)
        && (LegalEntity is null || LegalEntity == legalEntity) && State.IsInForce(day);

    /// <summary>Whether it counts before another that covers the same.</summary>
    public bool Beats(OwnershipOrder other)
    {
        var order = (State.Field is not null).CompareTo(other.State.Field is not null);
        if (order == 0) order = (LegalEntity is not null).CompareTo(other.LegalEntity is not null);
        if (order == 0) order = Nullable.Compare(State.From, other.State.From);
        return (order != 0 ? order : SourceOrders.Compare(Said, other.Said)) > 0;
    }
}

/// <summary>The firm's legal entities, put together from what several systems say of them.</summary>
internal sealed class LegalEntities
{
    private readonly Dictionary<string, string> ids = [];
    private readonly Dictionary<string, string?> numbers = [];
    private readonly Dictionary<string, string> zones = [];

    public LegalEntities(IReadOnlyList<SourceRecord> records, Firm firm)
    {
        SourceRecord[] those = [.. records.Where(r => r.Kind == Kind.LegalEntity)];
        if (those.Length == 0) return;
        var identified = Identified.Of(those.ToDictionary(r => r.Stream), records, null, firm.Replaced, default);
        foreach (var entity in identified.Grouping.Entities)
        {
            foreach (var member in entity.Members)
            {
                ids.Add(member.Stream, entity.Id);
                if (!member.IsLive || member.Fold.State!.Number is not { } number) continue;
                numbers[number] = numbers.GetValueOrDefault(number, entity.Id) == entity.Id ? entity.Id : null;
            }

            var zone = entity.Members.Where(m => m.IsLive)
                .OrderBy(m => Ownership.Rank(Ownership.Order(Kind.LegalEntity, "zone"), firm.RolesOf(m.Source)))
                .ThenBy(m => m.Stream, StringComparer.Ordinal)
                .Select(m => ((LegalEntity)m.Fold.State!).Zone).FirstOrDefault(z => z is not null);
            if (zone is not null) zones.Add(entity.Id, zone);
        }
    }

    public string IdOf(string stream) => ids.GetValueOrDefault(stream, stream);

    /// <summary>What a reference means: an entity's id, or its words.</summary>
    public string Named(Ref reference, string statedBy) => reference.Stream(statedBy) is { } stream
        ? IdOf(stream)
        : numbers.GetValueOrDefault(reference.Number!) ?? $"{reference.Kind} number {reference.Number}";

    public string? ZoneOf(string? id) => id is null ? null : zones.GetValueOrDefault(id);

    public bool SameAs(LegalEntities other) =>
        Same(ids, other.ids) && Same(numbers, other.numbers) && Same(zones, other.zones);

    private static bool Same<T>(Dictionary<string, T> a, Dictionary<string, T> b) =>
        a.Count == b.Count && a.All(x => b.TryGetValue(x.Key, out var y) && Equals(x.Value, y));
}
