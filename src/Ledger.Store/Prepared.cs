using System.Buffers;
using System.Text;

namespace Ledger.Store;

/// <summary>An event that the store can hold, with its key. What only a stored one needs is made when it is asked for:
/// a duplicate never is.</summary>
internal sealed record Prepared(NewEvent Event, Guid Key)
{
    private const int IdLength = 200;

    private byte[]? _headers;
    private byte[]? _leafTail;

    /// <summary><c>mt_events.headers</c> in canonical form.</summary>
    public byte[] Headers => _headers ??= HeaderBytes(Event);

    private Leaf.Columns Columns => new(
        Key, Event.Stream, Event.Type, Leaf.Tenant, Event.DotNetType, Event.CorrelationId, Event.CausationId, Headers,
        Event.Actor, default, IsArchived: false, Event.Digest, Event.Data);

    /// <summary>Makes the tail of its leaf ahead of its turn.</summary>
    public void MakeLeafTail() => _leafTail ??= Leaf.Tail(Columns);

    /// <summary>The tail of its leaf (see <see cref="Leaf"/>), written over what <paramref name="scratch"/> holds where
    /// it was not made before.</summary>
    public ReadOnlySpan<byte> LeafTail(ArrayBufferWriter<byte> scratch)
    {
        if (_leafTail is not null)
            return _leafTail;
        scratch.ResetWrittenCount();
        Leaf.WriteTail(Columns, scratch);
        return scratch.WrittenSpan;
    }

    /// <summary>Prepares, or says why PostgreSQL or verify could not live with it.</summary>
    public static (Prepared? Item, Refused? Refused) From(NewEvent offered)
    {
        try
        {
            if (Fault(offered) is { } fault)
                return (null, new Refused("22023", fault));
            if (!AreTexts(offered))
                return (null, new Refused("22021", "A text holds half of a surrogate pair."));
            return (new Prepared(offered, EventKey.For(offered.Source, offered.Id)), null);
        }
        catch (MalformedJsonException error)
        {
            return (null, new Refused("22023", error.Message));
        }
    }

    private static string? Fault(NewEvent offered)
    {
        if (offered.Source.Length == 0 || offered.Stream.Length == 0 || offered.Type.Length == 0)
            return "Source, stream and type are not empty.";
        if (offered.Id.Length is 0 or > IdLength)
            return "An id has 1 to 200 characters.";
        if (offered.Digest.Length != Leaf.Size || offered.Snapshot is { Length: not Leaf.Size })
            return "A digest has 32 bytes.";
        return HeaderFault(offered)
            ?? (CanonicalJson.IsCanonical(offered.Data.Span) ? null : "The body is not in RFC 8785 canonical form.");
    }

    private static string? HeaderFault(NewEvent offered)
    {
        if (offered.Source.Contains('\0') || offered.Id.Contains('\0'))
            return "A header holds NUL.";
        for (var i = 0; i < offered.Headers.Count; i++)
        {
            var (name, value) = offered.Headers[i];
            if (name.Contains('\0') || value.Contains('\0'))
                return "A header holds NUL.";
            if (name is "source" or "source_id")
                return "A header has one value.";
            for (var earlier = 0; earlier < i; earlier++)
                if (offered.Headers[earlier].Key == name)
                    return "A header has one value.";
        }

        return null;
    }

    /// <summary>Whether every text can be written as UTF-8.</summary>
    private static bool AreTexts(NewEvent offered)
    {
        for (var i = 0; i < offered.Headers.Count; i++)
            if (!IsText(offered.Headers[i].Key) || !IsText(offered.Headers[i].Value))
                return false;
        return IsText(offered.Source) && IsText(offered.Id) && IsText(offered.Stream) && IsText(offered.StreamType)
            && IsText(offered.Type) && IsText(offered.DotNetType) && IsText(offered.Actor)
            && IsText(offered.CorrelationId) && IsText(offered.CausationId);
    }

    private static bool IsText(string? text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var at = rest.IndexOfAnyInRange('\uD800', '\uDFFF');
            if (at < 0)
                return true;
            if (Rune.DecodeFromUtf16(rest[at..], out _, out _) != OperationStatus.Done)
                return false;
            rest = rest[(at + 2)..];
        }

        return true;
    }

    private static byte[] HeaderBytes(NewEvent offered)
    {
        var members = new KeyValuePair<string, string>[offered.Headers.Count + 2];
        for (var i = 2; i < members.Length; i++)
            members[i] = offered.Headers[i - 2];
        members[0] = new("source", offered.Source);
        members[1] = new("source_id", offered.Id);
        // RFC 8785 orders members by the code units of their names.
        Array.Sort(members, static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        using var json = new JsonBuffer(512);
        foreach (var (name, value) in members)
        {
            json.Append(json.Length == 0 ? (byte)'{' : (byte)',');
            json.AppendString(name);
            json.Append((byte)':');
            json.AppendString(value);
        }

        json.Append((byte)'}');
        return json.Written.ToArray();
    }
}
