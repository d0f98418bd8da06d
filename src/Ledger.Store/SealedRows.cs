using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Ledger.Store;

/// <summary>The events of a stretch of the log as they stand in their tables, read for their leaves.</summary>
internal sealed class SealedRows(Reading copy, SealedKeys keys) : IDisposable
{
    // The columns of Sql.VerifiedRows: those of the leaf in its order, then what is compared.
    private const int Position = 0;
    private const int Version = 1;
    private const int Recorded = 2;
    private const int StreamType = 3;
    private const int Key = 4;
    private const int Stream = 5;
    private const int Causation = 10;
    private const int Headers = 11;
    private const int User = 12;
    private const int Binary = 13;
    private const int Archived = 14;
    private const int Data = 15;
    private const int StreamDiffers = 16;
    private const int Columns = 17;

    /// <summary>PostgreSQL counts microseconds from 2000.</summary>
    private const long Epoch = 946_684_800_000_000;

    private readonly CopiedRows _rows = new(copy, Columns);
    private readonly JsonBuffer _entry = new(2_048);
    private readonly JsonBuffer _json = new(2_048);

    /// <summary>Microseconds since 1970 at which the last event read was recorded.</summary>
    public long LastRecorded { get; private set; }

    /// <summary>Reads the event of a position and hashes its leaf.</summary>
    /// <returns>What differs by what the row says itself; null = nothing so far.</returns>
    public Difference? Read(long position, byte[] leaf, CancellationToken cancellationToken) =>
        _rows.Next(cancellationToken) && _rows.Whole(Position) == position
            ? Hash(position, leaf)
            : new Difference("events.mt_events", position, $"There is no event at position {position}.");

    /// <summary>What differs where the leaf of the event read last is not the one that was sealed. That one was made
    /// with the right key, so only here is there a reason to make the key again.</summary>
    public Difference Differs(long position)
    {
        Canonical(Headers);
        return Verifier.Differs(position, IsKey(_json.Written)
            ? "it is not what its leaf was hashed from"
            : "its id is not the key of its source and source_id");
    }

    /// <summary>What of the event's stream row is not as the event says, once its leaf is known to be right.</summary>
    public Difference? Stands() => _rows.IsNull(StreamDiffers)
        ? null
        : Verifier.StreamDiffers(Encoding.UTF8.GetString(_rows.Field(Stream)));

    public void Dispose()
    {
        _rows.Dispose();
        _entry.Dispose();
        _json.Dispose();
    }

    private Difference? Hash(long position, byte[] leaf)
    {
        try
        {
            LastRecorded = unchecked(_rows.Whole(Recorded) + Epoch);
            _entry.Truncate(0);
            _entry.Append([0, Leaf.Format]);
            _entry.Append(_rows.Field(Position));
            _entry.Append(_rows.Field(Version));
            BinaryPrimitives.WriteInt64BigEndian(_entry.Reserve(sizeof(long)), LastRecorded);
            _entry.Advance(sizeof(long));
            _entry.Append(_rows.Framed(StreamType, StreamType));
            _entry.Append(_rows.Field(Key));
            _entry.Append(_rows.Framed(Stream, Causation));
            Canonical(Headers);
            BinaryPrimitives.WriteInt32BigEndian(_entry.Reserve(sizeof(int)), _json.Length);
            _entry.Advance(sizeof(int));
            _entry.Append(_json.Written);
            _entry.Append(_rows.Framed(User, Binary));
            _entry.Append(_rows.IsNull(Archived) ? (byte)255 : _rows.Field(Archived)[0]);
            var digest = keys.Digest(position, _rows.Field(Key), _rows.Field(Version));
            if (digest.IsEmpty)
                return new Difference(
                    "ledger.key", position, $"The key of the event at position {position} is not as it was taken.");
            BinaryPrimitives.WriteInt32BigEndian(_entry.Reserve(sizeof(int)), digest.Length);
            _entry.Advance(sizeof(int));
            _entry.Append(digest);
            Canonical(Data);
            Sha256.Hash(_json.Written, _entry.Reserve(Leaf.Size));
            _entry.Advance(Leaf.Size);
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException)
        {
            return Verifier.Differs(position, $"its JSON is not what the ledger stores ({error.Message})");
        }

        Sha256.Hash(_entry.Written, leaf);
        return null;
    }

    /// <summary>A jsonb column's canonical form.</summary>
    private void Canonical(int column)
    {
        _json.Truncate(0);
        // Its first byte is the version of its binary form.
        CanonicalJson.Write(_rows.IsNull(column) ? [] : _rows.Field(column)[1..], _json);
    }

    private bool IsKey(ReadOnlySpan<byte> headers)
    {
        ReadOnlySpan<byte> source = [];
        ReadOnlySpan<byte> id = [];
        var reader = new Utf8JsonReader(headers);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSource = reader.ValueTextEquals("source"u8);
            var isId = reader.ValueTextEquals("source_id"u8);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                return false;
            if (!isSource && !isId)
                continue;
            var value = reader.ValueIsEscaped
                ? Encoding.UTF8.GetBytes(reader.GetString()!)
                : reader.ValueSpan;
            if (isSource)
                source = value;
            else
                id = value;
        }

        Span<byte> key = stackalloc byte[16];
        EventKey.For(source, id).TryWriteBytes(key, bigEndian: true, out _);
        return key.SequenceEqual(_rows.Field(Key));
    }
}
