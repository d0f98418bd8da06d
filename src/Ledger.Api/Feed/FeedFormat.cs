using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>How a feed is written: a closed family.</summary>
internal abstract class FeedFormat
{
    public static readonly FeedFormat Lines = new LineFormat();

    public static readonly FeedFormat EventStream = new EventStreamFormat();

    private FeedFormat()
    {
    }

    /// <summary>What comes before anything else.</summary>
    public abstract void Begin(IBufferWriter<byte> to);

    public abstract void Event(IBufferWriter<byte> to, StoredEvent stored);

    /// <summary>Says that everything up to a position was seen, sent or not.</summary>
    public abstract void Seen(IBufferWriter<byte> to, long position);

    private static void Json(IBufferWriter<byte> to, StoredEvent stored)
    {
        using var json = new Utf8JsonWriter(to, new() { Encoder = DoorJson.Encoder });
        JsonSerializer.Serialize(json, EventAnswer.Of(stored), DoorJson.Plain.EventAnswer);
    }

    private static void Text(IBufferWriter<byte> to, FormattableString text) =>
        Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture), to);

    /// <summary>An event a line; a line that has only a position is no event.</summary>
    private sealed class LineFormat : FeedFormat
    {
        public override void Begin(IBufferWriter<byte> to)
        {
            // Lines need no beginning.
        }

        public override void Event(IBufferWriter<byte> to, StoredEvent stored)
        {
            Json(to, stored);
            to.Write("\n"u8);
        }

        public override void Seen(IBufferWriter<byte> to, long position) =>
            Text(to, $"{{\"position\":{position}}}\n");
    }

    /// <summary>Server-sent events. A block that has only an id is no event, but a client remembers the id.</summary>
    private sealed class EventStreamFormat : FeedFormat
    {
        private const int RetryMilliseconds = 2_000;

        public override void Begin(IBufferWriter<byte> to) => Text(to, $"retry: {RetryMilliseconds}\n\n");

        public override void Event(IBufferWriter<byte> to, StoredEvent stored)
        {
            Text(to, $"id: {stored.Position}\nevent: {stored.Type}\ndata: ");
            Json(to, stored);
            to.Write("\n\n"u8);
        }

        public override void Seen(IBufferWriter<byte> to, long position) =>
            Text(to, $": nothing more up to {position}\nid: {position}\n\n");
    }
}
