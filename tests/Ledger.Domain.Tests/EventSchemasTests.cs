using Ledger.Domain;

namespace Ledger.Domain.Tests;

public sealed class EventSchemasTests
{
    /// <summary>Run with LEDGER_WRITE_SCHEMAS=1 to write the files anew; the difference is yours to review.</summary>
    [Fact]
    public void The_schemas_on_file_are_what_the_catalogue_says()
    {
        var folder = Path.Combine(Checkout.Root, "schemas", "events");
        var expected = EventCatalog.All.ToDictionary(d => d.Name + ".json", EventSchemas.Of);
        if (Environment.GetEnvironmentVariable("LEDGER_WRITE_SCHEMAS") == "1")
        {
            Directory.CreateDirectory(folder);
            foreach (var old in Directory.GetFiles(folder)) File.Delete(old);
            foreach (var (name, text) in expected) File.WriteAllText(Path.Combine(folder, name), text);
        }

        Directory.GetFiles(folder).Select(f => Path.GetFileName(f)!).Order()
            .ShouldBe(expected.Keys.Order(), "run with LEDGER_WRITE_SCHEMAS=1");
        foreach (var (name, text) in expected) File.ReadAllText(Path.Combine(folder, name)).ShouldBe(text, name);
    }
}
