using System.Globalization;
using Ledger.Domain;
using Npgsql;

namespace Ledger.Projections;

/// <summary>What another making of the views changes in money, before it takes their place.</summary>
/// <param name="Position">Of the last event both know.</param>
/// <param name="Figures">By kind and currency, only where something differs.</param>
public sealed record MoneyDifference(long Position, Items<MoneyFigure> Figures)
{
    public bool IsNothing => Figures.Count == 0;
}

/// <summary>The difference for one kind of record in one currency.</summary>
/// <param name="Kind">The kind's name.</param>
/// <param name="Currency">ISO 4217; null = not stated.</param>
/// <param name="Changed">Entities there are before and after, with another amount or currency.</param>
/// <param name="Came">Entities that there were not, or that had no amount in this currency.</param>
/// <param name="Went">Entities that are no more.</param>
/// <param name="Sum">What live entities come to after, less what they came to before; signed.</param>
/// <param name="Moved">The same without setting one against the other: the sum of all differences, unsigned.</param>
public sealed record MoneyFigure(
    string Kind, string? Currency, long Changed, long Came, long Went, decimal Sum, decimal Moved)
{
    /// <summary>What of it is another: how much is covered by this relation; null = its own amount.</summary>
    public string? Covered { get; init; }
}

/// <summary>Compares two sets of view tables.</summary>
internal static class MoneyDifferences
{
    private const string Sql =
        """
        with money as (
          select coalesce(a.id, b.id) as id, coalesce(b.kind, a.kind) as kind,
            a.id is not null and a.live and a.amount is not null as had,
            b.id is not null and b.live and b.amount is not null as has,
            a.amount as was, b.amount as now, a.currency as was_in, b.currency as now_in
          from views.entity a full join views_next.entity b using (id)
          where (a.amount is not null or b.amount is not null)
            and (a.amount is distinct from b.amount or a.currency is distinct from b.currency
              or a.live is distinct from b.live)),
        sides as (
          select id, kind, was_in as currency, -was as amount, had as old,
            has and now_in is not distinct from was_in as kept
          from money where had
          union all
          select id, kind, now_in, now, false, had and now_in is not distinct from was_in from money where has),
        each as (
          select kind, currency, id, sum(amount) as difference, bool_or(kept) as kept, bool_or(old) as old
          from sides group by kind, currency, id)
        select kind, currency, count(*) filter (where kept), count(*) filter (where not kept and not old),
          count(*) filter (where not kept and old), sum(difference), sum(abs(difference))
        from each group by kind, currency order by kind, currency nulls last
        """;

    public static async Task<MoneyDifference> Of(
        NpgsqlConnection connection, long position, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection) { CommandTimeout = 0 };
        List<MoneyFigure> figures = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            figures.Add(new(
                reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(2),
                reader.GetInt64(3), reader.GetInt64(4), reader.GetDecimal(5), reader.GetDecimal(6)));
        return new(position, figures.ToItems());
    }
}

/// <summary>The difference in words.</summary>
public static class MoneyDifferenceText
{
    /// <summary>A line a figure: <c>14 invoices change: GBP 3,210.55</c>.</summary>
    public static IEnumerable<string> Lines(MoneyDifference difference) => difference.Figures.Select(Line);

    private static string Line(MoneyFigure figure)
    {
        var turned = figure.Moved == Math.Abs(figure.Sum) ? "" : $" ({Money(figure.Moved)} up and down)";
        var money = $"{figure.Currency ?? "no currency"} {Money(figure.Sum)}{turned}";
        if (figure.Covered is { } rel)
        {
            var count = figure.Changed + figure.Came + figure.Went;
            return FormattableString.Invariant(
                $"{count:N0} {Noun(figure.Kind, count)} {(count == 1 ? "is" : "are")} {Done(rel)} otherwise: {money}");
        }

        string[] what =
        [
            .. Counted(figure.Changed, figure.Kind, "change"), .. Counted(figure.Came, figure.Kind, "come in"),
            .. Counted(figure.Went, figure.Kind, "go"),
        ];
        return $"{string.Join(", ", what)}: {money}";
    }

    private static string Done(string rel) => rel switch
    {
        Lineage.Rels.Bills => "billed",
        Lineage.Rels.Posts => "posted",
        Lineage.Rels.Settles => "settled",
        Lineage.Rels.Credits => "credited",
        Lineage.Rels.Prepays => "prepaid",
        _ => throw new System.Diagnostics.UnreachableException($"nothing is worth what {rel}"),
    };

    private static string Noun(string kind, long count) => (kind, count) switch
    {
        ("time", 1) => "time entry",
        ("time", _) => "time entries",
        (_, 1) => kind.Replace('_', ' '),
        _ => kind.Replace('_', ' ') + "s",
    };

    private static IEnumerable<string> Counted(long count, string kind, string verb)
    {
        if (count == 0) return [];
        var noun = kind.Replace('_', ' ');
        var verbs = verb.StartsWith("come", StringComparison.Ordinal) ? "comes in" : verb == "go" ? "goes" : verb + "s";
        var one = count == 1;
        return [FormattableString.Invariant($"{count:N0} {noun}{(one ? "" : "s")} {(one ? verbs : verb)}")];
    }

    private static string Money(decimal amount) => amount.ToString("#,##0.00##########", CultureInfo.InvariantCulture);
}
