namespace Ledger.Store;

/// <summary>What of an event tells whether it is stored already.</summary>
/// <param name="Stream">The stream it would be in: part of what <paramref name="Digest"/> commits to.</param>
/// <param name="Key">See <see cref="EventKey"/>.</param>
/// <param name="Digest">See <see cref="EventDigest"/>.</param>
public sealed record Claim(string Source, string Id, string Stream, Guid Key, ReadOnlyMemory<byte> Digest)
{
    public static Claim Of(NewEvent offered) =>
        new(offered.Source, offered.Id, offered.Stream, EventKey.For(offered.Source, offered.Id), offered.Digest);
}
