using System.Buffers;
using System.Diagnostics;
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Ledger.Api;

/// <summary>Reads a request's body within limits, and lets go of one that is too large without cutting its sender off.
/// </summary>
internal static class RequestBody
{
    /// <summary>How much of a body nobody wants is still read, so that its sender gets to see the answer.</summary>
    private const long DrainBytes = 256L << 20;

    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    /// <summary>The body, unpacked where it comes packed by gzip.</summary>
    public static PipeReader Open(HttpRequest request) => IsPacked(request)
        ? PipeReader.Create(new GZipStream(request.Body, CompressionMode.Decompress))
        : request.BodyReader;

    public static bool IsPacked(HttpRequest request) =>
        string.Equals(request.Headers.ContentEncoding, "gzip", StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes Kestrel's own limit off: what stands here instead answers before it lets go.</summary>
    public static void Unlimit(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = null;
    }

    /// <summary>The whole body; null where it is longer than the limit.</summary>
    /// <exception cref="InvalidDataException">It is not packed as it says.</exception>
    public static async Task<ReadOnlyMemory<byte>?> Read(
        HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
            return null;
        var body = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 4_096) + 1);
        var reader = Open(request);
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (body.WrittenCount + read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            foreach (var piece in read.Buffer)
                body.Write(piece.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return body.WrittenMemory;
        }
    }

    /// <summary>Answers at once, then reads on for a while: a sender that writes before it listens would otherwise find
    /// its connection reset instead of an answer.</summary>
    public static async Task Refuse(HttpContext http, ProblemAnswer problem)
    {
        http.Response.Headers.Connection = "close";
        await problem.ExecuteAsync(http);
        await http.Response.CompleteAsync();
        if (http.Request.Headers.Expect.Count > 0)
            return;
        var started = Stopwatch.GetTimestamp();
        var drained = 0L;
        using var time = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        time.CancelAfter(DrainTime);
        try
        {
            while (drained < DrainBytes && Stopwatch.GetElapsedTime(started) < DrainTime)
            {
                var read = await http.Request.BodyReader.ReadAsync(time.Token);
                drained += read.Buffer.Length;
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // It stopped sending, or left.
        }
    }
}
