using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ledger.Domain;

/// <summary>Turns the JSON reader's complaints into problems a connector author can act on.</summary>
internal static partial class JsonProblems
{
    /// <param name="under">Pointer of the value that was read.</param>
    public static Problem Of(JsonException e, string under)
    {
        var pointer = under + Pointer(e.Path);
        var message = e.Message;
        if (Missing().Match(message) is { Success: true } missing)
        {
            var names = missing.Groups[1].Value.Replace("'", "", StringComparison.Ordinal);
            return new(pointer, "required", $"missing: {names}");
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

    // The reader tells paths as $.lines[0].net or $['odd name'].
    private static string Pointer(string? path) => path is null
        ? ""
        : string.Concat(Step().Matches(path).Select(step => "/" + Escaped(Named(step))));

    private static string Named(Match step) => step.Groups.Values.Skip(1).First(g => g.Success).Value;

    [GeneratedRegex(@"missing required properties including: (.+?)\.", RegexOptions.NonBacktracking)]
    private static partial Regex Missing();

    [GeneratedRegex(@"The JSON property '(.+?)' could not be mapped", RegexOptions.NonBacktracking)]
    private static partial Regex Unmapped();

    [GeneratedRegex(@"\.([^.\[\]]+)|\[(\d+)\]|\['([^']*)'\]", RegexOptions.NonBacktracking)]
    private static partial Regex Step();
}
