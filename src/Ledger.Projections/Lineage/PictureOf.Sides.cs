using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>What stands beside the lines: projects and terms before, documents, postings and payments after.</summary>
internal sealed partial class PictureOf
{
    private void Projects()
    {
        var work = boxes.Where(b => b.Column is PictureColumn.Work).ToArray();
        var edges = billed.Order(StringComparer.Ordinal).SelectMany(s => outgoing[s])
            .Where(e => e.Rel is Rels.Project || (e.Rel == "part_of" && nodes[e.To].Kind == "project"));
        foreach (var edge in edges)
        {
            Add(edge.To, PictureColumn.Project, edge);
            foreach (var box in work.Where(b => b.Id.EndsWith("/" + edge.From, StringComparison.Ordinal)))
                Join(edge.To, box.Id, edge);
        }

        foreach (var edge in outgoing[lineage.Stream].Where(e => e.Rel == Rels.Project))
            Add(edge.To, PictureColumn.Project, edge);
        foreach (var pile in boxes.Where(b => b.Look is BoxLook.Pile && b.Column is PictureColumn.Work).ToArray())
            foreach (var project in boxes.Where(b => b.Column is PictureColumn.Project).Take(1).ToArray())
                joins.Add(new(project.Id, pile.Id, EdgeBasis.Stated, false, "project"));
    }

    /// <summary>Client, contract and the terms that priced the work, one under the other.</summary>
    private void Terms()
    {
        var projects = boxes.Where(b => b.Column is PictureColumn.Project).Select(b => b.Id).ToArray();
        var contracts = projects.Append(lineage.Stream).SelectMany(p => outgoing[p])
            .Where(e => e.Rel == Rels.Contract).ToArray();
        var clients = contracts.Select(e => e.To).Concat(projects).Append(lineage.Stream).SelectMany(p => outgoing[p])
            .Where(e => e.Rel == Rels.Client).ToArray();
        foreach (var edge in clients) Add(edge.To, PictureColumn.Terms, edge);
        foreach (var edge in contracts) Add(edge.To, PictureColumn.Terms, edge);
        foreach (var edge in clients.Concat(contracts).Where(e => e.From != lineage.Stream))
            if (edge.Rel == Rels.Contract || !contracts.Any(c => c.From == edge.From)) Join(edge.To, edge.From, edge);
        var terms = billed.Order(StringComparer.Ordinal).SelectMany(s => outgoing[s])
            .Where(e => e.Rel is "rate" or "amendment" or "clause");
        foreach (var edge in terms)
        {
            Add(edge.To, PictureColumn.Terms, edge);
            foreach (var part in outgoing[edge.To].Where(e => e.Rel == "part_of"))
                if (contracts.FirstOrDefault()?.To is { } contract) Join(contract, edge.To, part);
        }
    }

    /// <summary>Documents this one takes the place of, above it; those in its place, and others on the same work,
    /// below.</summary>
    private void Documents()
    {
        var earlier = Chained(lineage.Stream, e => outgoing[e].Where(x => x.Rel == Rels.Replaces).Select(x => x.To));
        var later = Chained(lineage.Stream, e => incoming[e].Where(x => x.Rel == Rels.Replaces).Select(x => x.From));
        foreach (var stream in earlier) Document(stream, before: true);
        foreach (var ending in incoming[lineage.Stream].Where(e => e.Rel is "cancels" or "writes_off"))
        {
            Add(ending.From, PictureColumn.Invoice, ending);
            Join(lineage.Stream, ending.From, ending);
        }

        foreach (var stream in later) Document(stream, before: false);
        foreach (var edge in lineage.Edges.Where(e => e.Rel == Rels.Replaces)) Join(edge.To, edge.From, edge);
        var others = billed.Order(StringComparer.Ordinal).SelectMany(s => incoming[s]).Where(e => e.Rel == Rels.Bills)
            .Select(e => DocumentOf(e.From)).Distinct();
        foreach (var other in others.ToArray())
            if (other != lineage.Stream && !placed.Contains(other))
                Document(other, before: false, "bills the same work");
        foreach (var edge in outgoing[lineage.Stream].Where(e => e.Rel is Rels.Credits or Rels.Corrects))
            if (!placed.Contains(edge.To))
                Document(edge.To, before: true, edge.Rel == Rels.Credits ? "credited by it" : "corrected by it");
    }

