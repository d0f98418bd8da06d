using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime;

namespace Ledger.Domain.Tests;

/// <summary>Histories of one record of any kind, made of the golden samples: each event with values of its own, half of
/// them about a second item, some snapshots partial.</summary>
internal static partial class GoldenStream
{
    /// <summary>How the events of a history are ordered by their source.</summary>
    public enum Ordering
    {
        /// <summary>Each at a time of its own.</summary>
        Times,

        /// <summary>Many at one time: the ids decide.</summary>
        EqualTimes,

        /// <summary>All state a sequence, against their times.</summary>
        Sequences,

        /// <summary>Some state a sequence and some do not, so that none counts before the time.</summary>
        SomeSequences,
    }

    /// <summary>Every event of a kind, and those any kind has.</summary>
    public static EventDefinition[] Vocabulary(Kind kind) =>
        [.. EventCatalog.All.Where(definition => definition.Kind is null || definition.Kind == kind)];

    /// <summary>One history of so many events, drawn from all there are; no two say quite the same.</summary>
    public static Happening[] Draw(Kind kind, int count, Ordering ordering, Random random)
    {
        var vocabulary = Vocabulary(kind);
        // Two of three begin with what can begin a record; in the others all may have to wait.
        var begins = vocabulary.Where(definition => definition.IsSnapshot || IsFirst(kind, definition)).ToArray();
        return
        [
            .. Enumerable.Range(0, count).Select(n => new Happening(
                n == 0 && begins.Length > 0 && random.Next(3) > 0
                    ? begins[random.Next(begins.Length)]
                    : vocabulary[random.Next(vocabulary.Length)],
                n, ordering switch { Ordering.EqualTimes => n % 3, Ordering.Sequences => count - n, _ => n * 7 % 11 + n },
                ordering switch
                {
                    Ordering.Sequences => n,
                    Ordering.SomeSequences when n % 2 == 0 => count - n,
                    _ => null,
                })),
        ];
    }

    /// <summary>A sample's body, with values of its own.</summary>
    /// <param name="n">Which values.</param>
    public static Event Body(EventDefinition definition, int n)
    {
        var text = Sample(definition.Name);
        text = text.Replace("1234.5678", $"{1_000 + n}.25", StringComparison.Ordinal);
        text = Numbered().Replace(text, n % 2 == 0 ? "$1 1\"" : "$1 2\"");
        if (n % 3 == 0)
            text = Covers().Replace(text, "");
        return definition.Read(Encoding.UTF8.GetBytes(text));
    }

    private static bool IsFirst(Kind kind, EventDefinition definition) =>
        definition.Kind == kind
        && StreamFold.Fold(kind, [new Happening(definition, 0, 0, null).Recorded("s", 1)]).State is not null;

    private static string Sample(string name)
    {
        lock (Samples)
        {
            if (!Samples.TryGetValue(name, out var text))
                Samples[name] = text = File.ReadAllText(
                    Path.Combine(Checkout.Root, "tests", "golden", name + ".json")).TrimEnd('\n');
            return text;
        }
    }

    private static readonly Dictionary<string, string> Samples = [];

    [GeneratedRegex(@"("":""[a-zA-Z]+) 1""")]
    private static partial Regex Numbered();

    [GeneratedRegex(@",""covers"":\[""[^\]]*\]|""covers"":\[""[^\]]*\],")]
    private static partial Regex Covers();
}

/// <summary>An event of a history as its source tells it.</summary>
/// <param name="Number">Its values, and its id.</param>
/// <param name="Minute">Its time.</param>
internal sealed record Happening(EventDefinition Definition, int Number, int Minute, long? Sequence)
{
    public static readonly Instant Morning = Instant.FromUtc(2026, 3, 2, 9, 0);

    public string Id => Number.ToString("00000", CultureInfo.InvariantCulture);

    /// <summary>No two say the same.</summary>
    public Event Body { get; } = GoldenStream.Body(Definition, Number) with { Number = $"N-{Number}" };

    public RecordedEvent Recorded(string stream, long position)
    {
        var at = Morning + Duration.FromMinutes(Minute);
        return new(
            position, "psa", Id, stream, Definition.Name, at, at.InUtc().Date, Sequence, null, Happening.Morning, Body);
    }
}
