using System.Text;
using System.Text.Json.Nodes;
using Ledger.Domain;

namespace Ledger.Connectors.Tests.Kantata;

/// <summary>Whatever a document holds, it comes to events the door would read, or to problems with a place.</summary>
public sealed class HostileDocumentTests
{
    private const string Small = """
        {"count":1,"results":[{"key":"invoices","id":"7"}],
         "invoices":{"7":{"id":"7","created_at":"2020-02-01T00:00:00-08:00","updated_at":"2020-02-02T00:00:00-08:00",
           "invoice_date":"2020-01-31","due_date":"2020-03-01","status":"new","user_invoice_number":11,"tax_rate":0.0,
           "purchase_order":"","draft":false,"payment_schedule":30,"balance_in_cents":14000,"currency":"USD",
           "currency_base_unit":100,"recipient_id":null,"user_id":"1","workspace_ids":["5"],"time_entry_ids":["1","2"],
           "expense_ids":["3"],"fixed_fee_item_ids":["4"],"additional_item_ids":[]}},
         "time_entries":{"1":{"id":"1","updated_at":"2020-01-02T00:00:00-08:00","date_performed":"2020-01-01",
           "time_in_minutes":13,"billable":true,"notes":"n","rate_in_cents":14000,"cost_rate_in_cents":null,
           "currency":"USD","currency_base_unit":100,"approved":true,"taxable":false,"is_invoiced":true,"story_id":"9",
           "workspace_id":"5","user_id":"1"}},
         "expenses":{"3":{"id":"3","updated_at":"2020-01-02T00:00:00-08:00","date":"2020-01-01","category":"Other",
           "amount_in_cents":1250,"currency":"USD","currency_base_unit":100,"is_invoiced":true,"is_billable":true,
           "reimbursable":true,"workspace_id":"5","user_id":"1"}},
         "fixed_fee_items":{"4":{"id":"4","amount_in_cents":50000,"title":"Fee","story_id":"9"}},
         "stories":{"9":{"id":"9","updated_at":"2020-01-02T00:00:00-08:00","title":"t","billable":true,"fixed_fee":true,
           "budget_estimate_in_cents":50000,"state":"started","workspace_id":"5"}},
         "workspaces":{"5":{"id":"5","updated_at":"2020-01-02T00:00:00-08:00","title":"w","currency":"USD",
           "currency_base_unit":100,"start_date":"","due_date":"2020-12-31","price_in_cents":5000000,
           "require_time_approvals":true,"archived":false,"status":{"key":130}}},
         "external_payments":{"6":{"id":"6","updated_at":"2020-01-02T00:00:00-08:00","amount_in_cents":1000,
           "invoice_id":"7","workspace_id":"5","message":null}},
         "users":{"1":{"id":"1","full_name":"A. Person"}},
         "meta":{"count":1,"page_count":1,"page_number":1,"page_size":20}}
        """;

    [Fact]
    public void A_document_with_every_collection_reads_whole()
    {
        var read = Read(Small);
        read.Problems.ShouldBeEmpty();
        read.Warnings.ShouldBeEmpty();
        read.Events.Select(e => e.Envelope.Stream.Split(':')[0]).Order().ShouldBe([
            "expense/kantata", "extract/kantata", "invoice/kantata", "payment/kantata", "project/kantata",
            "project/kantata", "resource/kantata", "source/ledger", "time/kantata",
        ]);
    }

    [Fact]
    public void Lines_come_from_all_that_is_listed_and_dangle_where_it_is_not_carried()
    {
        var invoice = Body<InvoiceStated>(Read(Small), "invoice");
        invoice.Covers.ShouldBeNull("every list was asked for, so the lines are all there are");
        invoice.Lines.Value!.Select(l => (l.Line, l.Quantity?.Value, l.Price?.Amount, l.Net)).ShouldBe([
            ("time/1", 13m, 140m, null), ("time/2", null, null, null), ("expense/3", null, null, 12.50m),
            ("fixed_fee/4", null, null, 500m),
        ]);
        invoice.Totals.Value!.Open.ShouldBe(140m, "a new invoice owes its balance");
        Body<PaymentStated>(Read(Small), "payment").Currency.Value.ShouldBe(Currency.Of("USD"), "its invoice tells");
        Body<TimeStated>(Read(Small), "time").Approval.Value.ShouldBe(new Approval(ApprovalStatus.Approved));
    }