    /// <summary>The document that has a line; a document has itself.</summary>
    private string DocumentOf(string stream) =>
        incoming[stream].Where(e => e.Rel == "line").Select(e => e.From).FirstOrDefault(stream);

    private void Document(string stream, bool before, string? why = null)
    {
        var node = nodes[stream];
        var edge = outgoing[stream].Concat(incoming[stream]).FirstOrDefault(e => e.Rel == Rels.Replaces);
        var box = Box(node, PictureColumn.Invoice, edge) with
        {
            Title = Headline(node),
            Amount = Figure(node, "net"),
            Text = new[]
            {
                Describe.Joined(Value(node, "issuedOn"), Value(node, "status")),
                why ?? (before ? "replaced" : "replaces it")
                    + (edge?.Basis is EdgeBasis.Ruled ? ", by rule" : ", as stated"),
            }.Where(t => !string.IsNullOrEmpty(t)).OfType<string>().ToItems(),
        };
        if (!placed.Add(stream)) return;
        if (before) boxes.Insert(boxes.FindIndex(b => b.Id == lineage.Stream), Ending(box));
        else boxes.Add(Ending(box));
    }

    private void After()
    {
        foreach (var edge in lineage.Edges.Where(e => e.Rel is Rels.Posts or Rels.Reverses))
        {
            Add(edge.From, PictureColumn.Posting, edge);
            Join(edge.Rel == Rels.Reverses || placed.Contains(edge.To) ? edge.To : lineage.Stream, edge.From, edge);
        }

        var settling = incoming[lineage.Stream].Concat(lineage.Lines.SelectMany(l => incoming[l.Stream]))
            .Where(e => e.Rel is Rels.Settles or Rels.Prepays or Rels.Credits or Rels.Corrects);
        foreach (var edge in settling)
        {
            var from = DocumentOf(edge.From);
            Add(from, PictureColumn.Payment, edge);
            Join(lineage.Stream, from, edge);
        }
    }

    private void Add(string stream, PictureColumn column, LineageEdge edge)
    {
        var node = nodes[stream];
        if (placed.Contains(stream)) return;
        if (boxes.Count(b => b.Column == column) >= ColumnMax)
        {
            More(column);
            return;
        }

        var figure = edge.Amount is { } amount ? Amount(new Money(amount, edge.Currency ?? lineage.Document.Currency))
            : Figure(node, "gross") ?? Figure(node, "net") ?? Figure(node, "price");
        var wraps = column is PictureColumn.Terms or PictureColumn.Project;
        var title = wraps ? Wrapped(Headline(node), 22, 2) : [Headline(node)];
        Put(Box(node, column, edge) with
        {
            Title = title[0],
            More = title.Count > 1 ? title[1] : null,
            Amount = column is PictureColumn.Posting or PictureColumn.Payment || node.Kind == "rate" ? figure : null,
            Text = Kinds(node).Append(edge.Withdrawn ? "withdrawn" : null).Where(t => !string.IsNullOrEmpty(t))
                .OfType<string>().Concat(node.Kind == "project" ? Tasks() : []).ToItems(),
            Look = edge.Withdrawn ? BoxLook.Ended : LookOf(node),
        });
    }

    private IEnumerable<string> Tasks() => billed.SelectMany(s => outgoing[s]).Where(e => e.Rel == Rels.Task)
        .Select(e => nodes[e.To].Label).Distinct().Order(StringComparer.Ordinal).Take(3);

    /// <summary>Counts what a full column cannot show.</summary>
    private void More(PictureColumn column)
    {
        var id = $"more {column}";
        var known = boxes.FindIndex(b => b.Id == id);
        var count = known < 0 ? 1 : int.Parse(boxes[known].Title.Split(' ')[0], null) + 1;
        var box = new Box(id, column, $"{DecimalText.Write(count)} more", null, [], null, BoxLook.Pile, "");
        if (known < 0) boxes.Add(box);
        else boxes[known] = box;
    }

    private static List<string> Chained(string start, Func<string, IEnumerable<string>> next)
    {
        var seen = new List<string>();
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var at))
            foreach (var stream in next(at).Where(s => s != start && !seen.Contains(s)))
            {
                seen.Add(stream);
                open.Enqueue(stream);
            }

        return seen;
    }
}
