using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ledger.Domain;

/// <summary>All that is wrong with a body. The reader stops at the first fault; so what is wrong is taken out, and the
/// rest read again, for as long as that is cheap.</summary>
internal sealed class BodyFaults
{
    /// <summary>Beyond so many faults, or in a longer body, only those found so far are told.</summary>
    private const int FaultsMax = 10, BytesMax = 64 << 10;

    private readonly JsonNode? root;
    private readonly List<Problem> problems = [];

    /// <summary>Places in lists as they were, of what was taken out: later items have moved up.</summary>
    private readonly Dictionary<JsonArray, List<int>> gaps = [];

    /// <summary>Members that were taken out: they are not missing.</summary>
    private readonly HashSet<(JsonObject Of, string Name)> taken = [];

    private BodyFaults(ReadOnlySpan<byte> data) =>
        root = data.Length <= BytesMax ? JsonNode.Parse(data, null, EnvelopeReader.Strict) : null;

    /// <param name="data">The body as it came; JSON.</param>
    /// <param name="first">What the reader stopped at.</param>
    public static Items<Problem> In(ReadOnlySpan<byte> data, EventDefinition definition, JsonException first)
    {
        var found = new BodyFaults(data);
        var fault = first;
        while (fault is not null && found.Take(fault) && found.problems.Count < FaultsMax)
            fault = found.Next(definition);
        return found.problems.ToItems();
    }

    private JsonException? Next(EventDefinition definition)
    {
        try
        {
            root.Deserialize(definition.Json);
            return null;
        }
        catch (JsonException e)
        {
            return e;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Notes a fault and takes out the value that has it.</summary>
    /// <returns>False = the rest cannot be read without it.</returns>
    private bool Take(JsonException fault)
    {
        var problem = JsonProblems.Of(fault, "/data");
        if (root is null)
        {
            problems.Add(problem);
            return false;
        }

        var (at, pointer) = ((JsonNode?)root, "/data");
        Action? takeOut = null;
        foreach (var step in JsonProblems.Steps(fault))
        {
            (at, var name, takeOut) = Into(at, step);
            pointer += "/" + JsonProblems.Escaped(name);
        }

        if (problem.Code == JsonProblems.Required && at is JsonObject of)
            AddMissing(problem with { Pointer = pointer }, of);
        else
            problems.Add(problem with { Pointer = pointer });
        takeOut?.Invoke();
        return takeOut is not null;
    }

    private void AddMissing(Problem problem, JsonObject of)
    {
        string[] names = [.. JsonProblems.Missing(problem).Where(name => !taken.Contains((of, name)))];
        if (names.Length > 0)
            problems.Add(problem with { Message = JsonProblems.SayMissing(names) });
    }

    /// <summary>One step down: what is there, what it was called in the body that came, and how to take it out.
    /// </summary>
    private (JsonNode? At, string Name, Action? TakeOut) Into(JsonNode? from, string step)
    {
        switch (from)
        {
            case JsonObject members:
                return (members.TryGetPropertyValue(step, out var member) ? member : null, step, () =>
                {
                    members.Remove(step);
                    taken.Add((members, step));
                });
            case JsonArray items when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && index < items.Count:
                if (!gaps.TryGetValue(items, out var gone))
                    gaps[items] = gone = [];
                var was = gone.Order().Aggregate(index, (place, gap) => gap <= place ? place + 1 : place);
                return (items[index], was.ToString(CultureInfo.InvariantCulture), () =>
                {
                    items.RemoveAt(index);
                    gone.Add(was);
                });
            default:
                return (null, step, null);
        }
    }
}
