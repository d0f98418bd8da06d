using System.Text.Json;
using Npgsql;

namespace Ledger.Api.Tests;

/// <summary>Documents of a client, and payments of which nobody says what they pay.</summary>
internal static class Bills
{
    private static int _last;

    /// <summary>A client with open invoices, and a payment that is what they ask for together.</summary>
    /// <param name="asked">What each of them asks for.</param>
    /// <param name="paid">How much was paid; null = the first two, or the only one.</param>
    public static async Task<Bill> Paid(this Door door, decimal[] asked, decimal? paid = null)
    {
        var id = $"b{Interlocked.Increment(ref _last)}-{Guid.NewGuid():N}"[..16];
        await door.Register("erp", id, $"Whin Rigg {id} Ltd");
        var client = new { kind = "client", source = "erp", id };
        for (var i = 0; i < asked.Length; i++)
            await door.Say("billing", "invoice_issued", $"invoice/{id}-{i + 1}", $"{id}-issued-{i + 1}", new
            {
                documentType = "invoice", number = $"{id}/{i + 1}", issuedOn = "2026-04-01", currency = "GBP", client,
                lines = new[] { new { line = "1", kind = "time", net = Plain(asked[i]) } },
                totals = new { net = Plain(asked[i]), gross = Plain(asked[i]), payable = Plain(asked[i]) },
            });
        var position = await door.Say("bank", "payment_received", $"payment/{id}", $"{id}-paid", new
        {
            receivedOn = "2026-04-20", amount = Plain(paid ?? asked.Take(2).Sum()), currency = "GBP", client,
        });
        return new(
            $"payment/bank:{id}", [.. asked.Select((_, i) => $"invoice/billing:{id}-{i + 1}")], $"client/erp:{id}",
            position);
    }

    /// <summary>Rows of a question in SQL, their values parted by bars.</summary>
    public static async Task<List<string>> Rows(this Door door, string sql)
    {
        await using var source = NpgsqlDataSource.Create(door.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            var values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Add(string.Join('|', values));
        }

        return rows;
    }

    /// <summary>Has a source say something.</summary>
    /// <returns>Its position.</returns>
    public static async Task<long> Say(
        this Door door, string source, string type, string subject, string id, object data)
    {
        var answer = await door.Post(JsonSerializer.Serialize(new
        {
            id, source, type, subject, time = "2026-04-01T09:30:00Z", data,
        }));
        answer.Verdict.ShouldBe("appended", answer.Body);
        return answer.Json.GetProperty("position").GetInt64();
    }

    private static string Plain(decimal amount) => Domain.DecimalText.Write(amount);
}

/// <summary>A payment, and the invoices of its client.</summary>
/// <param name="Position">At which all are there.</param>
internal sealed record Bill(string Payment, string[] Invoices, string Client, long Position);
