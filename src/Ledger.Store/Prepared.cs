using System.Text;

namespace Ledger.Store;

/// <summary>An event with all that needs no lock: its key, header bytes and the tail of its leaf.</summary>
internal sealed record Prepared(NewEvent Event, Guid Key, byte[] Headers, byte[] LeafTail)
{
    private const int IdLength = 200;

    /// <summary>Prepares, or says why PostgreSQL or verify could not live with it.</summary>
    public static (Prepared? Item, Refused? Refused) From(NewEvent offered)
    {
        try
        {
            if (Fault(offered) is { } fault)
                return (null, new Refused("22023", fault));
            var key = EventKey.For(offered.Source, offered.Id);
            var headers = HeaderBytes(offered);
            var tail = Leaf.Tail(new(
                key, offered.Stream, offered.Type, Leaf.Tenant, offered.DotNetType, offered.CorrelationId,
                offered.CausationId, headers, offered.Actor, default, IsArchived: false, offered.Digest, offered.Data));
            return (new Prepared(offered, key, headers, tail), null);
        }
        catch (EncoderFallbackException)
        {
            return (null, new Refused("22021", "A text holds half of a surrogate pair."));
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
        return CanonicalJson.IsCanonical(offered.Data.Span) ? null : "The body is not in RFC 8785 canonical form.";
    }

    private static byte[] HeaderBytes(NewEvent offered)
    {
        using var json = new JsonBuffer(512);
        json.Append("{\"source\":"u8);
        json.AppendString(offered.Source);
        json.Append(",\"source_id\":"u8);
        json.AppendString(offered.Id);
        foreach (var (name, value) in offered.Headers)
        {
            json.Append((byte)',');
            json.AppendString(name);
            json.Append((byte)':');
            json.AppendString(value);
        }

        json.Append((byte)'}');
        return CanonicalJson.Of(json.Written);
    }
}
