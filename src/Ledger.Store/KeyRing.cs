namespace Ledger.Store;

/// <summary>The keys of a log, to check the signatures of its roots with.</summary>
internal sealed class KeyRing : IDisposable
{
    private readonly List<(RootKey Key, bool IsTrusted)> _keys = [];

    /// <param name="trusted">With it the keys it vouches for, and those they vouch for; null = the log's own word.
    /// </param>
    public KeyRing(string origin, IReadOnlyList<SigningKey> keys, RootKey? trusted)
    {
        Origin = origin;
        foreach (var said in InOrder(keys))
            Difference = Add(said, trusted) is { } what
                ? new("ledger.signing_key", null, $"Key {Convert.ToHexStringLower(said.Id.Span)} {what}.")
                : Difference;
    }

    public string Origin { get; }

    /// <summary>A key that is not what the log says of it.</summary>
    public Difference? Difference { get; }

    /// <summary>Checks the signature of a seal.</summary>
    /// <returns>What is wrong with it, and whether a key that is trusted made it.</returns>
    public (Difference? Difference, bool IsTrusted) Check(long size, ReadOnlySpan<byte> root, byte[]? signature)
    {
        if (signature is null)
            return (null, false);
        var (key, isTrusted) = signature.Length > RootSigner.KeyIdSize
            ? Of(signature.AsSpan(0, RootSigner.KeyIdSize))
            : (null, false);
        if (key is null)
            return (Wrong(size, "is signed with a key that the log does not know"), false);
        var text = new Checkpoint(Origin, size, root.ToArray()).Text;
        return key.Verifies(System.Text.Encoding.UTF8.GetBytes(text), signature.AsSpan(RootSigner.KeyIdSize))
            ? (null, isTrusted)
            : (Wrong(size, "is not signed as it says"), false);
    }

    /// <summary>Whether a key of the log signed the note: one that was taken away before a key that is trusted now was
    /// made cannot have that one's signature.</summary>
    public bool Knows(SignedNote note) => _keys.Any(key => note.IsSignedBy(key.Key));

    public void Dispose()
    {
        foreach (var (key, _) in _keys)
            key.Dispose();
    }

    public static Difference Wrong(long size, string what) =>
        new("ledger.seal", size, $"The root at size {size} {what}.");

    /// <summary>Each after the one whose place it took: their times say that only while no clock was set back.
    /// </summary>
    private static List<SigningKey> InOrder(IReadOnlyList<SigningKey> keys)
    {
        var (ordered, left) = (new List<SigningKey>(), keys.ToList());
        while (left.Count > 0)
        {
            var next = left.FindIndex(key => key.Predecessor is not { } before
                || !left.Exists(other => other.Id.Span.SequenceEqual(before.Span)));
            ordered.Add(left[Math.Max(0, next)]);
            left.RemoveAt(Math.Max(0, next));
        }

        return ordered;
    }

    /// <returns>What is wrong with it.</returns>
    private string? Add(SigningKey said, RootKey? trusted)
    {
        RootKey key;
        try
        {
            key = new RootKey(said.PublicKey);
        }
        catch (FormatException)
        {
            return "is not a public key";
        }

        var (voucher, isTrustedVoucher) = said.Predecessor is { } before ? Of(before.Span) : (null, false);
        var isVouched = said.Endorsement is { } endorsement && voucher is not null
            && voucher.Verifies(RootKey.Endorsement(Origin, key.PublicKey.Span), endorsement.Span);
        var isTrusted = trusted is null || key.PublicKey.Span.SequenceEqual(trusted.PublicKey.Span)
            || (isVouched && isTrustedVoucher);
        _keys.Add((key, isTrusted));
        return !key.Id.Span.SequenceEqual(said.Id.Span) ? "is another than its id says"
            : said.Endorsement is not null && !isVouched ? "was not vouched for by the one before it"
            : null;
    }

    private (RootKey? Key, bool IsTrusted) Of(ReadOnlySpan<byte> id)
    {
        foreach (var known in _keys)
            if (known.Key.Id.Span.SequenceEqual(id))
                return known;
        return (null, false);
    }
}
