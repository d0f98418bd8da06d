using System.Globalization;

namespace Ledger.Torture;

/// <summary>A change behind the ledger's back.</summary>
/// <param name="Position">The row that must be named; null = whichever is.</param>
internal sealed record Change(string Kind, string Sql, long? Position);

/// <summary>Changes by dice.</summary>
internal static class Changes
{
    private const string Data = "events.mt_events";

    /// <summary>Every column of an event's row, and how a bit of it is changed.</summary>
    public static IReadOnlyList<(string Name, Func<Random, string> Set)> Fields { get; } =
    [
        ("id", dice => HexDigit("id", At(dice, 8))),
        ("stream_id", dice => Text("stream_id", dice, 6)),
        ("version", dice => $"version = version # {1L << dice.Next(20, 40)}"),
        ("data", dice => "data = " + dice.Next(4) switch
        {
            0 => $"jsonb_set(data, '{{n}}', to_jsonb((data ->> 'n')::bigint # {1 << dice.Next(20)}))",
            1 => "jsonb_set(data, '{s}', to_jsonb(overlay(data ->> 's' placing 'y' from 2 for 1)))",
            2 => "jsonb_set(data, '{d}', '\"1.5\"')",
            _ => "data || '{\"x\":null}'",
        }),
        ("bdata", dice => $"bdata = '\\x{dice.Next(256):x2}'"),
        ("type", dice => Text("type", dice, 12)),
        ("timestamp", dice => $"timestamp = timestamp + interval '1 microsecond' * {1L << dice.Next(40)}"),
        ("tenant_id", dice => dice.Next(3) == 0 ? "tenant_id = null" : Text("tenant_id", dice, 9)),
        ("mt_dotnet_type", dice => dice.Next(3) == 0 ? "mt_dotnet_type = null" : Text("mt_dotnet_type", dice, 40)),
        ("correlation_id", dice => dice.Next(3) == 0 ? "correlation_id = ''" : Text("correlation_id", dice, 3)),
        ("causation_id", dice => dice.Next(3) == 0 ? "causation_id = null" : Text("causation_id", dice, 3)),
        ("headers", dice => "headers = " + dice.Next(4) switch
        {
            0 => "headers || '{\"time\":\"2026-11-02T09:00:01Z\"}'",
            1 => "headers || '{\"source\":\"erp\"}'",
            2 => "headers || '{\"actor\":\"\"}'",
            _ => "headers - 'time'",
        }),
        ("user_name", dice => dice.Next(3) == 0 ? "user_name = null" : Text("user_name", dice, 3)),
        ("is_archived", dice => dice.Next(2) == 0 ? "is_archived = true" : "is_archived = null"),
    ];

    /// <summary>One of everything that can be done to a ledger of so many events.</summary>
    public static Change Any(Random dice, int events)
    {
        var p = dice.Next(1, events + 1);
        return dice.Next(16) switch
        {
            < 5 => Field(dice, p),
            5 => Delete(dice, p),
            6 => Insert(dice, p, events),
            7 => Swap(dice, p, events),
            8 => Truncate(dice, events),
            9 => Rewind(dice, events),
            10 => Stream(dice, p),
            11 => Key(dice, p),
            12 or 13 => Seal(dice, p),
            14 => new("a bit of the head", $"update ledger.head set frontier = {Flip("frontier", dice)}", null),
            _ => new(
                "a bit of a tile",
                $"update ledger.tile set root = {Flip("root", dice)} where index = {dice.Next(2)}", null),
        };
    }

    private static Change Field(Random dice, int p)
    {
        var (name, set) = Fields[dice.Next(Fields.Count)];
        return new("a bit of an event", $"update {Data} set {set(dice)} where seq_id = {p} /* {name} */", p);
    }

    private static Change Delete(Random dice, int p) => dice.Next(3) switch
    {
        0 => new("delete", $"delete from {Data} where seq_id = {p}", p),
        1 => new("delete", $"delete from ledger.key where position = {p}; delete from {Data} where seq_id = {p}", p),
        // With all that follows moved up, and the numbers of its stream too.
        _ => new("delete", $"""
            delete from ledger.key where position = {p}; delete from {Data} where seq_id = {p};
            update {Data} set seq_id = -seq_id where seq_id > {p};
            update {Data} set seq_id = -seq_id - 1 where seq_id < 0;
            update ledger.key set position = position - 1 where position > {p}
            """, null),
    };

    private static Change Insert(Random dice, int p, int events)
    {
        var at = dice.Next(2) == 0 ? events + 1 : -p;
        return new("insert", $"""
            insert into {Data} (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, headers)
            select {at}, gen_random_uuid(), stream_id, 1000, data, type, timestamp, mt_dotnet_type, headers
            from {Data} where seq_id = {p}
            """, at);
    }

