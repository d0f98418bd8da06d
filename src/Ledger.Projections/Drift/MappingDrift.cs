using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>Compares whom a live document is for with whom its work, projects and contracts are for.</summary>
internal static class MappingDrift
{
    public static IEnumerable<Finding> In(Books books) => books.Documents
        .Where(d => d.IsLive || d.IsDraft)
        .SelectMany(d => new[] { OtherClient(books, d), OtherProject(books, d) }).OfType<Finding>();

    private static Finding? OtherClient(Books books, Document document)
    {
        if (document.State.Client is not { } client) return null;
        var mine = ClientOf(books, client, document.Record.Source);
        var others = Owners(books, document)
            .Where(o => ClientOf(books, o.Client, o.Record.Source) is var theirs && theirs.Id != mine.Id
                && theirs.Parent != mine.Id && mine.Known == theirs.Known)
            .DistinctBy(o => o.Record.Stream).ToArray();
        if (others.Length == 0) return null;
        var evidence = new Evidence().Says(document.Record, "client", mine.Name, "client");
        foreach (var (record, theirs) in others)
            evidence.Says(record, "client", ClientOf(books, theirs, record.Source).Name, "client")
                .Clashes(record.Asserted("client"), document.Record.Asserted("client"))
                .Should(document.Record, "client", mine.Name, ClientOf(books, theirs, record.Source).Name);
        var whose = others.Select(o => ClientOf(books, o.Client, o.Record.Source).Name).Distinct();
        var what = others.Select(o => $"{o.Record.Kind} {Books.LabelOf(o.Record)}");
        return evidence.Finds(
            DriftClass.Mapping, document,
            $"{document.Name} is for {mine.Name}; {Say.List(what)} {(others.Length == 1 ? "is" : "are")} "
            + $"{Say.List(whose.Select(w => w + "'s"))}.",
            document.Net);
    }

    /// <summary>The projects and contracts a document stands on, each with the client it names.</summary>
    private static IEnumerable<(SourceRecord Record, Ref Client)> Owners(Books books, Document document)
    {
        var projects = books.ProjectsOf(document)
            .Concat(document.Bills.Select(books.ProjectOf).OfType<Stated<Project>>()).ToArray();
        foreach (var project in projects)
            if (project.State.Client is { } client) yield return (project.Record, client);
        foreach (var contract in books.ContractsOf(document)
            .Concat(projects.Select(p => books.Prices.ContractOf(p)).OfType<Stated<Contract>>()))
            if (contract.State.Client is { } client) yield return (contract.Record, client);
    }

    /// <summary>Whom a reference means: the entity, after mergers; its own words while it dangles.</summary>
    private static (string Id, string Name, string? Parent, bool Known) ClientOf(
        Books books, Ref reference, string statedBy)
    {
        for (var hops = 0; hops < 8; hops++)
        {
            if (books.Find<Client>(reference, statedBy) is not { } found) break;
            if (found.State.MergedInto is not { } into)
            {
                var parent = found.State.Parent is { } up ? books.EntityOrName(up, found.Record.Source) : null;
                return (books.EntityId(found.Record), found.State.Name ?? found.Record.Id, parent, true);
            }

            (reference, statedBy) = (into, found.Record.Source);
        }

        var name = books.EntityOrName(reference, statedBy);
        return (name, reference.Id ?? reference.Number!, null, false);
    }

    /// <summary>Work of a project that the document does not name.</summary>
    private static Finding? OtherProject(Books books, Document document)
    {
        if (document.State.Projects.Count == 0) return null;
        var named = document.State.Projects.Select(p => books.EntityOrName(p, document.Record.Source)).ToHashSet();
        var strange = document.Bills.Where(b => b.Record is not null && b.Project is { } project
            && !named.Contains(books.EntityOrName(project, b.Record.Source))).ToArray();
        if (strange.Length == 0) return null;
        var evidence = new Evidence().Says(
            document.Record, "projects", Say.List(document.State.Projects.Select(p => p.Id ?? p.Number!)), "projects");
        var worth = document.Currency is { } currency ? ExactMoney.Zero(currency) : (ExactMoney?)null;
        var priced = books.Priced(document).ToLookup(p => p.Item);
        foreach (var item in strange)
        {
            evidence.Says(item.Record!, "project", item.Project!.Id ?? item.Project.Number, "project")
                .Clashes(item.Record!.Asserted("project"), document.Record.Asserted("projects"), item.Position)
                .Mends(document.Record, $"lines/{item.Line}/bills", $"{item.Ref.Kind} {item.Label}", null);
            var value = priced[item].FirstOrDefault()?.Value
                ?? (item.Expense?.Billing is { } billing ? ExactMoney.Of(billing) : null);
            if (worth is { } sum && value?.Currency == sum.Currency) worth = sum + value.Value;
        }

        var others = strange.Select(b => b.Project!.Id ?? b.Project.Number!).Distinct();
        return evidence.Finds(
            DriftClass.Mapping, document,
            $"{document.Name} bills {Say.Count(strange.Length, "record", "records")} of project {Say.List(others)}, "
            + $"which it does not name: {Say.List(strange.Select(b => $"{b.Ref.Kind} {b.Label}"))}.",
            worth?.Round(RoundingMode.HalfAwayFromZero));
    }
}
