using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>ledger source limit NAME …</c>: holds a system to less than the ledger takes from anybody.</summary>
internal static partial class SourceLimitCommand
{
    private const int RateMax = 1_000_000;

    private static readonly Option<string?> Rate = new("--rate")
    {
        Description = "Events over time, such as 500/s, 1000/m or 20000/h.",
        HelpName = "RATE",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var token] && Read(token.Value, null) is null)
                    result.AddError($"--rate takes events over time such as 500/s, 1000/m or 20000/h, not "
                        + $"'{token.Value}'.");
            },
        },
    };

    private static readonly Option<int?> Burst = Whole(
        "--burst", "Events at once; where not said what --rate counts.", RateMax);

    private static readonly Option<int?> Bytes = Whole("--body-bytes", "Bytes of a body.", AppendEvents.BodyBytesMax);
    private static readonly Option<int?> Items = Whole("--items", "Events of an array.", AppendEvents.ItemsMax);
    private static readonly Option<int?> Depth = Whole("--depth", "Nesting of an event.", LedgerJson.DepthMax);

    private static readonly Option<bool> None = new("--none") { Description = "No limit of its own any more." };

    public static Command Create(Argument<string> name)
    {
        var command = new LedgerCommand(
            "limit", "Holds a source to limits, in place of those before.", """
            ledger source limit psa --rate 500/s --burst 2000
            ledger source limit crm --body-bytes 1000000 --items 500 --depth 16
            ledger source limit psa --none
            """) { name, Rate, Burst, Bytes, Items, Depth, None };
        command.Validators.Add(result =>
        {
            var said = new Option[] { Rate, Burst, Bytes, Items, Depth }.Count(o => result.GetResult(o) is not null);
            if (result.GetResult(None) is null == (said == 0))
                result.AddError("Say a limit, or --none.");
            if (result.GetResult(Burst) is not null && result.GetResult(Rate) is null)
                result.AddError("--burst goes with --rate.");
        });
        return command.OnLedger(async (parsed, cancellationToken) =>
        {
            await using var ledger = await parsed.Open(cancellationToken);
            var rate = parsed.GetValue(Rate) is { } text ? Read(text, parsed.GetValue(Burst)) : null;
            var limit = new WriterLimit(rate, parsed.GetValue(Bytes), parsed.GetValue(Items), parsed.GetValue(Depth));
            await new Writers(ledger.Source).SetLimit(parsed.GetValue(name)!, limit, cancellationToken);
            Terminal.Write($"{parsed.GetValue(name)}{Said(limit)}");
            return Exit.Good;
        });
    }

    /// <summary>For people; begins with a separator where there is something to say.</summary>
    public static string Said(WriterLimit limit)
    {
        var said = new List<string>();
        if (limit.Rate is { } rate)
            said.Add(FormattableString.Invariant($"{rate.Events} events in {rate.Seconds} s, {rate.Burst} at once"));
        if (limit.BodyBytes is { } bytes)
            said.Add(FormattableString.Invariant($"{bytes} bytes a body"));
        if (limit.BodyItems is { } items)
            said.Add(FormattableString.Invariant($"{items} events an array"));
        if (limit.Depth is { } depth)
            said.Add(FormattableString.Invariant($"{depth} levels"));
        return said.Count == 0 ? ", no limit of its own" : ", at most " + string.Join(", ", said);
    }

    private static Option<int?> Whole(string name, string description, int max)
    {
        var option = new Option<int?>(name)
        {
            Description = FormattableString.Invariant($"{description} At most {max}."),
            HelpName = "NUMBER",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [var token])
                return;
            var isWhole = int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
            if (!isWhole || value < 1 || value > max)
                result.AddError(FormattableString.Invariant($"{name} is a whole number, 1 to {max}."));
        });
        return option;
    }

    private static EventRate? Read(string text, int? burst)
    {
        if (RatePattern().Match(text) is not { Success: true } match)
            return null;
        var events = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var seconds = match.Groups[2].Value switch { "s" => 1, "m" => 60, _ => 3_600 };
        return events is 0 or > RateMax ? null : new(events, seconds, burst ?? events);
    }

    [GeneratedRegex("^([0-9]{1,7})/([smh])$", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex RatePattern();
}
