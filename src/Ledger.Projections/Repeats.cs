using Ledger.Store;

namespace Ledger.Projections;

/// <summary>Documents that come in bulk and may be stored already, as where an import is run again. While those just
/// before were, the next are looked up by key and digest before their bodies are read.</summary>
public sealed class Repeats(EventStore store)
{
    private volatile bool _expected = true;

    /// <summary>Whether most documents just before were stored already: more such will follow.</summary>
    public bool AreExpected => _expected;

    /// <summary>Tells what became of documents that were not looked up.</summary>
    public void Saw(int documents, int duplicates)
    {
        if (duplicates * 2 > documents)
            _expected = true;
    }

    /// <summary>Finds those that are stored already.</summary>
    /// <param name="claims">Null = not asked for.</param>
    /// <returns>One each, null where only an append tells.</returns>
    public async Task<Duplicate?[]> Find(IReadOnlyList<Claim?> claims, CancellationToken cancellationToken)
    {
        var stored = await store.Stored(claims, cancellationToken);
        _expected = stored.Count(duplicate => duplicate is not null) * 2 > claims.Count;
        return stored;
    }
}
