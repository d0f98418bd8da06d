namespace Ledger.Projections.Identity;

/// <summary>Pairs of streams of which somebody said that they are not the same thing: no rule joins them, and nobody is
/// asked again.</summary>
internal sealed class Apart
{
    public static readonly Apart None = new([]);

    private readonly ILookup<string, string> others;

    public Apart(IEnumerable<SourceRecord> identities)
    {
        var pairs = identities.Select(Ties.ApartOf).OfType<(string A, string B)>().ToArray();
        others = pairs.Concat(pairs.Select(p => (p.B, p.A))).ToLookup(p => p.Item1, p => p.Item2);
    }

    public bool Has(string a, string b) => others.Count > 0 && others[a].Contains(b);

    /// <summary>Whether a pair lies between two groups.</summary>
    public bool Parts(IEnumerable<SourceRecord> fewer, Func<string, bool> isInOther) =>
        others.Count > 0 && fewer.Any(record => others[record.Stream].Any(isInOther));
}
