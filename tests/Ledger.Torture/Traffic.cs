using System.Diagnostics;
using System.Globalization;

namespace Ledger.Torture;

/// <summary>Clients that append over HTTP until they are stopped. What gets no answer, or the answer that the database
/// is away, they send again under its key.</summary>
internal sealed class Traffic(Run run, Books books, string name)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    private long _acknowledged;
    private long _refusals;

    /// <summary>Events that were acknowledged so far.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Requests that were answered 503 so far.</summary>
    public long Refusals => Interlocked.Read(ref _refusals);

    /// <summary>How many characters each event's note has; what they say cannot be compressed.</summary>
    public int NoteLength { get; set; }

    /// <summary>Starts clients.</summary>
    /// <param name="door">Of a client; asked again for every request.</param>
    /// <param name="stop">What was sent is still settled.</param>
    public Task Start(int clients, Func<int, Door> door, CancellationToken stop, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(
            async () =>
            {
                for (var n = 0; !stop.IsCancellationRequested; n++)
                    await Settle(Batch(client, n), () => door(client), cancellationToken);
            },
            cancellationToken)));

    /// <summary>Sends until every event of the batch is acknowledged.</summary>
    public async Task Settle(
        IReadOnlyDictionary<string, string> batch, Func<Door> door, CancellationToken cancellationToken)
    {
        var open = new Dictionary<string, string>(batch, StringComparer.Ordinal);
        for (var began = Stopwatch.GetTimestamp(); open.Count > 0;)
        {
            var answer = await Post(door(), [.. open.Values], cancellationToken);
            if (answer is { Status: 503 })
            {
                Interlocked.Increment(ref _refusals);
                if (!answer.SaysWhenToRetry)
                    run.Anomaly($"a 503 does not say when to try again: {answer.Text}");
            }
            else if (answer is not null)
            {
                Take(open, answer);
            }

            if (open.Count > 0 && Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(3))
            {
                run.Anomaly($"{open.Count} events got no verdict in three minutes, last {answer?.Text}");
                return;
            }

            if (open.Count > 0)
                await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Waits for an acknowledgement beyond those counted.</summary>
    /// <returns>False = none came in time.</returns>
    public async Task<bool> Beyond(long acknowledged, TimeSpan patience, CancellationToken cancellationToken)
    {
        for (var began = Stopwatch.GetTimestamp(); Acknowledged <= acknowledged;)
        {
            if (Stopwatch.GetElapsedTime(began) > patience)
                return false;
            await Task.Delay(5, cancellationToken);
        }

        return true;
    }

    private static Task<Answer?> Post(Door door, string[] documents, CancellationToken cancellationToken) =>
        documents.Length == 1 ? door.Post(documents[0], Door.Json, cancellationToken)
        : documents.Length % 2 == 0 ? door.Post($"[{string.Join(',', documents)}]", Door.Json, cancellationToken)
        : door.Post(string.Join('\n', documents), Door.Lines, cancellationToken);

    private Dictionary<string, string> Batch(int client, int n)
    {
        var dice = run.Dice($"{name} {client}", n);
        var batch = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var left = dice.Next(3) == 0 ? dice.Next(2, 30) : 1; left > 0; left--)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{name}-{client}-{n}-{left}");
            var note = NoteLength == 0 ? "" : Noise(dice);
            batch[id] = Sample.Time(id, $"shared-{dice.Next(20)}", minutes: dice.Next(1, 480), note: note);
            books.Offer(id);
        }

        return batch;
    }

    private string Noise(Random dice)
    {
        var noise = new byte[NoteLength / 4 * 3];
        dice.NextBytes(noise);
        return Convert.ToBase64String(noise);
    }

    private void Take(Dictionary<string, string> open, Answer answer)
    {
        // A stream of lines that was cut off in the middle answers fewer; the rest is sent again.
        if (answer.Items.Count == 0)
            run.Anomaly($"events were answered with {answer.Status} {answer.Text}");
        foreach (var item in answer.Items)
        {
            var verdict = books.Take(item);
            if (verdict is "appended" or "duplicate")
            {
                if (open.Remove(item.GetProperty("id").GetString()!))
                    Interlocked.Increment(ref _acknowledged);
            }
            else if (verdict != "unavailable")
            {
                run.Anomaly($"a good event was answered with {item}");
            }
        }
    }
}
