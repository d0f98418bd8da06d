namespace Ledger.Store;

/// <summary>Stream heads seen lately. Forgets everything at once when full: what it lacks is looked up.</summary>
internal sealed class StreamCache
{
    /// <summary>So many that a long import takes no more memory than a short one.</summary>
    private const int Capacity = 20_000;

    private readonly Dictionary<string, StreamHead> _heads = new(StringComparer.Ordinal);

    public StreamHead? Find(string stream) => _heads.GetValueOrDefault(stream);

    public void Learn(IEnumerable<KeyValuePair<string, StreamHead>> found)
    {
        foreach (var (stream, head) in found)
            Keep(stream, head);
    }

    public void Learn(IEnumerable<KeyValuePair<string, Change>> changes)
    {
        foreach (var (stream, change) in changes)
            Keep(stream, change.To);
    }

    public void Clear() => _heads.Clear();

    private void Keep(string stream, StreamHead head)
    {
        if (_heads.Count >= Capacity)
            _heads.Clear();
        _heads[stream] = head;
    }
}
