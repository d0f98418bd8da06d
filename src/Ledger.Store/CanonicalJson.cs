using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Unicode;

namespace Ledger.Store;

/// <summary>RFC 8785 (JSON Canonicalization Scheme) over UTF-8: one value, one spelling. Stricter than JSON: a
/// duplicate member, invalid UTF-8, a lone surrogate, NUL in a string or name, a number beyond the range of a double
/// and nesting deeper than 64 are errors.</summary>
public static partial class CanonicalJson
{
    /// <summary>Levels of objects and arrays allowed inside each other.</summary>
    public const int MaxDepth = 64;

    private const int Few = 24;

    /// <summary>The canonical bytes of one JSON text.</summary>
    /// <exception cref="MalformedJsonException">It is not JSON, or not JSON this ledger takes.</exception>
    public static byte[] Of(ReadOnlySpan<byte> json)
    {
        if (IsPlainlyCanonical(json))
            return json.ToArray();
        using var output = new JsonBuffer(json.Length + 16);
        Write(json, output);
        return output.Written.ToArray();
    }

    /// <summary>Writes the canonical bytes of one JSON text to <paramref name="output"/>.</summary>
    /// <exception cref="MalformedJsonException">As <see cref="Of"/>; nothing was written.</exception>
    public static void Write(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        using var buffer = new JsonBuffer(json.Length + 16);
        Write(json, buffer);
        output.Write(buffer.Written);
    }

    /// <summary>Whether the bytes are a JSON text in canonical form already.</summary>
    /// <exception cref="MalformedJsonException">As <see cref="Of"/>.</exception>
    public static bool IsCanonical(ReadOnlySpan<byte> json)
    {
        if (IsPlainlyCanonical(json))
            return true;
        using var output = new JsonBuffer(json.Length + 16);
        Write(json, output);
        return output.Written.SequenceEqual(json);
    }

    internal static void Write(ReadOnlySpan<byte> json, JsonBuffer output)
    {
        if (!Utf8.IsValid(json))
            throw new MalformedJsonException("The text is not valid UTF-8.", 0);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var members = new Members();
        try
        {
            reader.Read();
            Value(ref reader, output, ref members);
            if (reader.Read())
                throw new MalformedJsonException("Something follows the JSON text.", reader.TokenStartIndex);
        }
        catch (JsonException error)
        {
            throw new MalformedJsonException(error.Message, reader.BytesConsumed);
        }
        catch (InvalidOperationException)
        {
            throw new MalformedJsonException("A string holds half of a surrogate pair.", reader.TokenStartIndex);
        }
        finally
        {
            members.Dispose();
        }
    }

