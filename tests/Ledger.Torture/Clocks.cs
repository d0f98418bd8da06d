using System.Globalization;
using System.Text.RegularExpressions;
using Ledger.Store;
using Ledger.Testing;
using NodaTime;
using Npgsql;

namespace Ledger.Torture;

/// <summary>The clock jumps; the machine speaks Turkish, lives in Nepal and writes dates as Germans do.</summary>
internal static partial class Clocks
{
    private const int Events = 60;
    private const int ReadsMax = 10;

    /// <summary>Where and how a process may be run.</summary>
    private static readonly (string Zone, string Locale)[] Places =
    [
        ("UTC", "C"), ("Asia/Istanbul", "tr_TR.UTF-8"), ("Pacific/Kiritimati", "ar_SA.UTF-8"),
        ("America/St_Johns", "de_DE.UTF-8"), ("Asia/Kathmandu", "fa_IR.UTF-8"), ("Antarctica/Troll", "sv_SE"),
    ];

    /// <summary>Settings that a database or its owner may have of their own.</summary>
    private static readonly string[] Settings =
    [
        "datestyle = 'German, DMY'", "intervalstyle = 'sql_standard'", "timezone = 'Asia/Kathmandu'",
        "bytea_output = 'escape'", "standard_conforming_strings = off", "search_path = 'nowhere'",
        "default_transaction_isolation = 'serializable'", "transform_null_equals = on", "extra_float_digits = -15",
        "array_nulls = off", "backslash_quote = off", "default_transaction_deferrable = on",
    ];

    public static readonly Scenario Scenario = new(
        "clocks",
        "clock jumps, cultures, time zones, database settings: order monotone, hashes and JSON byte-identical",
        Trials: 30, Few: 1, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var database = await TestDatabase.Create(cancellationToken);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var books = new Books(run);
        while (run.Next())
        {
            await Jumps(run, books, source, cancellationToken);
            await Cultures(run, cancellationToken);
            await Elsewhere(run, cancellationToken);
        }

        await books.Check(source, cancellationToken);
    }

    /// <summary>Two stores whose clocks jump by years, in both directions, and stand still.</summary>
    private static async Task Jumps(Run run, Books books, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        Func<Instant> Jumping(int store)
        {
            var dice = run.Dice($"clock {store}", run.Trial);
            var begin = Instant.FromUtc(2026, 11, 2, 9, 0);
            var now = begin;
            return () =>
            {
                lock (dice)
                {
                    run.Fault();
                    now = dice.Next(12) == 0
                        ? begin + Duration.FromDays(dice.Next(-9_000, 300))
                        : now + Duration.FromTicks(dice.Next(-50_000_000, 50_000_000));
                    return now;
                }
            };
        }

        await using var here = new EventStore(source, Jumping(1));
        await using var there = new EventStore(source, Jumping(2));
        await Parallel.ForAsync(0, Events, cancellationToken, async (n, token) =>
        {
            var id = $"j-{run.Trial}-{n}";
            books.Offer(id);
            if (await (n % 2 == 0 ? here : there).Append(Sample.New(id, $"time/psa:jump-{n % 5}"), token)
                is Appended appended)
                books.Take(Ack.Of(appended.Receipt));
            else
                run.Anomaly($"{id} was not appended");
        });
    }

    /// <summary>The same events by the same clock, in a culture and a database that do all they can: not one byte of
    /// the log may differ.</summary>
    private static async Task Cultures(Run run, CancellationToken cancellationToken)
    {
        var plain = await Log(run, CultureInfo.InvariantCulture, [], cancellationToken);
        var dice = run.Dice("settings", run.Trial);
        string[] some = run.Trial == 1 ? Settings : [.. Settings.Where(_ => dice.Next(2) == 0)];
        run.Fault();
        var odd = await Log(run, Odd(dice), some, cancellationToken);
        foreach (var (one, other) in plain.Zip(odd).Where(pair => pair.First != pair.Second))
            run.Anomaly($"in another culture, with {string.Join(", ", some)}, {one} became {other}");
        if (plain.Count != odd.Count || plain.Count < Events)
            run.Anomaly($"{plain.Count} rows became {odd.Count}");
    }