    private static Change Swap(Random dice, int p, int events)
    {
        var q = (p % events) + 1;
        var first = Math.Min(p, q);
        return dice.Next(3) switch
        {
            0 => new("swap", $"""
                update {Data} set seq_id = -seq_id where seq_id in ({p}, {q});
                update {Data} set seq_id = case seq_id when -{p} then {q} else {p} end where seq_id < 0
                """, first),
            1 => new("swap", $"update {Data} e set data = o.data from {Data} o where e.seq_id in ({p}, {q}) "
                + $"and o.seq_id in ({p}, {q}) and o.seq_id <> e.seq_id", first),
            _ => new("swap", $"""
                update {Data} e
                set timestamp = o.timestamp, user_name = 'bo', headers = o.headers, id = gen_random_uuid()
                from {Data} o where e.seq_id = {p} and o.seq_id = {q}
                """, p),
        };
    }

    private static Change Truncate(Random dice, int events)
    {
        var after = events - dice.Next(1, 60);
        return dice.Next(3) switch
        {
            0 => new("truncate", $"delete from {Data} where seq_id > {after}", after + 1),
            1 => new("truncate", "delete from ledger.seal where size = (select max(size) from ledger.seal)", null),
            // Everything of the last group, but for the head that cannot be made to fit without its hashes.
            _ => new("truncate", """
                delete from ledger.key where position >= (select max(first) from ledger.seal);
                delete from events.mt_events where seq_id >= (select max(first) from ledger.seal);
                delete from ledger.seal where size = (select max(size) from ledger.seal);
                update ledger.head set position = (select max(size) from ledger.seal)
                """, null),
        };
    }

    private static Change Rewind(Random dice, int events) => dice.Next(2) == 0
        ? new("rewind", $"select setval('events.mt_events_sequence', {dice.Next(1, events / 2)})", null)
        : new("rewind", $"update ledger.head set position = position - {dice.Next(1, 50)}", null);

    private static Change Stream(Random dice, int p)
    {
        var set = dice.Next(6) switch
        {
            0 => "version = version + 1",
            1 => "type = 'invoice'",
            2 => "created = created - interval '1 microsecond'",
            3 => "timestamp = timestamp + interval '1 microsecond'",
            4 => "is_archived = true",
            _ => "tenant_id = 'other'",
        };
        return new("a stream's row", $"update events.mt_streams set {set} "
            + $"where id = (select stream_id from {Data} where seq_id = {p})", null);
    }

    private static Change Key(Random dice, int p) => dice.Next(4) switch
    {
        0 => new("a key", $"update ledger.key set digest = {Flip("digest", dice)} where position = {p}", p),
        1 => new("a key", $"update ledger.key set version = version + 1 where position = {p}", p),
        2 => new("a key", $"delete from ledger.key where position = {p}", p),
        _ => new("a key", "insert into ledger.key (key, position, version, digest) "
            + "values (gen_random_uuid(), 100000, 1, '\\x00')", null),
    };

    private static Change Seal(Random dice, int p)
    {
        var of = $"where size = (select min(size) from ledger.seal where size >= {p})";
        return dice.Next(5) switch
        {
            4 => new("a seal", $"update ledger.seal set signature = set_byte(signature, 40, "
                + $"get_byte(signature, 40) # {1 + dice.Next(255)}) {of}", null),
            0 => new("a seal", $"update ledger.seal set root = {Flip("root", dice)} {of}", null),
            1 => new(
                "a seal",
                $"update ledger.seal set leaves = {Flip("leaves", dice, $"({p} - first)::int * 32 + ")} {of}", p),
            2 => new("a seal", $"delete from ledger.seal {of}", null),
            _ => new("a seal", $"update ledger.seal set first = first + 1 {of}", null),
        };
    }

    /// <summary>One bit of a letter.</summary>
    private static string Text(string column, Random dice, int length)
    {
        var at = At(dice, length);
        var letter = $"chr(ascii(substr({column}, {at}, 1)) # {1 << dice.Next(4)})";
        return $"{column} = overlay({column} placing {letter} from {at} for 1)";
    }

    /// <summary>One bit of a digit of a key.</summary>
    private static string HexDigit(string column, int at) =>
        $"{column} = overlay({column}::text placing to_hex(1 # ('x' || substr({column}::text, {at}, 1))::bit(4)::int) "
        + $"from {at} for 1)::uuid";

    /// <summary>One bit of 32 bytes.</summary>
    private static string Flip(string column, Random dice, string from = "")
    {
        var at = from + dice.Next(32).ToString(CultureInfo.InvariantCulture);
        return $"set_byte({column}, {at}, get_byte({column}, {at}) # {1 << dice.Next(8)})";
    }

    private static int At(Random dice, int length) => dice.Next(1, length + 1);
}
