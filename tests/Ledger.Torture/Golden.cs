using Ledger.Domain;

namespace Ledger.Torture;

/// <summary>The golden samples, each in an envelope: one of every event there is.</summary>
internal static class Golden
{
    private static readonly Lazy<IReadOnlyList<(string Name, string Kind, string Body)>> Bodies = new(Read);

    /// <summary>One document of every event, on one line each.</summary>
    /// <param name="prefix">Of their ids, for keys nobody used yet.</param>
    public static IReadOnlyList<string> Envelopes(string prefix) =>
        [.. Bodies.Value.Select(sample => Envelope(sample.Name, sample.Kind, sample.Body, prefix))];

    public static string Envelope(int nth, string prefix)
    {
        var (name, kind, body) = Bodies.Value[nth % Bodies.Value.Count];
        return Envelope(name, kind, body, prefix);
    }

    private static string Envelope(string name, string kind, string body, string prefix) =>
        $"{{\"id\":\"{prefix}-{name}\",\"source\":\"psa\",\"type\":\"{name}\",\"subject\":\"{kind}/{prefix}\","
        + $"\"time\":\"2026-03-14T09:30:00Z\",\"effectiveOn\":\"2026-03-14\",\"sequence\":7,\"actor\":\"Ana\","
        + "\"correlationId\":\"c\",\"links\":[{\"rel\":\"about\",\"ref\":{\"kind\":\"client\",\"id\":\"C1\"}}],"
        + $"\"data\":{body}}}";

    private static List<(string Name, string Kind, string Body)> Read()
    {
        var samples = new List<(string, string, string)>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "golden")).Order())
            if (EventCatalog.TryFind(Path.GetFileNameWithoutExtension(file), out var definition))
                samples.Add((
                    definition.Name, (definition.Kind ?? Kind.Client).Name,
                    File.ReadAllText(file).ReplaceLineEndings("")));
        return samples.Count > 50
            ? samples
            : throw new InvalidOperationException($"There are {samples.Count} golden samples beside the program.");
    }
}
