using System.Diagnostics;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Lineage;

/// <summary>What a record is, in one line and a few figures.</summary>
public static class Describe
{
    /// <summary>The node of a record.</summary>
    /// <param name="also">Other streams of the same entity.</param>
    public static Node Record(SourceRecord record, Items<string> also)
    {
        if (record.Fold.State is not { } state)
        {
            return new(
                record.Stream, record.Kind.Name, record.Source, $"{Named(record)} (no event has begun it yet)",
                Standing.Dangling, Items<Figure>.None, also);
        }

        var ended = record.Fold.DeletedBy is not null || HasEnded(state);
        var label = Label(record, state) + (record.Fold.DeletedBy is not null ? " (deleted at its source)" : "");
        return new(
            record.Stream, record.Kind.Name, record.Source, label, ended ? Standing.Ended : Standing.Live,
            state is TimeEntry entry ? OfTime(record, entry) : Known(FiguresOf(record, state)), also);
    }

    /// <summary>The node of something referred to that is not in the ledger, by the words of whoever refers to it.
    /// </summary>
    public static Node Dangling(Edge edge) => new(
        edge.ToStream is { } stream ? Address(stream, edge.To.Line) : edge.To.ToString(), edge.To.Kind, null,
        $"{Noun(edge.To.Kind)} {edge.To.Id ?? edge.To.Number}{(edge.To.Line is { } line ? $", {line}" : "")}"
        + " is not in the ledger",
        Standing.Dangling, Items<Figure>.None, Items<string>.None);

    /// <summary>A part's address.</summary>
    public static string Address(string stream, string? part) => part is null ? stream : $"{stream}#{part}";

    /// <summary>A kind's name as a word: <c>rate card</c>.</summary>
    public static string Noun(string kind) => kind.Replace('_', ' ');

    public static string Date(LocalDate date) => Dates.Of(date);

    /// <summary>A quantity as it is read.</summary>
    public static string Text(Quantity quantity) => Quantities.Of(quantity);

    /// <summary>A price as it is read.</summary>
    public static string Text(Rate rate) => Rates.Of(rate);

    // Of a thousand hours most are of one price, and many of one length or day.
    private static readonly Remembered<LocalDate> Dates = new(Written);
    private static readonly Remembered<Quantity> Quantities = new(static quantity => quantity.ToString());
    private static readonly Remembered<Rate> Rates = new(static rate => rate.ToString());

    private static string Written(LocalDate date) => date.Year is < 1 or > 9999
        ? NodaTime.Text.LocalDatePattern.Iso.Format(date)
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{date.ToDateOnly():O}");

    /// <summary>Those figures that there are.</summary>
    internal static Items<Figure> Known(ReadOnlySpan<Figure?> figures)
    {
        var count = 0;
        foreach (var figure in figures) count += figure is null ? 0 : 1;
        if (count == 0) return Items<Figure>.None;
        var known = new Figure[count];
        count = 0;
        foreach (var figure in figures)
            if (figure is not null) known[count++] = figure;
        return Items.Of<Figure>(known);
    }

    /// <summary>An enum's name in words: <c>half away from zero</c>.</summary>
    public static string Lower<T>(T value)
        where T : struct, Enum =>
        Words<T>.Lower.GetOrAdd(value, static named =>
            System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(named.ToString()).Replace('_', ' '));

