using System.Buffers;
using System.CommandLine;
using System.IO.Pipelines;
using System.Text.Json;

namespace Ledger.Api;

/// <summary><c>ledger append FILE…</c>: the same way in as <c>POST /v1/events</c>.</summary>
internal static class AppendCommand
{
    private static readonly Argument<string[]> Files = new("FILE")
    {
        Description = "JSON (one event or an array) or NDJSON (one event a line); - is standard input.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create() => new LedgerCommand(
        "append", "Appends events from files; prints verdict counts and each problem. Twice is safe.", """
        ledger append events.ndjson
        ledger append monday.json tuesday.json
        export-from-psa | ledger append -
        """) { Files }.OnLedger(async (parsed, cancellationToken) =>
    {
        var files = parsed.GetValue(Files)!;
        if (files.FirstOrDefault(file => file != "-" && !File.Exists(file)) is { } missing)
        {
            Terminal.Note($"There is no file '{missing}'.");
            return Exit.Usage;
        }

        await using var ledger = await parsed.Open(cancellationToken);
        var tally = await Append(ledger.Intake, files, cancellationToken);
        Terminal.Write(tally.ToString());
        return tally.Problems == 0 ? Exit.Good : Exit.ProblemFound;
    });

    /// <summary>Appends files in the order given.</summary>
    public static async Task<Tally> Append(
        Intake intake, IReadOnlyList<string> files, CancellationToken cancellationToken) =>
        await Terminal.Watch("Appending events", async progress =>
        {
            var tally = new Tally(progress);
            foreach (var file in files)
            {
                await using var stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
                await Append(intake, file, stream, tally, cancellationToken);
            }

            return tally;
        });

    private static async Task Append(
        Intake intake, string file, Stream stream, Tally tally, CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(stream);
        if (await HoldsLines(pipe, cancellationToken))
        {
            var next = 0;
            await foreach (var group in new LineGroups(pipe, AppendEvents.LineBytesMax).Read(cancellationToken))
            {
                var offered = group.ConvertAll(line => line.Read());
                tally.Add(file, await intake.Take(offered, next, atomic: false, null, cancellationToken));
                next += group.Count;
            }

            return;
        }

        await Document(intake, file, pipe, tally, cancellationToken);
    }

    private static async Task Document(
        Intake intake, string file, PipeReader pipe, Tally tally, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        await pipe.CopyToAsync(whole, cancellationToken);
        try
        {
            var (_, items) = JsonDocuments.Split(whole.GetBuffer().AsMemory(0, (int)whole.Length));
            foreach (var (first, chunk) in items.Chunk(500).Select((chunk, i) => (i * 500, chunk)))
                tally.Add(file, await intake.Take(
                    [.. chunk.Select(Offered.Read)], first, atomic: false, null, cancellationToken));
        }
        catch (JsonException error)
        {
            tally.Fault(file, $"not JSON: {error.Message}");
        }
    }

    /// <summary>A file whose first line is a whole JSON object is lines; anything else is one document.</summary>
    private static async Task<bool> HoldsLines(PipeReader pipe, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await pipe.ReadAsync(cancellationToken);
            var line = read.Buffer.PositionOf((byte)'\n') is { } end ? read.Buffer.Slice(0, end) : read.Buffer;
            var ends = line.Length < read.Buffer.Length;
            var known = ends || read.IsCompleted || line.Length > AppendEvents.LineBytesMax;
            var isLine = ends && IsObject(line.ToArray());
            pipe.AdvanceTo(read.Buffer.Start, known ? read.Buffer.Start : read.Buffer.End);
            if (known)
                return isLine;
        }
    }

    private static bool IsObject(byte[] line)
    {
        try
        {
            return JsonDocuments.Split(line) is (false, _);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