    [Fact]
    public void What_an_entry_says_after_its_invoice_is_not_what_was_billed()
    {
        var later = Read(Small.Replace(
            "\"updated_at\":\"2020-01-02T00:00:00-08:00\",\"date_performed\"",
            "\"updated_at\":\"2020-02-03T00:00:00-08:00\",\"date_performed\"", StringComparison.Ordinal));
        var line = Body<InvoiceStated>(later, "invoice").Lines.Value![0];
        (line.Line, line.Quantity, line.Price).ShouldBe(("time/1", null, null));
    }

    [Theory]
    [InlineData("\"draft\":false", "\"draft\":true", InvoiceStatus.Draft)]
    [InlineData("\"status\":\"new\"", "\"status\":\"cancelled\"", InvoiceStatus.Cancelled)]
    [InlineData("\"status\":\"new\"", "\"status\":\"accepted payment\"", InvoiceStatus.Issued)]
    [InlineData("\"status\":\"new\"", "\"status\":\"perhaps\"", null)]
    public void A_status_is_what_the_source_says_or_nothing(string part, string instead, InvoiceStatus? status)
    {
        var read = Read(Small.Replace(part, instead, StringComparison.Ordinal));
        Body<InvoiceStated>(read, "invoice").Status.ShouldBe(
            status is null ? default : new Said<InvoiceStatus?>(true, status));
        read.Warnings.Select(w => w.Code).ShouldBe(status is null ? ["unknown_value"] : Array.Empty<string>());
    }

    [Theory]
    [InlineData("not json", "", "invalid_json")]
    [InlineData("", "", "invalid_json")]
    [InlineData("[]", "", "wrong_shape")]
    [InlineData("3", "", "wrong_shape")]
    [InlineData("{}", "", "wrong_shape")]
    [InlineData("""{"errors":[{"message":"no"}]}""", "", "wrong_shape")]
    [InlineData("""{"results":[],"invoices":[]}""", "/invoices", "wrong_type")]
    [InlineData("""{"results":[],"invoices":{"7":{"id":"7"},"7":{"id":"7"}}}""", "", "invalid_json")]
    [InlineData(
        """{"results":[],"invoices":{"7":{"id":"8","updated_at":"2020-02-02T00:00:00Z"}}}""",
        "/invoices/7/id", "id_mismatch")]
    [InlineData("""{"results":[],"invoices":{"7":{"id":"7"}}}""", "/invoices/7/updated_at", "required")]
    [InlineData("""{"results":[{"id":"7"}],"invoices":{}}""", "/results/0", "wrong_shape")]
    [InlineData("""{"results":[],"invoices":{},"meta":{"count":"many"}}""", "/meta/count", "out_of_range")]
    public void Names_the_place_of_what_it_cannot_read(string text, string pointer, string code)
    {
        var problem = Read(text).Problems.ShouldHaveSingleItem();
        (problem.File, problem.Pointer, problem.Code).ShouldBe(("small.json", pointer, code), problem.Message);
    }

    [Theory]
    [InlineData("\"time_in_minutes\":13", "\"time_in_minutes\":\"13\"", "/time_entries/1/time_in_minutes")]
    [InlineData("\"time_in_minutes\":13", "\"time_in_minutes\":1.5", "/time_entries/1/time_in_minutes")]
    [InlineData("\"time_in_minutes\":13", "\"time_in_minutes\":1e400", "/time_entries/1/time_in_minutes")]
    [InlineData("\"amount_in_cents\":1250", "\"amount_in_cents\":99999999999999999999", "/expenses/3/amount_in_cents")]
    [InlineData("\"user_invoice_number\":11", "\"user_invoice_number\":{}", "/invoices/7/user_invoice_number")]
    [InlineData("\"category\":\"Other\"", "\"category\":\"\\ud800\"", "/expenses/3")]
    public void One_bad_record_is_refused_and_its_neighbours_stand(string part, string instead, string pointer)
    {
        var read = Read(Small.Replace(part, instead, StringComparison.Ordinal));
        read.Problems.ShouldHaveSingleItem().Pointer.ShouldBe(pointer);
        // An extract that carries nothing is not stated.
        var lost = pointer.StartsWith("/invoices", StringComparison.Ordinal) ? 2 : 1;
        read.Events.Count.ShouldBe(Read(Small).Events.Count - lost);
    }