    /// <summary>An enum's name in words, as a sentence begins.</summary>
    public static string Capital<T>(T value)
        where T : struct, Enum =>
        Words<T>.Capital.GetOrAdd(value, static named =>
        {
            var words = Lower(named);
            return char.ToUpperInvariant(words[0]) + words[1..];
        });

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly System.Collections.Concurrent.ConcurrentDictionary<T, string> Lower = [];
        public static readonly System.Collections.Concurrent.ConcurrentDictionary<T, string> Capital = [];
    }

    public static string Amount(decimal amount, Currency? currency) =>
        currency is { } known ? new Money(amount, known).ToString() : DecimalText.Write(amount);

    private static bool HasEnded(RecordState state) => state switch
    {
        Invoice i => i.Status is InvoiceStatus.Cancelled or InvoiceStatus.Voided or InvoiceStatus.Discarded,
        Posting p => p.Status is not PostingStatus.Posted,
        Payment p => p.Status is PaymentStatus.Reversed,
        Opportunity o => o.Status is OpportunityStatus.Lost,
        ClientProposal p => p.Status is ProposalStatus.Rejected,
        ChangeRequest c => c.Status is ChangeRequestStatus.Rejected,
        Milestone m => m.Status is MilestoneStatus.Cancelled,
        KnowledgeAsset k => k.Status is KnowledgeAssetStatus.Withdrawn,
        Coverage c => c.Withdrawn,
        OwnershipAssignment o => o.Withdrawn,
        TruthOverride o => o.Withdrawn,
        Succession s => s.Withdrawn,
        _ => false,
    };

    private static string Label(SourceRecord record, RecordState state) => state switch
    {
        Client c => c.Name ?? Named(record),
        Opportunity o => Joined(
            $"Opportunity {o.Name ?? o.Number ?? record.Id}",
            o.Status is OpportunityStatus.Open ? null : Lower(o.Status)),
        ClientProposal p => Joined(
            $"Proposal {p.Title ?? p.Number ?? record.Id}", p.Version is { } version ? "version " + version : null,
            Lower(p.Status)),
        Contract c => $"Contract {c.Number ?? record.Id}" + (c.SignedOn is { } on ? $", signed {Date(on)}" : ""),
        RateCard c => $"Rate card {c.Name ?? c.Number ?? record.Id}",
        Project p => $"Project {p.Name ?? p.Number ?? record.Id}",
        ChangeRequest c => Joined($"Change request {c.Title ?? c.Number ?? record.Id}", Lower(c.Status)),
        Resource r => r.Name ?? Named(record),
        Milestone m => Joined($"Milestone {m.Name ?? m.Number ?? record.Id}", Lower(m.Status)),
        TimeEntry t => Joined(
            string.Concat(
                t.Quantity is { } quantity ? Text(quantity) : "Time", t.WorkedOn is null ? null : " on ",
                t.WorkedOn is { } on ? Date(on) : null),
            t.Activity),
        Expense x => Joined(
            x.Category ?? "Expense",
            (x.Amount is { } amount ? Amount(amount, x.Currency) : "")
            + (x.IncurredOn is { } on ? $" on {Date(on)}" : "")),
        Invoice i => InvoiceLabel(record, i),
        Posting p => Joined(
            $"Posting {p.Number ?? record.Id}" + (p.PostedOn is { } on ? $" of {Date(on)}" : ""),
            p.Period is { } period ? "period " + period : null,
            p.Status is PostingStatus.Posted ? null : Lower(p.Status)),
        Payment p => Joined(
            $"Payment {p.Number ?? record.Id}" + (p.ReceivedOn is { } on ? $" of {Date(on)}" : ""),
            p.Status is PaymentStatus.Reversed ? "reversed" : null),
        BankStatement s => Joined(
            $"Bank statement {s.Number ?? record.Id}" + (s.To is { } on ? $" of {Date(on)}" : ""), s.Account),
        Revenue r => Joined(
            $"Revenue {r.Number ?? record.Id}", r.Obligation, r.Status is RevenueStatus.Open ? null : Lower(r.Status)),
        KnowledgeAsset k => k.Title ?? Named(record),
        ExchangeRate x => Joined(
            $"{x.Base?.Code}/{x.Quote?.Code}" + (x.On is { } on ? $" on {Date(on)}" : ""), x.Type, x.Publisher),
        LegalEntity l => l.Name ?? l.Number ?? Named(record),
        AccountingPeriod p => Joined(
            $"Period {p.Name ?? p.Number ?? record.Id}", p.Status is PeriodStatus.Open ? null : Lower(p.Status)),
        Source s => s.Name ?? record.Id,
        IdentityLink or Coverage or Extract or OwnershipAssignment or TruthOverride or Succession => Named(record),
        _ => throw new UnreachableException($"no label for {state.GetType().Name}"),
    };

    private static string InvoiceLabel(SourceRecord record, Invoice i)
    {
        var type = i.DocumentType switch
        {
            DocumentType.Invoice => "Invoice",
            DocumentType.CreditNote => "Credit note",
            DocumentType.Prepayment => "Prepayment",
            DocumentType.Corrective => "Corrective invoice",
            _ => throw new UnreachableException($"no document type {i.DocumentType}"),
        };
        return Joined(
            $"{type} {i.Number ?? record.Id}" + (i.IssuedOn is { } on ? $" of {Date(on)}" : ""),
            i.Status is InvoiceStatus.Issued ? null : Lower(i.Status));
    }

    private static Figure?[] FiguresOf(SourceRecord record, RecordState state) => state switch
    {
        Expense x => OfExpense(record, x),
        Invoice i => OfInvoice(record, i),
        Posting p =>
        [
            Money(record, "net", p.Totals?.Net, p.Currency, "totals"),
            Money(record, "tax", p.Totals?.Tax, p.Currency, "totals"),
            Money(record, "gross", p.Totals?.Gross, p.Currency, "totals"),
            Of(record, "period", p.Period, "period"),
            Of(record, "failure", p.Failure, "failure"),
        ],
        Payment p =>
        [
            Money(record, "amount", p.Amount, p.Currency, "amount"),
            Of(record, "method", p.Method, "method"),
            p.Refunded == 0m ? null : Money(record, "refunded", p.Refunded, p.Currency, "refunded"),
        ],
        Contract c =>
        [
            Of(record, "model", c.Model is { } model ? Lower(model) : null, "model"),
            Of(record, "from", c.From is { } from ? Date(from) : null, "from"),
            Of(record, "to", c.To is { } to ? Date(to) : null, "to"),
            Of(record, "rounding", c.Rounding is { } rounding ? Rule(rounding) : null, "rounding"),
        ],
        Project p =>
        [
            Of(record, "model", p.Model is { } model ? Lower(model) : null, "model"),
            Money(record, "budget", p.Budget, p.Currency, "budget"),
            Of(record, "approval", p.Approval is { } needed ? needed ? "required" : "not required" : null, "approval"),
        ],
        Resource r =>
        [
            Of(record, "role", r.Role, "role"), Of(record, "grade", r.Grade, "grade"),
            Of(record, "subcontractor", r.Subcontractor is true ? "yes" : null, "subcontractor"),
            Of(record, "costRate", r.CostRate?.ToString(), "costRate"),
        ],
        RateCard c => [Of(record, "currency", c.Currency?.Code, "currency")],
        _ => OfPlan(record, state),
    };

    private static Figure?[] OfPlan(SourceRecord record, RecordState state) => state switch
    {
        Opportunity o =>
        [
            Money(record, "amount", o.Amount, o.Currency, "amount"), Of(record, "stage", o.Stage, "stage"),
            Of(record, "closedOn", o.ClosedOn is { } on ? Date(on) : null, "closedOn"),
        ],
        ClientProposal p =>
        [
            Money(record, "net", p.Totals?.Net, p.Currency, "totals"),
            Money(record, "gross", p.Totals?.Gross, p.Currency, "totals"),
            Of(record, "decidedBy", p.Counting?.DecidedBy, "versions"),
            Of(record, "decidedOn", p.Counting?.DecidedOn is { } on ? Date(on) : null, "versions"),
        ],
        ChangeRequest c =>
        [
            Money(record, "amount", c.Amount, c.Currency, "amount"),
            Of(record, "quantity", c.Quantity?.ToString(), "quantity"),
            Of(record, "approvedBy", c.Approval?.By, "approval"), Of(record, "amendment", c.Amendment, "amendment"),
        ],
        Milestone m =>
        [
            Money(record, "amount", m.Amount, m.Currency, "amount"),
            Of(record, "dueOn", m.DueOn is { } due ? Date(due) : null, "dueOn"),
            Of(record, "completedOn", m.CompletedOn is { } done ? Date(done) : null, "completedOn"),
            Of(record, "acceptedOn", m.AcceptedOn is { } on ? Date(on) : null, "acceptedOn"),
            Of(record, "acceptedBy", m.AcceptedBy, "acceptedBy"),
            Of(record, "evidence", Joined([.. m.Evidence.Select(d => d.Name ?? d.Id)]), "evidence"),
        ],
        Revenue r =>
        [
            Money(record, "amount", r.Amount, r.Currency, "amount"),
            Money(record, "recognized", r.Recognized, r.Currency, "recognized"),
            Of(record, "timing", r.Policy is { } policy ? Lower(policy.Timing) : null, "policy"),
            Of(record, "modification", r.Policy?.Modification is { } change ? Lower(change) : null, "policy"),
        ],
        ExchangeRate x => [Of(record, "rate", x.Rate is { } rate ? DecimalText.Write(rate) : null, "rate")],
        _ => [],
    };

    private static Items<Figure> OfTime(SourceRecord record, TimeEntry t)
    {
        ReadOnlySpan<Figure?> told =
        [
            Of(record, "workedOn", t.WorkedOn is { } on ? Date(on) : null, "workedOn"),
            Of(record, "quantity", t.Quantity is { } quantity ? Text(quantity) : null, "quantity"),
            Of(record, "billableQuantity", t.BillableQuantity is { } less ? Text(less) : null, "billableQuantity"),
            Of(record, "billRate", t.BillRate is { } price ? Text(price) : null, "billRate"),
            Of(record, "costRate", t.CostRate is { } cost ? Text(cost) : null, "costRate"),
            Of(record, "billable", t.Billable is { } billable ? billable ? "yes" : "no" : null, "billable"),
            Of(record, "approval", t.Approval is { } a ? Lower(a.Status) : null, "approval"),
            Of(record, "approvedBy", t.Approval?.By, "approval"),
        ];
        return Known(t.WriteDowns.Count == 0 ? told : [.. told, .. t.WriteDowns.Select(w => Of(
            record, w.Off ? "writtenOff" : "writtenDown",
            Joined(w.Amount is { } amount ? Amount(amount, w.Currency) : null, w.Quantity?.ToString(), w.Reason),
            "writeDowns"))]);
    }

    private static Figure?[] OfExpense(SourceRecord record, Expense x) =>
    [
        Of(record, "incurredOn", x.IncurredOn is { } on ? Date(on) : null, "incurredOn"),
        Money(record, "amount", x.Amount, x.Currency, "amount"),
        Money(record, "billableAmount", x.BillableAmount, x.Currency, "billableAmount"),
        Of(record, "billable", x.Billable is { } billable ? billable ? "yes" : "no" : null, "billable"),
        Of(record, "approval", x.Approval is { } a ? Lower(a.Status) : null, "approval"),
        Of(record, "approvedBy", x.Approval?.By, "approval"),
        Of(record, "writtenOff", x.WrittenOff ? "yes" : null, "writtenOff"),
    ];

    private static Figure?[] OfInvoice(SourceRecord record, Invoice i) =>
    [
        Of(record, "status", Lower(i.Status), "status"),
        Of(record, "issuedOn", i.IssuedOn is { } on ? Date(on) : null, "issuedOn"),
        Money(record, "net", Figures.NetOf(i), i.Currency, "totals", "lines"),
        Money(record, "tax", i.Totals?.Tax, i.Currency, "totals"),
        Money(record, "payable", i.Totals?.Payable, i.Currency, "totals"),
        Money(record, "open", i.Totals?.Open, i.Currency, "totals"),
        Of(record, "lines", i.Lines.Count == 0 ? null : DecimalText.Write(i.Lines.Count), "lines"),
    ];

    /// <summary>A rounding rule in words: <c>once for the invoice, half away from zero</c>.</summary>
    public static string Rule(Rounding rounding)
    {
        var scope = rounding.Scope switch
        {
            RoundingScope.Invoice => "once for the invoice",
            RoundingScope.TaxCategory => "for each tax category",
            var other => $"for each {Lower(other)}",
        };
        var digits = rounding.Digits is { } n ? $", {DecimalText.Write(n)} digits" : "";
        return $"rounded {scope}, {Lower(rounding.Mode)}{digits}";
    }

    public static string Joined(params ReadOnlySpan<string?> parts)
    {
        string? joined = null;
        foreach (var part in parts)
            if (!string.IsNullOrWhiteSpace(part)) joined = joined is null ? part : $"{joined} · {part}";
        return joined ?? "";
    }

    private static Figure? Of(SourceRecord record, string name, string? value, params ReadOnlySpan<string> fields) =>
        string.IsNullOrEmpty(value) ? null : new(name, value, record.Asserted(fields));

    private static Figure? Money(
        SourceRecord record, string name, decimal? amount, Currency? currency, params ReadOnlySpan<string> fields) =>
        amount is { } known ? new(name, Amount(known, currency), record.Asserted(fields)) : null;

    private static string Named(SourceRecord record)
    {
        var noun = Noun(record.Kind.Name);
        return $"{char.ToUpperInvariant(noun[0])}{noun[1..]} {record.Id}";
    }
}
