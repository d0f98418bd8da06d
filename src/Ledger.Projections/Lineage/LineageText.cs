using System.Text;
using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>A lineage as an indented tree for a terminal. What hangs below a record is written the first time it comes
/// up; after that it says so.</summary>
public static partial class LineageText
{
    /// <summary>The tree, lines parted by <c>\n</c>; equal lineages give equal text.</summary>
    public static string Write(LineageReading reading) => new Writing(reading).Document();

    private sealed class Writing(LineageReading reading)
    {
        private readonly InvoiceLineage _lineage = reading.Lineage;
        private readonly StringBuilder _text = new();
        private readonly Dictionary<string, Node> _nodes = reading.Lineage.Nodes.ToDictionary(n => n.Stream);
        private readonly ILookup<string, LineageEdge> _outgoing = reading.Lineage.Edges.ToLookup(e => e.From);
        private readonly ILookup<string, LineageEdge> _incoming = reading.Lineage.Edges.ToLookup(e => e.To);
        private readonly HashSet<string> _told = [];
        private readonly HashSet<string> _cut = [.. reading.Lineage.Cut];

        public string Document()
        {
            var d = _lineage.Document;
            Put(0, Shown(_nodes[_lineage.Stream]));
            Put(1, _lineage.Members.Count == 1
                ? _lineage.Stream
                : $"{_lineage.Stream} = {string.Join(" = ", _lineage.Members.Where(m => m != _lineage.Stream))}");
            if (d.Net is { } net)
            {
                Put(1, $"net {Money(net)}, explained {Money(net - _lineage.Unexplained)}, "
                    + $"unexplained {Money(_lineage.Unexplained)}"
                    + (d.Rounding is { } rule ? $" ({Describe.Rule(rule)})" : ""));
            }

            Origins();
            foreach (var line in _lineage.Lines) Line(line);
            foreach (var edge in _outgoing[_lineage.Stream].Where(e => e.Rel is "unexplained" or "adjustment"))
                Put(1, $"{_nodes[edge.To].Label}{(edge.Rel == "adjustment" ? " " + Figure(edge) : "")}{Mark(edge)}");
            Onwards(_lineage.Stream, 1);
            if (_lineage.Truncated)
                Put(1, $"… cut at {DecimalText.Write(_lineage.Nodes.Count)} records and parts, of which "
                    + $"{DecimalText.Write(_cut.Count)} were not followed further");
            return _text.ToString();
        }

        private void Origins()
        {
            foreach (var edge in _outgoing[_lineage.Stream])
            {
                if (edge.Rel is "line" or "unexplained" or "adjustment") continue;
                Put(1, $"{Word(edge.Rel)} {Shown(_nodes[edge.To])}{Mark(edge)}");
                if (edge.Rel is not (Rels.Replaces or Rels.Corrects or Rels.Credits)) Below(edge.To, 2);
            }
        }

        private void Line(LineLineage line)
        {
            var node = _nodes[line.Stream];
            var amount = line.Net is { } net ? $"  {Money(net)}"
                : line.Shares.Count > 0 ? $"  {Money(line.Explained)}" : "";
            Put(1, $"{node.Label}{amount}" + (line.Rounding is { } rule ? $" ({Describe.Rule(rule)})" : ""));
            var shares = line.Shares.ToDictionary(s => s.Stream);
            foreach (var edge in _outgoing[line.Stream])
            {
                var share = shares.GetValueOrDefault(edge.To);
                Put(2, $"{Word(edge.Rel)} {Shown(_nodes[edge.To])}{(share is null ? "" : Worth(share))}{Mark(edge)}");
                Below(edge.To, 3);
            }

            if (line.Remainder != 0m) Put(2, $"unexplained {Money(line.Remainder)}: {line.Reason}");
            Onwards(line.Stream, 2);
        }

        private void Below(string stream, int depth)
        {
            Cut(stream, depth);
            var edges = _outgoing[stream].ToArray();
            if (edges.Length == 0) return;
            if (!_told.Add(stream))
            {
                Put(depth, "… as above");
                return;
            }

            foreach (var edge in edges)
            {
                Put(depth, $"{Word(edge.Rel)} {Shown(_nodes[edge.To])}{Mark(edge)}");
                Below(edge.To, depth + 1);
            }
        }

        /// <summary>What leads here from later: postings, payments, credits, documents in its place.</summary>
        private void Onwards(string stream, int depth)
        {
            foreach (var edge in _incoming[stream])
            {
                if (edge.Rel is "line" or Rels.Bills) continue;
                Put(depth, $"← {Word(edge.Rel)} {Shown(_nodes[edge.From])} {Figure(edge)}".TrimEnd() + Mark(edge));
                Cut(edge.From, depth + 1);
                if (_told.Add(edge.From)) Onwards(edge.From, depth + 1);
            }
        }

        private void Cut(string stream, int depth)
        {
            if (_cut.Contains(stream)) Put(depth, "… not followed further");
        }

        private string Worth(Share share)
        {
            var rate = share.Rate is null ? "" : share.RateBasis switch
            {
                RateBasis.Card => $" × {share.Rate} (by the card)",
                RateBasis.Line => $" × {share.Rate} (by the line)",
                _ => share.CardRate is { } card && card != share.Rate ? $" × {share.Rate} (the card says {card})"
                    : $" × {share.Rate}",
            };
            var amount = share.Amount is { } exact ? $" = {exact.Round(RoundingMode.HalfAwayFromZero)}" : "";
            var approval = share.Approval is { } status ? $", {Describe.Lower(status)}{Event(share.ApprovedAt)}" : "";
            return rate.Length > 0 && share.Quantity is { } quantity
                ? $": {quantity}{rate}{amount}{approval}"
                : $"{amount}{approval}";
        }

        private string Mark(LineageEdge edge)
        {
            var basis = edge.Basis is EdgeBasis.Stated ? "" : $"{Describe.Lower(edge.Basis)}, ";
            var note = edge.Note is null ? "" : $"{edge.Note}, ";
            return $"  [{(edge.Withdrawn ? "withdrawn, " : "")}{basis}{note}{Event(edge.Position).TrimStart()}]";
        }

        private string Event(long? position) => position is not { } at ? ""
            : reading.Events.TryGetValue(at, out var e) ? $" #{DecimalText.Write(at)} {e.Source}/{e.Id}"
            : $" #{DecimalText.Write(at)}";

        private static string Shown(Node node) => node.Standing is Standing.Dangling
            ? node.Label
            : $"{node.Label} ({node.Stream})";

        private string Figure(LineageEdge edge) =>
            edge.Amount is { } amount ? new Money(amount, edge.Currency ?? _lineage.Document.Currency).ToString() : "";

        private string Money(decimal amount) => new Money(amount, _lineage.Document.Currency).ToString();

        private static string Word(string rel) => rel.Replace('_', ' ');

        private void Put(int depth, string line) => LineageText.Put(_text, depth, line);
    }
}