    [Fact]
    public void Records_it_does_not_know_are_named_not_dropped_silently()
    {
        var read = Read(Small.Replace(
            "\"users\":", "\"custom_fields\":{\"1\":{},\"2\":{}},\"users\":", StringComparison.Ordinal));
        var warning = read.Warnings.ShouldHaveSingleItem();
        (warning.Pointer, warning.Code).ShouldBe(("/custom_fields", "unknown_collection"));
        warning.Message.ShouldStartWith("2 records of 'custom_fields'");
    }

    [Fact]
    public void A_currency_without_hundredths_is_read_by_its_own_unit()
    {
        var read = Read(Small.Replace("USD", "JPY", StringComparison.Ordinal)
            .Replace("_base_unit\":100", "_base_unit\":1", StringComparison.Ordinal));
        read.Problems.ShouldBeEmpty();
        Body<InvoiceStated>(read, "invoice").Totals.Value!.Gross.ShouldBe(14_000m);
        Body<PaymentStated>(read, "payment").Amount.Value.ShouldBe(1_000m);
    }

    [Fact]
    public void A_document_cut_off_anywhere_is_a_problem_and_no_event()
    {
        var bytes = Encoding.UTF8.GetBytes(Small.TrimEnd());
        for (var length = 0; length < bytes.Length; length++)
        {
            var read = ImportProfiles.Import("kantata", [new("cut.json", bytes.AsMemory(0, length))]);
            read.Problems.ShouldHaveSingleItem().Code.ShouldBe("invalid_json");
            read.Events.ShouldBeEmpty();
        }
    }

    [Fact]
    public void Any_value_in_any_place_gives_events_the_door_reads_or_problems()
    {
        string[] values =
        [
            "null", "true", "0", "-1", "1.5", "1e400", "-9223372036854775808", "99999999999999999999", "\"\"", "\"x\"",
            "\"\\u0000\"", "\"2020-02-30\"", "\"2020-01-01T00:00:00Z\"", "{}", "[]", "[null]", "[[\"1\"]]", "{\"1\":1}",
            $"\"{new string('9', 300)}\"", "\"9999-12-31T23:59:59.9999999+18:00\"", "\"-9998-01-01T00:00:00-18:00\"",
        ];
        foreach (var path in Paths(JsonNode.Parse(Small)!, []))
            foreach (var value in values)
            {
                var read = Read(With(path, value));
                (read.Events.Count + read.Problems.Count).ShouldBePositive();
                foreach (var made in read.Events)
                    EnvelopeReader.Read(Posted.Json(made))
                        .ShouldBeOfType<Understood>($"{string.Join('/', path)} = {value}").Data.ShouldBe(made.Data);
            }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_a_problem()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Small)];
        bytes[Small.IndexOf("Other", StringComparison.Ordinal)] = 0xFF;
        ImportProfiles.Import("kantata", [new("bytes.json", bytes)]).Problems.ShouldHaveSingleItem().Code
            .ShouldBe("invalid_utf8");
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_text() => ImportProfiles.Import(
        "kantata", [new("mark.json", Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes(Small)).ToArray())])
        .Problems.ShouldBeEmpty();

    private static Imported Read(string text) =>
        ImportProfiles.Import("kantata", [new("small.json", Encoding.UTF8.GetBytes(text))]);

    private static T Body<T>(Imported read, string kind) =>
        read.Events.Single(e => e.Envelope.Kind == kind).Body.ShouldBeOfType<T>();

    private static IEnumerable<string[]> Paths(JsonNode? node, string[] at) => node switch
    {
        JsonObject o => o.SelectMany(m => Paths(m.Value, [.. at, m.Key]).Prepend([.. at, m.Key])),
        JsonArray a => a.SelectMany((item, i) => Paths(item, [.. at, $"{i}"]).Prepend([.. at, $"{i}"])),
        _ => [],
    };

    private static string With(string[] path, string value)
    {
        var root = JsonNode.Parse(Small)!;
        var parent = path[..^1].Aggregate(root, (node, step) => node is JsonArray a ? a[Index(step)]! : node[step]!);
        if (parent is JsonArray list) list[Index(path[^1])] = "@";
        else parent[path[^1]] = "@";
        return root.ToJsonString().Replace("\"@\"", value, StringComparison.Ordinal);
    }

    private static int Index(string step) => int.Parse(step, System.Globalization.CultureInfo.InvariantCulture);
}