    /// <summary>Programs built to need no culture data still may be given a culture: one as odd as any.</summary>
    private static CultureInfo Odd(Random dice)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat = new NumberFormatInfo
        {
            NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NegativeSign = dice.Next(2) == 0 ? "\u2212" : "~",
            PositiveSign = "!", NumberNegativePattern = 0, NumberDecimalDigits = 0, NumberGroupSizes = [2, 3],
            NativeDigits = ["٠", "١", "٢", "٣", "٤", "٥", "٦", "٧", "٨", "٩"],
            DigitSubstitution = DigitShapes.NativeNational,
        };
        culture.DateTimeFormat = new DateTimeFormatInfo
        {
            DateSeparator = ".", TimeSeparator = "h", ShortDatePattern = "d/M/yy", LongTimePattern = "tt h:m:s",
            FirstDayOfWeek = DayOfWeek.Saturday, AMDesignator = "ÖÖ", PMDesignator = "ÖS",
        };
        return culture;
    }

    private static async Task<List<string>> Log(
        Run run, CultureInfo culture, string[] settings, CancellationToken cancellationToken)
    {
        await using var database = await TestDatabase.Create(cancellationToken);
        await using (var plain = NpgsqlDataSource.Create(database.ConnectionString))
            foreach (var setting in settings)
            {
                await using var set = plain.CreateCommand(
                    $"alter role ledger in database {database.Name} set {setting}");
                await set.ExecuteNonQueryAsync(cancellationToken);
            }

        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = "odd" });
        await Task.Run(() => AppendAll(run, culture, source, cancellationToken), cancellationToken);
        await Books.Sealed(source, run, cancellationToken);
        return await Rows(source, cancellationToken);
    }

    private static async Task AppendAll(
        Run run, CultureInfo culture, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, culture);
        CultureInfo.DefaultThreadCurrentCulture = culture;
        try
        {
            var clock = Instant.FromUtc(2026, 11, 2, 9, 0, 1) + Duration.FromTicks(12_345_670 * run.Trial);
            await using var store = new EventStore(source, () => clock += Duration.FromTicks(10_000_070));
            for (var n = 0; n < Events; n++)
            {
                var stream = $"time/psa:İı-{n % 7}";
                var data = $$"""
                    {"n":{{n}}.25e-{{n % 9}},"i":"Iİıiß","date":"2026-03-14","deep":[1e21,-0.1,0.000001],"b":{{n}}}
                    """;
                var verdict = await store.Append(
                    n % 5 == 0 ? Sample.Stated($"c-{n}", stream, data) : Sample.New($"c-{n}", stream, data),
                    cancellationToken);
                if (verdict is not Appended)
                    run.Anomaly($"in culture '{culture}' an event was answered with {verdict}");
            }
        }
        finally
        {
            CultureInfo.DefaultThreadCurrentCulture = null;
        }
    }

    /// <summary>Every byte that is hashed or is a hash, in a form no setting of a session changes.</summary>
    private static async Task<List<string>> Rows(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var rows = new List<string>();
        await using var store = new EventStore(source);
        await foreach (var e in store.ReadAll(0, cancellationToken))
            rows.Add(string.Join('|',
                e.Position, e.Key, e.Stream, e.StreamType, e.Version, e.Type, e.RecordedAt.ToUnixTimeTicks(),
                Convert.ToHexStringLower(e.Data.Span),
                string.Join(';', e.Headers.OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => h.Key + h.Value))));
        await using var command = source.CreateCommand("""
            select encode(s.root, 'hex') || ' ' || encode(s.leaves, 'hex') || ' ' || encode(h.frontier, 'hex')
            from ledger.seal s, ledger.head h order by s.size
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(reader.GetString(0));
        return rows;
    }

    /// <summary>The whole program in another zone and language: what it stores and what it serves, but for when.
    /// </summary>
    private static async Task Elsewhere(Run run, CancellationToken cancellationToken)
    {
        await using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "golden.ndjson");
        await File.WriteAllLinesAsync(file, Golden.Envelopes("z"), cancellationToken);
        var home = await Served(run, file, Places[0], cancellationToken);
        var place = Places[1 + (int)(run.Trial % (Places.Length - 1))];
        run.Fault();
        var away = await Served(run, file, place, cancellationToken);
        if (home != away)
            run.Anomaly($"in {place.Zone}, {place.Locale}, {home} became {away}");
    }

    private static async Task<string> Served(
        Run run, string file, (string Zone, string Locale) place, CancellationToken cancellationToken)
    {
        (string, string)[] environment =
        [
            ("TZ", place.Zone), ("PGTZ", place.Zone), ("LANG", place.Locale), ("LC_ALL", place.Locale),
            ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "false"),
        ];
        await using var database = await TestDatabase.Create(cancellationToken);
        await using (var append = LedgerProcess.Start(
            ["append", file, "--database", database.ConnectionString], environment))
            if (await append.End() is not 0 and var code)
                run.Anomaly($"in {place.Zone} 'ledger append' ended with {code} and says: {append.Said}");
        await using var server = LedgerProcess.Serve(database.ConnectionString, environment);
        using var door = new Door(await server.Listening(cancellationToken));
        var pages = new List<string>();
        foreach (var path in new[]
        {
            "/v1/events?limit=500", "/v1/streams/invoice/psa:z", "/v1/entities/time?at-least=90",
            "/v1/entities/invoice?at-least=90", "/v1/receipts/psa/z-time_entry_recorded",
        })
            pages.Add(await Read(door, path, cancellationToken) is { Status: 200 } answer
                ? Instants().Replace(answer.Text, "(then)")
                : $"{path} is not there");
        if (pages.Exists(page => page.EndsWith("is not there", StringComparison.Ordinal)))
            run.Anomaly($"in {place.Zone}: {string.Join(", ", pages.Where(page => page.Length < 100))}");
        return string.Join('\n', pages);
    }

    /// <summary>Asks again where the views are not there yet, as the answer says.</summary>
    private static async Task<Answer?> Read(Door door, string path, CancellationToken cancellationToken)
    {
        var answer = await door.Get(path, cancellationToken);
        for (var i = 0; i < ReadsMax && answer is { Status: 503 }; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            answer = await door.Get(path, cancellationToken);
        }

        return answer;
    }

    // Only the ledger's own instants have microseconds; what the samples say has none.
    [GeneratedRegex(@"""(recordedAt|knownAt|at)"":""[^""]*""")]
    private static partial Regex Instants();
}