    private static void Value(ref Utf8JsonReader reader, JsonBuffer output, ref Members members)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject: Object(ref reader, output, ref members); break;
            case JsonTokenType.StartArray: Array(ref reader, output, ref members); break;
            case JsonTokenType.String: String(ref reader, output); break;
            case JsonTokenType.Number: Number(reader.ValueSpan, output, reader.TokenStartIndex); break;
            default: output.Append(reader.ValueSpan); break; // true, false, null
        }
    }

    private static void Array(ref Utf8JsonReader reader, JsonBuffer output, ref Members members)
    {
        output.Append((byte)'[');
        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
        {
            if (!first)
                output.Append((byte)',');
            Value(ref reader, output, ref members);
        }

        output.Append((byte)']');
    }

    private static void Object(ref Utf8JsonReader reader, JsonBuffer output, ref Members members)
    {
        output.Append((byte)'{');
        var start = output.Length;
        var floor = members.Count;
        var sorted = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var offset = reader.TokenStartIndex;
            if (members.Count > floor)
                output.Append((byte)',');
            var member = new Member(output.Length, 0, 0);
            String(ref reader, output);
            member = member with { NameEnd = output.Length };
            if (members.Count > floor && sorted)
            {
                var order = Compare(members.Last.Name(output.Written), member.Name(output.Written));
                if (order == 0)
                    throw new MalformedJsonException("An object has two members of one name.", offset);
                sorted = order < 0;
            }

            output.Append((byte)':');
            reader.Read();
            members.Push(member);
            Value(ref reader, output, ref members);
            members.Last = members.Last with { End = output.Length };
        }

        if (!sorted)
            Sort(output, start, members.From(floor), reader.TokenStartIndex);
        members.Pop(floor);
        output.Append((byte)'}');
    }

    private static void Sort(JsonBuffer output, int start, Span<Member> members, long offset)
    {
        var length = output.Length - start;
        var copy = ArrayPool<byte>.Shared.Rent(length);
        output.Written[start..].CopyTo(copy);
        foreach (ref var member in members)
            member = new Member(member.Start - start, member.NameEnd - start, member.End - start);
        Order(members, copy);
        output.Truncate(start);
        for (var i = 0; i < members.Length; i++)
        {
            if (i > 0)
            {
                if (Compare(members[i - 1].Name(copy), members[i].Name(copy)) == 0)
                    throw new MalformedJsonException("An object has two members of one name.", offset);
                output.Append((byte)',');
            }

            output.Append(copy.AsSpan(members[i].Start, members[i].End - members[i].Start));
        }

        Debug.Assert(output.Length - start == length, "sorting moves members, it does not change them");
        ArrayPool<byte>.Shared.Return(copy);
    }

    /// <summary>By insertion where they are few, as nearly always: calling a comparison costs more than comparing.
    /// </summary>
    private static void Order(Span<Member> members, byte[] text)
    {
        if (members.Length > Few)
        {
            // Apart, as a closure is made where its method begins.
            OrderMany(members, text);
            return;
        }

        for (var i = 1; i < members.Length; i++)
        {
            var (member, at) = (members[i], i);
            for (; at > 0 && Compare(members[at - 1].Name(text), member.Name(text)) > 0; at--)
                members[at] = members[at - 1];
            members[at] = member;
        }
    }

    private static void OrderMany(Span<Member> members, byte[] text) =>
        members.Sort((left, right) => Compare(left.Name(text), right.Name(text)));

    private static void String(ref Utf8JsonReader reader, JsonBuffer output)
    {
        if (!reader.ValueIsEscaped)
        {
            // Unescaped means: nothing in it that RFC 8785 escapes.
            var raw = reader.ValueSpan;
            var span = output.Reserve(raw.Length + 2);
            span[0] = (byte)'"';
            raw.CopyTo(span[1..]);
            span[raw.Length + 1] = (byte)'"';
            output.Advance(raw.Length + 2);
            return;
        }

        var pooled = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            var text = pooled.AsSpan(0, reader.CopyString(pooled));
            if (text.Contains((byte)0))
                throw new MalformedJsonException("A string holds NUL (\\u0000).", reader.TokenStartIndex);
            output.AppendString(text);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    /// <summary>Orders two canonical names, given with their quotes, by their UTF-16 code units.</summary>
    private static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Contains((byte)'\\') || right.Contains((byte)'\\'))
            return string.CompareOrdinal(Unescaped(left), Unescaped(right));
        left = left[1..^1];
        right = right[1..^1];
        var common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
            return left.Length - right.Length;
        var (a, b) = (left[common], right[common]);
        // UTF-8 orders as UTF-16 does, except that surrogates (four bytes, F0 and up) come before U+E000 (EE, EF).
        if (a >= 0xEE && b >= 0xEE && a >= 0xF0 != b >= 0xF0)
            return a >= 0xF0 ? -1 : 1;
        return a - b;
    }

    private static string Unescaped(ReadOnlySpan<byte> quoted)
    {
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString()!;
    }

    /// <summary>One member as it stands in the output: <c>"name":value</c>.</summary>
    private readonly record struct Member(int Start, int NameEnd, int End)
    {
        public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> output) => output[Start..NameEnd];
    }

    /// <summary>The members of all open objects, innermost last.</summary>
    private ref struct Members
    {
        private Member[]? pooled;

        public int Count { get; private set; }

        public readonly ref Member Last => ref pooled![Count - 1];

        public void Push(Member member)
        {
            if (pooled is null)
            {
                pooled = ArrayPool<Member>.Shared.Rent(32);
            }
            else if (Count == pooled.Length)
            {
                var larger = ArrayPool<Member>.Shared.Rent(Count * 2);
                pooled.AsSpan(0, Count).CopyTo(larger);
                ArrayPool<Member>.Shared.Return(pooled);
                pooled = larger;
            }

            pooled[Count++] = member;
        }

        public readonly Span<Member> From(int floor) => pooled.AsSpan(floor, Count - floor);

        public void Pop(int floor) => Count = floor;

        public readonly void Dispose()
        {
            if (pooled is not null)
                ArrayPool<Member>.Shared.Return(pooled);
        }
    }
}

/// <summary>Bytes that are not a JSON text, or not one this ledger takes.</summary>
/// <param name="offset">Byte at which it shows, from 0.</param>
public sealed class MalformedJsonException(string message, long offset) : FormatException(message)
{
    /// <summary>Byte at which it shows, from 0.</summary>
    public long Offset { get; } = offset;
}
