using System.Text;
using System.Text.Json;
using Ledger.Connectors.Simulation;
using Ledger.Domain;

namespace Ledger.Connectors.Tests.Simulation;

public sealed class FirmSimulationTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("firm-simulation-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void The_same_size_and_seed_give_the_same_files_and_another_seed_gives_others()
    {
        var (first, again, other) = (Made("first", 3_000, 7), Made("again", 3_000, 7), Made("other", 3_000, 8));
        again.ShouldBe(first);
        other.Keys.ShouldBe(first.Keys);
        other["psa.ndjson"].ShouldNotBe(first["psa.ndjson"]);
    }

    [Theory]
    [InlineData(2_000)]
    [InlineData(10_000)]
    [InlineData(60_000)]
    public void A_firm_has_about_as_many_events_as_asked_for_each_of_a_shape_the_door_takes(int size)
    {
        var lines = Made("firm", size, 1).Where(f => f.Key.EndsWith(".ndjson", StringComparison.Ordinal))
            .SelectMany(f => f.Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        lines.Length.ShouldBeInRange(size * 8 / 10, size * 12 / 10);
        foreach (var line in lines)
            EnvelopeReader.Read(Encoding.UTF8.GetBytes(line)).ShouldBeOfType<Understood>(line);
    }

    [Fact]
    public void Deliveries_come_late_twice_and_out_of_order_as_they_do_and_never_under_one_id_with_two_contents()
    {
        var psa = Made("firm", 10_000, 1)["psa.ndjson"].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var read = psa.Select(l => (Understood)EnvelopeReader.Read(Encoding.UTF8.GetBytes(l))).ToArray();
        var again = read.GroupBy(u => u.Envelope.Id).Where(g => g.Count() > 1).ToArray();
        again.ShouldNotBeEmpty();
        again.ShouldAllBe(g => g.Select(u => Convert.ToHexString(u.Data)).Distinct().Count() == 1);
        read.Zip(read.Skip(1)).ShouldContain(pair => pair.First.Envelope.Time > pair.Second.Envelope.Time);
        read.Select(u => u.Definition.IsSnapshot).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData(10_000, 1)]
    [InlineData(10_000, 2)]
    [InlineData(60_000, 3)]
    public void Every_kind_of_fault_is_planted_alone_and_some_together(int size, int seed)
    {
        using var truth = JsonDocument.Parse(Made("firm", size, (ulong)seed)["truth.json"]);
        truth.RootElement.GetProperty("absent").GetArrayLength().ShouldBe(0);
        var faults = truth.RootElement.GetProperty("faults").EnumerateArray().ToArray();
        var alone = faults.Where(f => f.GetProperty("beside").GetArrayLength() == 0).Select(Name).ToHashSet();
        alone.ShouldBe(faults.Select(Name).ToHashSet(), ignoreOrder: true);
        foreach (var pair in (string[][])
            [["posting_amount", "posting_twice"], ["rate_off", "hours_corrected"], ["invoice_amount", "invoice_tax"]])
            faults.ShouldContain(f => Name(f) == pair[0]
                && f.GetProperty("beside").EnumerateArray().Any(b => b.GetString() == pair[1]));
        faults.Any(f => f.TryGetProperty("masked", out _)).ShouldBeTrue();
    }

    [Fact]
    public void A_small_firm_says_which_kinds_of_fault_it_has_no_record_for_and_a_sound_one_has_none()
    {
        using var truth = JsonDocument.Parse(Made("firm", 2_000, 1)["truth.json"]);
        var absent = truth.RootElement.GetProperty("absent").EnumerateArray().Select(a => a.GetString()).ToArray();
        absent.ShouldContain("milestone_due");
        absent.ShouldNotContain("hours_corrected");
        truth.RootElement.GetProperty("faults").EnumerateArray().Select(Name).Intersect(absent).ShouldBeEmpty();
        using var sound = JsonDocument.Parse(Made("sound", 3_000, 1, faults: false)["truth.json"]);
        sound.RootElement.GetProperty("faults").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public void A_firm_too_small_to_be_one_is_refused() => Should.Throw<ArgumentOutOfRangeException>(
        () => FirmSimulation.Run(10, 1, folder.FullName, true, null, CancellationToken.None));

    private static string Name(JsonElement fault) => fault.GetProperty("fault").GetString()!;

    private SortedDictionary<string, string> Made(string name, long size, ulong seed, bool faults = true)
    {
        var into = Path.Combine(folder.FullName, name);
        var written = FirmSimulation.Run(size, seed, into, faults, null, CancellationToken.None);
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(into)) files.Add(Path.GetFileName(file), File.ReadAllText(file));
        foreach (var (file, events) in written.Events)
            files[file].Count(c => c == '\n').ShouldBe((int)events);
        return files;
    }
}
