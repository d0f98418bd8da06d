using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Lineage;

/// <summary>What a part of a record is: a line, a task, a price, an amendment, a clause.</summary>
internal static class Parts
{
    /// <summary>The decision on a piece of work, or on a document.</summary>
    public const string Approval = "approval";

    private const string Assigned = "assignment-";

    private const string Role = "role";

    /// <summary>What one assignment of a project is called as a part of it: by whom it puts to work, and where it is
    /// not the first of them, by its day.</summary>
    public static string NameOf(Project plan, Assignment assignment, string statedBy) => Since(
        Assigned + (assignment.Resource.Stream(statedBy) ?? assignment.Resource.ToString()), assignment.From,
        plan.Assignments.First(a => a.Resource == assignment.Resource).Equals(assignment));

    /// <summary>What the words of a clause are called, from the day they count.</summary>
    public static string NameOf(Contract terms, Clause clause) => Since(
        clause.Id, clause.EffectiveFrom, terms.Clauses.First(c => c.Id == clause.Id).Equals(clause));

    /// <summary>What somebody's role of some days is called.</summary>
    public static string NameOf(Dated<string> role) => Since(Role, role.From, isFirst: false);

    private static string Since(string name, LocalDate? from, bool isFirst) =>
        isFirst || from is not { } day ? name : $"{name}@{Describe.Date(day)}";

    /// <returns>The part's kind, label and figures; what the record does not have is told by its own name.</returns>
    public static (string Kind, string Label, Items<Figure> Figures) Of(SourceRecord record, string part) =>
        record.Fold.State switch
        {
            Invoice i when i.Lines.FirstOrDefault(l => l.Line == part) is { } line => OfLine(record, i, line),
            Invoice => ("line", $"Line {part}, which the document does not have", Items<Figure>.None),
            Project p when p.Tasks.FirstOrDefault(t => t.Task == part) is { } task => OfTask(record, p, task),
            Project p when part.StartsWith(Assigned, StringComparison.Ordinal)
                && p.Assignments.FirstOrDefault(a => NameOf(p, a, record.Source) == part) is { } assignment =>
                OfAssignment(record, assignment),
            Project => ("task", $"Task {part}", Items<Figure>.None),
            Resource r when r.Roles.FirstOrDefault(x => NameOf(x) == part) is { } role => OfRole(role),
            RateCard c when c.Rates.FirstOrDefault(r => r.Rate == part) is { } rate => OfRate(record, rate),
            Contract c when c.Amendments.FirstOrDefault(a => a.Id == part) is { } amendment => OfAmendment(amendment),
            Contract c when c.Clauses.FirstOrDefault(x => NameOf(c, x) == part) is { } clause => OfClause(clause),
            Contract c when c.Schedule.FirstOrDefault(i => i.Item == part) is { } item => OfItem(record, c, item),
            Contract c when c.Lines.FirstOrDefault(l => l.Line == part) is { } line => OfContractLine(record, c, line),
            Contract c when c.Rates.FirstOrDefault(r => r.Rate == part) is { } rate => OfRate(record, rate),
            Contract c when c.Usage.FirstOrDefault(u => u.Usage == part) is { } usage => OfUsage(record, usage),
            ClientProposal p when p.Versions.FirstOrDefault(v => v.Version == part) is { } version =>
                OfVersion(record, p, version),
            Contract when part.Contains('@', StringComparison.Ordinal) =>
                ("period", $"Period {part}", Items<Figure>.None),
            _ => ("part", $"Part {part}", Items<Figure>.None),
        };

    private static (string, string, Items<Figure>) OfLine(SourceRecord record, Invoice invoice, InvoiceLine line)
    {
        var position = record.Asserted("lines");
        var figures = new[]
        {
            Figure("quantity", line.Quantity?.ToString(), position),
            Figure("price", line.Price?.ToString(), position),
            Figure("net", line.Net is { } net ? Describe.Amount(net, invoice.Currency) : null, position),
            Figure("basis", Describe.Lower(line.Basis), position),
        };
        var name = line.Position is { } at ? DecimalText.Write(at) : line.Line;
        return ("line", Describe.Joined($"Line {name}", line.Description), figures.OfType<Figure>().ToItems());
    }

    private static (string, string, Items<Figure>) OfTask(SourceRecord record, Project project, ProjectTask task)
    {
        var position = record.Asserted("tasks");
        var figures = new[]
        {
            Figure("billable", task.Billable is { } billable ? billable ? "yes" : "no" : null, position),
            Figure("fixedFee", task.FixedFee is true ? "yes" : null, position),
            Figure(
                "budget", task.Budget is { } budget ? Describe.Amount(budget, project.Currency) : null, position),
        };
        return ("task", $"Task {task.Name ?? task.Task}", figures.OfType<Figure>().ToItems());
    }

