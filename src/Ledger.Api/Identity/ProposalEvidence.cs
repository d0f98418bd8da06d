using System.Text.Json;

namespace Ledger.Api;

/// <summary>What speaks for a proposal, for a person.</summary>
internal static class ProposalEvidence
{
    /// <summary>Each reason in words, the strongest first.</summary>
    public static IReadOnlyList<string> Words(string evidence)
    {
        using var document = JsonDocument.Parse(evidence);
        return [.. document.RootElement.EnumerateArray().Select(one => one.GetProperty("words").GetString()!)];
    }
}
