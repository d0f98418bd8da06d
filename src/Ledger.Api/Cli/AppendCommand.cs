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

    private static readonly Option<bool> Bulk = new("--bulk")
    {
        Description = "For imports: every FILE is read as lines, whatever its name and length, in little memory; shows "
            + "events a second and duplicates; refreshes the database's statistics at the end. Where it was stopped or "
            + "crashed, run it again: what is stored is passed over several times faster than it went in.",
    };

    private const int ChunkEvents = 500;
    private const int BufferBytes = 256 << 10;

    public static Command Create() => new LedgerCommand(
        "append", "Appends events from files; prints verdict counts and each problem. Twice is safe.", """
        ledger append events.ndjson
        ledger append monday.json tuesday.json
        export-from-psa | ledger append -
        ledger append --bulk history-2019.ndjson history-2020.ndjson
        zcat history.ndjson.gz | ledger append --bulk -
        """) { Files, Bulk }.OnLedger(async (parsed, cancellationToken) =>
    {
        var files = parsed.GetValue(Files)!;
        if (files.FirstOrDefault(file => file != "-" && !File.Exists(file)) is { } missing)
        {
            Terminal.Note($"There is no file '{missing}'.");
            return Exit.Usage;
        }

        await using var ledger = await parsed.Open(cancellationToken);
        if (parsed.GetValue(Bulk))
            return await BulkAppend.Run(ledger, files, cancellationToken);
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
                await using var stream = Open(file);
                await Append(intake, file, stream, tally, cancellationToken);
            }

            return tally;
        });

    private static async Task Append(
        Intake intake, string file, Stream stream, Tally tally, CancellationToken cancellationToken)
    {
        if (Path.GetExtension(file) is ".ndjson" or ".jsonl")
        {
            await Lines(intake, file, stream, tally, cancellationToken);
            return;
        }

        using var whole = new MemoryStream();
        await stream.CopyToAsync(whole, cancellationToken);
        var text = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        try
        {
            var (_, items) = JsonDocuments.Split(text);
            foreach (var (first, chunk) in items.Chunk(ChunkEvents).Select((chunk, i) => (i * ChunkEvents, chunk)))
                tally.Add(file, await intake.Take(
                    [.. chunk.Select(item => intake.Read(item, null))], first, atomic: false, cancellationToken));
        }
        catch (JsonException) when (IsLines(text.Span))
        {
            whole.Position = 0;
            await Lines(intake, file, whole, tally, cancellationToken);
        }
        catch (JsonException error)
        {
            tally.Fault(file, $"not JSON: {error.Message}");
        }
    }

    public static Stream Open(string file) => file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);

    /// <summary>Appends a stream of lines.</summary>
    public static async Task Lines(
        Intake intake, string file, Stream stream, Tally tally, CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferBytes));
        var groups = new LineGroups(pipe, AppendEvents.LineBytesMax);
        await foreach (var answers in new LineIntake(intake, null).Take(groups, cancellationToken))
            tally.Add(file, answers);
    }

    /// <summary>Whether text that is no JSON document may be several, a line each.</summary>
    private static bool IsLines(ReadOnlySpan<byte> text) =>
        text.Trim(" \t\r\n"u8) is [(byte)'{', ..] trimmed && trimmed.Contains((byte)'\n');
}
