using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using Ledger.Store;
using Npgsql;

namespace Ledger.Api.Pages;

/// <summary><c>GET /invoices/{id}</c>: one document, its lines, and where their money comes from and went. The id is
/// its entity's, percent-encoded; a number that only one document bears leads there.</summary>
internal static class ShowInvoice
{
    public static async Task<IResult> Handle(
        HttpContext http, DriftNow now, NpgsqlDataSource source, EventStore store,
        CancellationToken cancellationToken)
    {
        var id = Address.After(http, "/invoices/");
        var at = await now.ReadDrift(cancellationToken);
        if (LineageOf.Invoice(at.Graph, id) is not { } lineage)
        {
            return at.World.Resolve(new Ref(Kind.Invoice.Name, Number: id), "") is { } numbered
                ? TypedResults.Redirect(To.Invoice(at.World.EntityOf(numbered.Stream).Id))
                : Problems.NotFound($"The ledger has no invoice '{id}'.");
        }

        var reading = LineageReading.Of(lineage, at.World.Position);
        var line = http.Request.Query["line"].FirstOrDefault(l => !string.IsNullOrEmpty(l));
        var chosen = line is null ? null : lineage.Lines.FirstOrDefault(l => l.Line == line);
        if (line is not null && chosen is null) return Problems.NotFound($"The invoice has no line '{line}'.");
        string? Link(string node) => lineage.Lines.FirstOrDefault(l => l.Stream == node) is { } drawn
            ? To.Invoice(lineage.Entity, drawn.Line)
            : To.Record(at, node);
        var picture = chosen is null
            ? LineageSvg.Invoice(reading, Link)
            : LineageSvg.Line(reading, chosen.Line, Link)!;
        var findings = at.FindingsOf(at.World.EntityOf(lineage.Entity));
        var events = await EventIndex.Load(
            source, findings.SelectMany(f => f.Events).Concat(LineageReading.Positions(lineage)), cancellationToken);
        var compared = http.Request.Query["compare"].Contains("issued");
        var (_, since) = compared
            ? await new LineageReader(source, store).SinceIssued(lineage.Entity, cancellationToken)
            : (null, null);
        return Page.Of<InvoicePage>(new InvoiceModel(at, lineage, chosen, picture, findings, events, since)
        {
            KnownPicture = Compared(since, since?.AsKnown, GetInvoiceLineage.AsKnownThen, Link),
            StatedPicture = Compared(since, since?.AsStated, GetInvoiceLineage.AsStatedThen, Link),
        });
    }

    /// <summary>What is different since then, as a picture; null where nothing is, or nobody asked.</summary>
    private static string? Compared(
        LineageComparison? since, LineageThen? then, string words, Func<string, string?> link) =>
        since is null || then is null || then.Difference.IsNone
            ? null
            : LineageSvg.Since(since.Now, then, words, link);
}


/// <summary>A document and everything there is to say about it.</summary>
/// <param name="Chosen">The line whose picture is shown; null = the whole document's.</param>
/// <param name="Picture">As SVG.</param>
/// <param name="Since">What is different since it was issued; null where nobody asked, or it never was.</param>
public sealed record InvoiceModel(
    LedgerAt At, InvoiceLineage Lineage, LineLineage? Chosen, string Picture, Items<Finding> Findings,
    EventIndex Events, LineageComparison? Since = null)
{
    /// <summary>What the ledger has learnt since it was issued, as SVG; null = nothing, or nobody asked.</summary>
    public string? KnownPicture { get; init; }

    /// <summary>What the systems have stated since, as SVG.</summary>
    public string? StatedPicture { get; init; }

    private static readonly string[] BetweenDocuments =
        [Rels.Replaces, Rels.Corrects, Rels.Credits, Rels.Settles, Rels.Prepays];

    /// <summary>The record whose word counts for the lines.</summary>
    public SourceRecord Record => At.World.Records[Lineage.Stream];

    public Invoice State => (Invoice)Record.Fold.State!;

    public Entity Entity => At.World.EntityOf(Lineage.Entity);

    public Currency Currency => Lineage.Document.Currency;

    /// <summary>How it came out of the comparison; null where it was not compared.</summary>
    public InvoiceCheck? Check { get; } =
        At.Drift.Invoices.FirstOrDefault(i => At.World.EntityOf(i.Stream).Id == Lineage.Entity);

    public string Title => $"{Words.Capital(Words.Of(State.DocumentType))} {State.Number ?? Record.Id}";

    /// <summary>Edges between this document and those it replaces, corrects, credits or settles, and theirs.</summary>
    public IEnumerable<LineageEdge> Chain => Lineage.Edges.Where(e => BetweenDocuments.Contains(e.Rel)
        && DocumentOf(e.From) is { } from && DocumentOf(e.To) is { } to && from != to)
        .DistinctBy(e => (DocumentOf(e.From), e.Rel, DocumentOf(e.To)));

    /// <summary>What was made of it later: postings, payments, and its end.</summary>
    public IEnumerable<LineageEdge> Onwards => Lineage.Edges.Where(e => DocumentOf(e.From) is null
        && e.Rel is Rels.Posts or Rels.Settles or Rels.Reverses or "cancels" or "writes_off"
        && (At.Find(e.To)?.Stream == Lineage.Stream || e.Rel == Rels.Reverses));

    /// <summary>What a line without words of its own is for, where it bills one thing.</summary>
    public string? WorkOf(LineLineage line) => line.Shares is not [var share] ? null : StateOf(share) switch
    {
        TimeEntry t => string.Join(" · ", new[] { Words.Date(share.On), t.Activity, t.Note }.OfType<string>()),
        Expense x => string.Join(" · ", new[] { Words.Date(share.On), x.Category, x.Note }.OfType<string>()),
        _ => null,
    };

    private RecordState? StateOf(Share share) => At.Find(share.Stream)?.Fold.State;

    public Node NodeOf(string stream) => Lineage.NodeOf(stream);

    /// <summary>The document that a node is, or is a line of; null for anything else.</summary>
    private string? DocumentOf(string node) =>
        Lineage.Nodes.FirstOrDefault(n => n.Stream == node)?.Kind is "invoice" or "line" ? At.Find(node)?.Stream : null;
}