    private static (string, string, Items<Figure>) OfRate(SourceRecord record, CardRate rate)
    {
        var position = rate.Position ?? record.Asserted("rates");
        var match = Describe.Joined(
            rate.Match.Task, rate.Match.Resource, rate.Match.Role, rate.Match.Grade, rate.Match.Project);
        var figures = new[]
        {
            Figure("price", rate.Price.ToString(), position),
            Figure("from", Describe.Date(rate.From), position),
            Figure("to", rate.To is { } to ? Describe.Date(to) : null, position),
        };
        return ("rate", $"Rate {rate.Rate}: {(match.Length == 0 ? "any work" : match)}, {rate.Price}",
            figures.OfType<Figure>().ToItems());
    }

    private static (string, string, Items<Figure>) OfVersion(
        SourceRecord record, ClientProposal proposal, ProposalVersion version)
    {
        var position = record.Asserted("versions");
        var figures = new[]
        {
            Figure(
                "net", version.Totals?.Net is { } net ? Describe.Amount(net, proposal.Currency) : null,
                version.Position ?? position),
            Figure("approvedBy", version.Approver, position),
            Figure("decidedBy", version.DecidedBy, position),
            Figure("decidedOn", version.DecidedOn is { } on ? Describe.Date(on) : null, position),
        };
        return ("proposal_version", $"Version {version.Version} · {Describe.Lower(version.Status)}",
            figures.OfType<Figure>().ToItems());
    }

    private static (string, string, Items<Figure>) OfUsage(SourceRecord record, UsageRecord usage)
    {
        var position = usage.Position ?? record.Asserted("usage");
        return ("usage", $"Usage {usage.Usage}: {usage.Meter}",
            [
                new("quantity", usage.Quantity.ToString(), position),
                new("usedOn", Describe.Date(usage.UsedOn), position),
            ]);
    }

    private static (string, string, Items<Figure>) OfAssignment(SourceRecord record, Assignment a)
    {
        var position = a.Position ?? record.Asserted("assignments");
        var figures = new[]
        {
            Figure("role", a.Role, position),
            Figure("from", a.From is { } from ? Describe.Date(from) : null, position),
            Figure("to", a.To is { } to ? Describe.Date(to) : null, position),
        };
        return ("assignment", Describe.Joined($"Assigned {a.Resource.Id ?? a.Resource.Number}", a.Role),
            figures.OfType<Figure>().ToItems());
    }

    private static (string, string, Items<Figure>) OfRole(Dated<string> role) => (
        "role", $"{role.Value ?? "No role"}{(role.From is { } from ? $", from {Describe.Date(from)}" : "")}",
        [new("role", role.Value ?? "–", role.Position)]);

    private static (string, string, Items<Figure>) OfItem(SourceRecord record, Contract contract, ScheduleItem item)
    {
        var position = record.Asserted("schedule");
        var figures = new[]
        {
            Figure("amount", Describe.Amount(item.Amount, contract.Currency), position),
            Figure("dueOn", Describe.Date(item.DueOn), position),
            Figure("releasedOn", item.ReleasedOn is { } on ? Describe.Date(on) : null, position),
        };
        return ("schedule_item", Describe.Joined($"Schedule item {item.Item}", item.Description),
            figures.OfType<Figure>().ToItems());
    }

    private static (string, string, Items<Figure>) OfContractLine(
        SourceRecord record, Contract contract, ContractLine line)
    {
        var amount = line.Amount is { } agreed ? Describe.Amount(agreed, contract.Currency) : null;
        return ("contract_line", $"Contract line {line.Line}",
            new[] { Figure("amount", amount, record.Asserted("lines")) }.OfType<Figure>().ToItems());
    }

    private static (string, string, Items<Figure>) OfAmendment(Amendment a) => (
        "amendment",
        Describe.Joined($"Amendment {a.Id}, in force from {Describe.Date(a.EffectiveFrom)}", a.Reason),
        [
            new("signedOn", Describe.Date(a.SignedOn), a.Position),
            .. a.Changes.Select(c => new Figure(c.Path, $"{c.From ?? "–"} → {c.To ?? "–"}", a.Position)),
        ]);

    private static (string, string, Items<Figure>) OfClause(Clause c) => (
        "clause",
        Describe.Joined($"Clause {c.Id}", c.Title),
        new[]
        {
            Figure("from", c.EffectiveFrom is { } from ? Describe.Date(from) : null, c.Position),
            Figure("text", c.Text, c.Position),
        }.OfType<Figure>().ToItems());

    private static Figure? Figure(string name, string? value, long position) =>
        value is null ? null : new(name, value, position);
}
