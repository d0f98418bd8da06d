using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Kantata;

/// <summary>What several documents say together: where a record leaves its currency out, another may tell it.</summary>
internal sealed class Books
{
    private readonly ILookup<(string Collection, string Id), Row> rows;
    private readonly Dictionary<string, Denomination> byWorkspace = [];

    public Books(IEnumerable<Row> all)
    {
        rows = all.ToLookup(row => (row.Collection, row.Id));
        foreach (var row in rows.SelectMany(same => same))
        {
            var workspace = row.Collection == "workspaces" ? row.Id : row.Key("workspace_id").Value;
            if (workspace is not null && Stated(row) is { } money) byWorkspace.TryAdd(workspace, money);
        }
    }

    /// <summary>The last word on a record that is not known to be later than <paramref name="until"/>; null where no
    /// document carries one.</summary>
    public Row? Find(string collection, string id, Instant until) =>
        rows[(collection, id)].Where(row => Changed(row) <= until).MaxBy(Changed);

    /// <summary>What a record's cents are cents of: by its own word, else by its invoice's or project's, else unknown.
    /// </summary>
    public Denomination MoneyOf(Row row)
    {
        if (Stated(row) is { } own) return own;
        if (row.Has("invoice_id") && row.Key("invoice_id").Value is { } invoice
            && rows[("invoices", invoice)].Select(Stated).FirstOrDefault(m => m is not null) is { } billed)
            return billed;
        return row.Key("workspace_id").Value is { } workspace && byWorkspace.TryGetValue(workspace, out var money)
            ? money
            : Denomination.Unknown;
    }

    private static Instant Changed(Row row) => row.Changed?.ToInstant() ?? Instant.MinValue;

    private static Denomination? Stated(Row row) => row.Currency() is { } currency
        ? new(currency, row.CurrencyUnit() ?? PowerOfTen(currency.MinorDigits))
        : null;

    private static int PowerOfTen(int digits) => digits == 0 ? 1 : 10 * PowerOfTen(digits - 1);
}

/// <summary>What cents are cents of.</summary>
/// <param name="Unit">How many make one.</param>
internal sealed record Denomination(Currency? Currency, int Unit)
{
    /// <summary>The vendor calls them cents, so hundredths, where nothing tells more.</summary>
    public static readonly Denomination Unknown = new(null, 100);
}
