namespace Ledger.Api.Tests.Append;

/// <summary>malformed → known key → unknown type → schema → expected version: whichever of two faults comes first in
/// that order decides, whatever carries the event.</summary>
public sealed class PrecedenceTests(Door door) : IClassFixture<Door>
{
    private static readonly Fault[] Order =
        [Fault.Malformed, Fault.KnownKey, Fault.UnknownType, Fault.Schema, Fault.ExpectedVersion];

    public static TheoryData<Fault, Fault, Carrier> Pairs
    {
        get
        {
            var pairs = new TheoryData<Fault, Fault, Carrier>();
            foreach (var first in Order)
                foreach (var second in Order.Where(second => second >= first))
                    foreach (var carrier in Enum.GetValues<Carrier>())
                        pairs.Add(first, second, carrier);
            return pairs;
        }
    }

    public enum Fault
    {
        Malformed,
        KnownKey,
        UnknownType,
        Schema,
        ExpectedVersion,
    }

    public enum Carrier
    {
        One,
        Array,
        Lines,
        Atomic,
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Of_two_faults_the_first_in_the_order_decides(Fault first, Fault second, Carrier carrier)
    {
        var answer = await Send(await With(first, second), carrier);
        answer.GetProperty("verdict").GetString().ShouldBe(
            first switch
            {
                Fault.Malformed => "rejected",
                Fault.KnownKey => "conflict",
                Fault.UnknownType => carrier == Carrier.Atomic ? "rejected" : "parked",
                Fault.Schema => "rejected",
                _ => "conflict",
            },
            answer.ToString());
        var problem = answer.TryGetProperty("problem", out var told) ? told.GetProperty("type").GetString() : null;
        problem?.Split(':')[^1].ShouldBe(first switch
        {
            Fault.Malformed => "malformed-event",
            Fault.KnownKey => "key-conflict",
            Fault.UnknownType => "unknown-type",
            Fault.Schema => "invalid-event",
            _ => "version-conflict",
        });
    }

    [Theory]
    [InlineData(Carrier.One)]
    [InlineData(Carrier.Array)]
    [InlineData(Carrier.Lines)]
    [InlineData(Carrier.Atomic)]
    public async Task A_known_key_with_the_same_content_is_a_duplicate_whatever_version_it_expects(Carrier carrier)
    {
        var id = Sample.NewId();
        await door.Post(Sample.Time(id));
        var answer = await Send(Sample.Time(id, more: "\"expectedVersion\":7,"), carrier);
        answer.GetProperty("verdict").GetString().ShouldBe("duplicate");
    }

    [Fact]
    public async Task An_earlier_item_of_the_same_request_takes_the_key_before_the_later_ones_are_asked()
    {
        var (a, b, c, d) = (Sample.NewId(), Sample.NewId(), Sample.NewId(), Sample.NewId());
        var unknown = Sample.Time(b, type: "unheard_of");
        string[] items =
        [
            Sample.Time(a), Sample.Time(a, minutes: "x"), Sample.Time(a, type: "unheard_of"),
            Sample.Time(b, minutes: "x"), unknown, unknown, Sample.Time(b), Sample.Time(b, minutes: "x"),
            Sample.Time(c, minutes: "x"), Sample.Time(c), Sample.Time(c, type: "unheard_of"), Sample.Time(c),
            Sample.Time(d, more: "\"expectedVersion\":3,"), Sample.Time(d, type: "unheard_of"), Sample.Time(d),
        ];
        string[] expected =
        [
            "appended", "conflict", "conflict",
            "rejected", "parked", "parked", "conflict", "conflict",
            "rejected", "appended", "conflict", "duplicate",
            "conflict", "parked", "conflict",
        ];
        (await door.Post($"[{string.Join(',', items)}]")).Verdicts.ShouldBe(expected);
    }

    [Fact]
    public async Task Many_parked_and_many_refused_items_come_back_in_their_order()
    {
        const int Each = 700;
        var prefix = Sample.NewId();
        string[] Items(int n) =>
        [
            Sample.Time($"{prefix}-{n}", type: "unheard_of"), Sample.Time($"{prefix}-{n}-x", minutes: "x"),
            Sample.Time($"{prefix}-{n}-y"),
        ];
        var body = "[" + string.Join(',', Enumerable.Range(0, Each).SelectMany(Items)) + "]";
        foreach (var stored in new[] { "appended", "duplicate" })
        {
            var answer = await door.Post(body);
            answer.Verdicts.ShouldBe(Enumerable.Range(0, Each).SelectMany(_ => new[] { "parked", "rejected", stored }));
            answer.Items.Select(item => item.GetProperty("index").GetInt32()).ShouldBe(Enumerable.Range(0, 3 * Each));
        }
    }

    private async Task<System.Text.Json.JsonElement> Send(string body, Carrier carrier)
    {
        switch (carrier)
        {
            case Carrier.One:
                return (await door.Post(body)).Json;
            case Carrier.Lines:
                return (await door.Post(body + "\n", "application/x-ndjson")).Items.Single();
            default:
                var query = carrier == Carrier.Atomic ? "?atomic=true" : "";
                return (await door.Post($"[{body}]", query: query)).Items.Single();
        }
    }

    private async Task<string> With(Fault first, Fault second)
    {
        bool Has(Fault fault) => first == fault || second == fault;
        var id = Sample.NewId();
        if (Has(Fault.KnownKey))
            (await door.Post(Sample.Time(id, minutes: "17"))).Status.ShouldBe(201);
        return Sample.Time(
            id, minutes: Has(Fault.Schema) ? "ninety" : "90",
            type: Has(Fault.UnknownType) ? "time_entry_teleported" : "time_entry_recorded",
            more: (Has(Fault.Malformed) ? "\"sequence\":-1," : "")
                + (Has(Fault.ExpectedVersion) ? "\"expectedVersion\":9," : ""));
    }
}
