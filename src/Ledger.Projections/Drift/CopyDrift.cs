using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>Records of which a system is registered to have one too, and has none. It is expected only where the kind,
/// the legal entity and the day are in the registration of both, at systems that play another role: two of one role
/// share the work. Invoices are told by <see cref="MissingDrift"/>.</summary>
internal static class CopyDrift
{
    /// <param name="those">Of which entities; null = of all.</param>
    public static IEnumerable<Finding> In(Books books, Func<Entity, bool>? those = null)
    {
        foreach (var kind in Kind.All.Where(k => !k.IsGovernance && k != Kind.Invoice))
        {
            Stated<Source>[] carrying = [.. books.Carrying(kind, null)];
            if (carrying.SelectMany(s => s.State.Roles).Distinct().Take(2).Count() < 2) continue;
            foreach (var entity in books.World.Entities(kind))
                if (those?.Invoke(entity) != false)
                    foreach (var finding in Of(books, entity, carrying)) yield return finding;
        }
    }

    /// <summary>Roles of which systems are registered to carry a kind, each with its systems; empty where nothing of
    /// the kind is expected at two of them. Of one that is suspended nothing is expected.</summary>
    public static IReadOnlyList<Expected> Expecting(Firm firm, Kind kind)
    {
        Expected[] all =
        [
            .. firm.Registrations.Select(r => (r.Id, State: (Source)r.Fold.State!))
                .Where(r => r.State.Suspended is null && r.State.Kinds.Contains(kind.Name))
                .SelectMany(r => firm.RolesOf(r.Id).Select(role => new Expected(r.Id, role, r.State.From, r.State.To)))
                .Distinct(),
        ];
        return all.Select(a => a.Role).Distinct().Take(2).Count() < 2 ? [] : all;
    }

    private static IEnumerable<Finding> Of(Books books, Entity entity, Stated<Source>[] carrying)
    {
        var order = books.World.Firm.OrderOf(entity.Kind, "", null, books.World.Day);
        var live = entity.Members.Where(m => m.IsLive)
            .OrderBy(m => Ownership.Rank(order, books.World.RolesOf(m.Source)))
            .ThenBy(m => m.Stream, StringComparer.Ordinal).ToArray();
        if (live.Length == 0 || IsNoClient(live)) yield break;
        var main = live[0];
        var day = DayOf(main.Fold.State!) ?? StatedFact.LastWord(main);
        var legalEntity = live.Select(books.World.Firm.EntityOf).FirstOrDefault(e => e is not null)
            ?? ProjectsEntity(books, main);
        var promised = Array.FindAll(carrying, s => Books.Carries(s, day) && books.Keeps(s, legalEntity));
        if (!promised.Any(s => live.Any(m => m.Source == s.Record.Id))) yield break;
        var present = live.SelectMany(m => books.World.RolesOf(m.Source)).ToHashSet();
        var since = live.Select(StatedFact.LastWord).Append(day).Max();
        var lacking = promised.Where(s => s.State.Roles.Count > 0 && !s.State.Roles.Any(present.Contains));
        foreach (var role in lacking.GroupBy(s => s.State.Roles.Min()))
            if (role.All(s => books.MayBeAmiss(s.Record.Id, entity.Kind, since)))
                yield return Lacks(books, entity, live, [.. role], order);
    }

    private static Finding Lacks(
        Books books, Entity entity, SourceRecord[] live, Stated<Source>[] lacking, Items<Role> order)
    {
        // First the record and who has none: by these two a case is known.
        var evidence = new Evidence().Names(live[0]).Clashes(live[0].Fold.First);
        foreach (var source in lacking)
            evidence.Says(source.Record, "kinds", Say.List(source.State.Kinds), "kinds")
                .Needs(source.Record.Id, entity.Kind, null, entity.Kind.Name, Books.LabelOf(live[0]));
        foreach (var record in live) evidence.Names(record);
        foreach (var gone in entity.Members.Where(m => lacking.Any(s => s.Record.Id == m.Source)))
            if (gone.Fold.DeletedBy is { } deleted)
                evidence.SaysAt(gone, "deleted", "true", deleted).Clashes(live[0].Fold.First, deleted);
        var owned = lacking.Any(s => Ownership.Rank(order, s.State.Roles)
            < Ownership.Rank(order, books.World.RolesOf(live[0].Source)));
        var isOrphan = owned && live.Select(m => m.Source).Distinct().Take(2).Count() == 1;
        var words = entity.Kind.Name.Replace('_', ' ');
        var names = Say.List(lacking.Select(s => s.Record.Id));
        var carries = lacking.Length == 1 ? "carries" : "carry";
        var money = MoneyOf(live[0].Fold.State!);
        var stake = money is { } m ? $": {m}" : "";
        return evidence.Finds(
            isOrphan ? DriftClass.Orphan : DriftClass.Missing,
            isOrphan
                ? $"{Say.Capital(words)} {Books.LabelOf(live[0])} is nowhere but in {live[0].Source}; {names}, which "
                    + $"{carries} that kind, {(lacking.Length == 1 ? "has" : "have")} none{stake}."
                : $"{Say.Capital(words)} {Books.LabelOf(live[0])} of {Say.List(live.Select(r => r.Source).Distinct())} "
                    + $"is not in {names}, which {carries} that kind too{stake}.",
            money);
    }

    /// <summary>Whether it is somebody whom only some systems have to know: a supplier, another company of the firm.
    /// </summary>
    private static bool IsNoClient(SourceRecord[] live) =>
        live.Select(m => (m.Fold.State as Client)?.Roles).FirstOrDefault(roles => roles is { Count: > 0 }) is { } roles
        && !roles.Contains(Kind.Client.Name);

    /// <summary>Work is of the legal entity of its project.</summary>
    private static string? ProjectsEntity(Books books, SourceRecord record)
    {
        var project = (record.Fold.State as TimeEntry)?.Project ?? (record.Fold.State as Expense)?.Project;
        return books.Find<Project>(project, record.Source) is { } found
            ? books.World.Firm.EntityOf(found.Record)
            : null;
    }

    /// <summary>The day a record is of; null = it says none.</summary>
    private static LocalDate? DayOf(RecordState state) => state switch
    {
        TimeEntry t => t.WorkedOn,
        Expense e => e.IncurredOn,
        Posting p => p.PostedOn,
        Payment p => p.ReceivedOn,
        Opportunity o => o.OpenedOn,
        Contract c => c.SignedOn,
        ChangeRequest c => c.RaisedOn,
        ExchangeRate x => x.On,
        AccountingPeriod p => p.From,
        _ => null,
    };

    private static Money? MoneyOf(RecordState state) => state switch
    {
        Expense { Amount: { } amount, Currency: { } currency } => new(amount, currency),
        Milestone m => m.Billing,
        Posting { Totals: { } t, Currency: { } currency } when (t.Net ?? t.Gross) is { } amount =>
            new(amount, currency),
        Payment { Amount: { } amount, Currency: { } currency } => new(amount, currency),
        _ => null,
    };
}

/// <summary>A system that promised to deliver a kind, in one of its roles, of these days; null = any.</summary>
internal sealed record Expected(string System, Role Role, LocalDate? From, LocalDate? To);
