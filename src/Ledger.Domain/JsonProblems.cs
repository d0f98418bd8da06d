using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ledger.Domain;

/// <summary>Turns the JSON reader's complaints into problems a connector author can act on.</summary>
internal static partial class JsonProblems
{
    public const string Required = "required";

    private const string MissingAre = "missing: ";

    /// <param name="under">Pointer of the value that was read.</param>
    public static Problem Of(JsonException e, string under)
    {
        var pointer = under + string.Concat(Steps(e).Select(step => "/" + Escaped(step)));
        var message = e.Message;
        if (Missing().Match(message) is { Success: true } missing)
        {
            var names = missing.Groups[1].Value.Replace("'", "", StringComparison.Ordinal);
            return new(pointer, Required, SayMissing(names));
        }

        if (Unmapped().Match(message) is { Success: true } unmapped)
            return new(pointer, "unknown_field", $"there is no field '{unmapped.Groups[1].Value}'");
        if (message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
            return new(pointer, "wrong_type", "the value is not of the type the schema says");
        return new(pointer, "invalid", WithoutPath(message));
    }

    public static string WithoutPath(string message)
    {
        var cut = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return cut < 0 ? message : message[..cut];
    }

    public static string Escaped(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public static string SayMissing(params IEnumerable<string> names) => MissingAre + string.Join(", ", names);

    /// <summary>What a problem says is missing.</summary>
    public static string[] Missing(Problem required) => required.Message[MissingAre.Length..].Split(", ");

    /// <summary>The way to the fault: names and indexes. The reader tells them as $.lines[0].net or $['odd name'].
    /// </summary>
    public static IEnumerable<string> Steps(JsonException e)
    {
        var here = e.Path is null ? [] : Step().Matches(e.Path).Select(Named);
        return e is WithinException within ? here.Concat(within.Further) : here;
    }

    private static string Named(Match step) => step.Groups.Values.Skip(1).First(g => g.Success).Value;

    [GeneratedRegex(@"missing required properties including: (.+?)\.", RegexOptions.NonBacktracking)]
    private static partial Regex Missing();

    [GeneratedRegex(@"The JSON property '(.+?)' could not be mapped", RegexOptions.NonBacktracking)]
    private static partial Regex Unmapped();

    [GeneratedRegex(@"\.([^.\[\]]+)|\[(\d+)\]|\['([^']*)'\]", RegexOptions.NonBacktracking)]
    private static partial Regex Step();
}

/// <summary>A fault within a value that has a reader of its own, which counts its way from that value on.</summary>
internal sealed class WithinException : JsonException
{
    private WithinException(JsonException fault)
        : base(JsonProblems.WithoutPath(fault.Message)) => Further = [.. JsonProblems.Steps(fault)];

    /// <summary>The way from that value on.</summary>
    public IReadOnlyList<string> Further { get; }

    /// <summary>Reads such a value.</summary>
    public static T? Read<T>(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(ref reader, options);
        }
        catch (JsonException fault)
        {
            throw new WithinException(fault);
        }
    }
}
