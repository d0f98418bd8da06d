namespace Ledger.Store;

/// <summary>What tells a duplicate from a conflict.</summary>
public static class EventDigest
{
    /// <summary>SHA-256 of the RFC 8785 object of the parts given; an absent part has no member.</summary>
    /// <param name="time">The source's instant in its one canonical spelling; it is hashed as written.</param>
    /// <param name="links">References in canonical form, UTF-8; empty = absent.</param>
    /// <param name="data">The body in canonical form, UTF-8.</param>
    public static byte[] For(
        string type, string subject, string? time, string? sequence, string? effectiveOn, string? actor,
        ReadOnlySpan<byte> links, ReadOnlySpan<byte> data)
    {
        using var json = new JsonBuffer(data.Length + links.Length + 512);
        // Members in RFC 8785 order, which is this alphabetical one.
        Member(json, "{\"actor\":"u8, actor);
        json.Append(json.Length == 0 ? "{\"data\":"u8 : ",\"data\":"u8);
        json.Append(data);
        Member(json, ",\"effectiveOn\":"u8, effectiveOn);
        if (!links.IsEmpty)
        {
            json.Append(",\"links\":"u8);
            json.Append(links);
        }

        Member(json, ",\"sequence\":"u8, sequence);
        Member(json, ",\"subject\":"u8, subject);
        Member(json, ",\"time\":"u8, time);
        Member(json, ",\"type\":"u8, type);
        json.Append("}"u8);
        return Sha256.Hash(json.Written);
    }

    /// <summary>The same of parts in UTF-8, where an empty one is absent and there are no links.</summary>
    /// <param name="data">The body in any form.</param>
    /// <exception cref="MalformedJsonException">The body holds what RFC 8785 cannot.</exception>
    public static byte[] For(
        ReadOnlySpan<byte> type, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> time, ReadOnlySpan<byte> sequence,
        ReadOnlySpan<byte> effectiveOn, ReadOnlySpan<byte> actor, ReadOnlySpan<byte> data)
    {
        using var json = new JsonBuffer(data.Length + 512);
        Member(json, "{\"actor\":"u8, actor);
        json.Append(json.Length == 0 ? "{\"data\":"u8 : ",\"data\":"u8);
        CanonicalJson.Write(data, json);
        Member(json, ",\"effectiveOn\":"u8, effectiveOn);
        Member(json, ",\"sequence\":"u8, sequence);
        Member(json, ",\"subject\":"u8, subject);
        Member(json, ",\"time\":"u8, time);
        Member(json, ",\"type\":"u8, type);
        json.Append("}"u8);
        return Sha256.Hash(json.Written);
    }

    private static void Member(JsonBuffer json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;
        json.Append(name);
        json.AppendString(value);
    }

    private static void Member(JsonBuffer json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
            return;
        json.Append(name);
        json.AppendString(value);
    }
}
