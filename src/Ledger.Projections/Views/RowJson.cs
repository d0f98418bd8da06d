using System.Buffers;
using System.Text.Json;
using Ledger.Domain;

namespace Ledger.Projections.Views;

/// <summary>Writes the JSON columns of rows, each thread over and over with one writer.</summary>
internal static class RowJson
{
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? pen;

    public static byte[] Of<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        if (pen is not { } used)
        {
            var fresh = new ArrayBufferWriter<byte>(1024);
            pen = used = (fresh, new(fresh, new() { Encoder = LedgerJson.Options.Encoder }));
        }

        used.Buffer.ResetWrittenCount();
        used.Writer.Reset();
        write(used.Writer, value);
        used.Writer.Flush();
        return used.Buffer.WrittenSpan.ToArray();
    }
}
