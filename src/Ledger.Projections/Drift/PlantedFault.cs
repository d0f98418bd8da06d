using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledger.Projections.Drift;

/// <summary>The event that a fault began with, by its source's own id.</summary>
public sealed record PlantedEvent(string Source, string Id);

/// <summary>What faults that hide each other on one record are told as.</summary>
/// <param name="Classes">Each may be told in any of these, snake_case.</param>
/// <param name="Amount">What they come to together; positive.</param>
public sealed record PlantedMask(string[] Classes, string Amount)
{
    [JsonIgnore]
    internal decimal Sum => decimal.Parse(Amount, CultureInfo.InvariantCulture);
}

/// <summary>One fault that was planted in a made-up firm, as its <c>truth.json</c> lists it.</summary>
/// <param name="Fault">What went wrong, snake_case.</param>
/// <param name="Class">The class of drift it must be found in, snake_case.</param>
/// <param name="Record">Stream of the record it is about.</param>
/// <param name="Number">The invoice it is about, where it is about one.</param>
/// <param name="Amount">What is at stake, in <paramref name="Currency"/>; positive, zero where no money is.</param>
/// <param name="Related">Streams of other records that belong to it.</param>
/// <param name="Beside">What was planted on the same document.</param>
/// <param name="Closed">Whether it has mended itself by the end.</param>
/// <param name="Masked">Set where others on its record hide it, and it them.</param>
public sealed record PlantedFault(
    string Fault, string Class, string Record, string? Number, string Amount, string Currency, PlantedEvent Event,
    string[] Related, string[] Beside, bool Closed, PlantedMask? Masked = null)
{
    /// <summary>The list as the file has it.</summary>
    /// <exception cref="JsonException">It is not such a list.</exception>
    public static IReadOnlyList<PlantedFault> Read(ReadOnlySpan<byte> truth) =>
        JsonSerializer.Deserialize<Truth>(truth, JsonSerializerOptions.Web)?.Faults
        ?? throw new JsonException("there is no list of faults");

    [JsonIgnore]
    internal decimal Money => decimal.Parse(Amount, CultureInfo.InvariantCulture);

    /// <summary>Whether it may be told in a class of drift.</summary>
    internal bool IsToldIn(string drift) => Masked is null ? drift == Class : Masked.Classes.Contains(drift);

    private sealed record Truth(PlantedFault[]? Faults);
}
