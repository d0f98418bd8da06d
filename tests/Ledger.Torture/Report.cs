using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Ledger.Torture;

/// <summary>Results as people read them.</summary>
internal static class Report
{
    public static JsonSerializerOptions Json { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Heading { get; } =
        $"{"scenario",-15}{"trials",9}{"faults",9}{"lost",7}{"doubled",9}{"anomalies",11}{"seconds",9}";

    public static string Row(Outcome o)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{o.Name,-15}{o.Trials,9}{o.Faults,9}{o.Lost,7}{o.Doubled,9}{o.Anomalies,11}{o.ElapsedSeconds,9:F1}");
        foreach (var m in o.Measures)
            text.Append(CultureInfo.InvariantCulture,
                $"\n    {m.Name}: median {m.MedianMs:N1}, 99% {m.P99Ms:N1}, worst {m.WorstMs:N1} ms, of {m.Count}");
        foreach (var note in o.Notes.Concat(o.Skipped.Select(why => "skipped: " + why)).Concat(o.Findings))
            text.Append("\n    ").Append(note);
        return text.ToString();
    }
}
