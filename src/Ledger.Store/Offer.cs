using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>Another body under a known key.</summary>
/// <param name="Body">As it came; empty = not at hand.</param>
internal sealed record Offer(
    Guid Key, ReadOnlyMemory<byte> Digest, string Source, string Id, ReadOnlyMemory<byte> Body)
{
    /// <summary>Of how many bodies offered under one key the beginning is kept.</summary>
    public const int BodiesMax = 8;

    /// <summary>How much of each.</summary>
    public const int BytesMax = 64 << 10;

    /// <summary>Sets the parameters of <see cref="Sql.Conflict"/>; the same offer, made several times, is counted.
    /// </summary>
    public static void Fill(NpgsqlCommand command, List<Offer> offers, Instant at)
    {
        var each = offers.GroupBy(offer => (offer.Key, Convert.ToHexString(offer.Digest.Span)))
            .Select(same => (Offer: same.First(), Times: same.LongCount())).ToArray();
        T[] Column<T>(Func<(Offer Offer, long Times), T> part) => Array.ConvertAll(each, offer => part(offer));

        command.Parameters.Add(new() { Value = Column(one => one.Offer.Key) });
        command.Parameters.Add(Blobs(Column(one => one.Offer.Digest)));
        command.Parameters.Add(Texts(Column(one => one.Offer.Source)));
        command.Parameters.Add(Texts(Column(one => one.Offer.Id)));
        command.Parameters.Add(new() { Value = Column(one => one.Times) });
        command.Parameters.Add(new() { Value = Column(one => (long)one.Offer.Body.Length) });
        command.Parameters.Add(Blobs(Column(one => one.Offer.Body[..Math.Min(one.Offer.Body.Length, BytesMax)])));
        command.Parameters.Add(new() { Value = at.ToDateTimeUtc() });
        command.Parameters.Add(new() { Value = BodiesMax });
    }

    private static NpgsqlParameter Texts(string[] values) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar };

    private static NpgsqlParameter Blobs(ReadOnlyMemory<byte>[] values) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };
}
