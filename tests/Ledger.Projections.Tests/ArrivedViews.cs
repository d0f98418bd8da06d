using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ledger.Projections.Tests;

/// <summary>Every row of every view, without the columns that tell the order of arrival: each position that is of one
/// event as that event, each entity by the first of its members' names.</summary>
internal static partial class ArrivedViews
{
    /// <summary>The columns that are positions by definition; no others hang on the order of arrival.</summary>
    private static readonly Dictionary<string, string[]> Positional = new()
    {
        ["by_source"] = ["opened_position", "last_position"],
        ["link"] = ["position"],
        ["entity"] = ["opened_position", "changed_position", "paused_at"],
        ["entity_member"] = ["since"],
        ["finding"] = ["position", "ordinal"],
        ["poisoned"] = ["position", "type", "error"],
        ["work"] = ["told"],
    };

    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Columns that name an entity.</summary>
    private static readonly string[] OfEntities = ["id", "entity", "from_entity", "to_entity", "legal_entity"];

    public static async Task<List<string>> Of(LedgerDatabase ledger)
    {
        var events = (await ledger.Rows("select seq_id, headers ->> 'source_id' from events.mt_events"))
            .Select(row => row.Split('|')).ToDictionary(row => row[0], row => row[1]);
        var names = new Dictionary<string, string>();
        foreach (var row in await ledger.Rows("select entity, stream from views.entity_member order by entity, stream"))
            if (row.Split('|') is [var entity, var stream]) names.TryAdd(entity, stream);
        foreach (var row in await ledger.Rows("select stream, entity from views.entity_member"))
            if (row.Split('|') is [var stream, var entity]) names.TryAdd(stream, names[entity]);
        var reading = new Reading(events, names);
        List<string> rows = [];
        foreach (var table in await ledger.Rows(
            "select relname from pg_class where relnamespace = 'views'::regnamespace and relkind = 'r' order by 1"))
        {
            // Who went by whose name from when to when, and why, is nothing but order of arrival.
            if (table is "alias" or "turn") continue;
            var order = table == "finding" ? "entity, ordinal" : "1";
            List<(string Entity, string Told)> of = [];
            foreach (var text in await ledger.Rows($"select to_jsonb(t)::text from views.{table} t order by {order}"))
            {
                var row = JsonNode.Parse(text)!.AsObject();
                if (reading.Row(table, row) is { } told) of.Add(((string?)row["entity"] ?? "", $"{table} {told}"));
            }

            // By another name, an entity has another place; its findings keep their order.
            rows.AddRange(table == "finding"
                ? of.OrderBy(r => r.Entity, StringComparer.Ordinal).Select(r => r.Told)
                : of.Select(r => r.Told).Order(StringComparer.Ordinal));
        }

        return rows;
    }

    [GeneratedRegex(@"\b[a-z_]+/[a-z-]+:[\w-]+")]
    private static partial Regex Streams();

    [GeneratedRegex(@"(?<=event at )\d+")]
    private static partial Regex Positions();

    private sealed class Reading(Dictionary<string, string> events, Dictionary<string, string> names)
    {
        public string? Row(string table, JsonObject row)
        {
            var code = (string?)row["code"];
            if (code is "closed_period" or "soft_closed_period" or "overridden_value_changed") return null;
            foreach (var column in Positional.GetValueOrDefault(table, [])) row.Remove(column);
            foreach (var column in OfEntities)
                if (table != "proposal" && (string?)row[column] is { } entity)
                    row[column] = names.GetValueOrDefault(entity, entity);
            if (table == "entity") Entity(row);
            if (table == "by_source") Record(row);
            if (table is "edge" or "coverage") row["position"] = At(row["position"]);
            if (table == "finding")
            {
                row["words"] = Words((string)row["words"]!);
                row["figures"] = Words(row["figures"]!.ToJsonString());
            }

            if (table == "proposal") row["evidence"] = Words(row["evidence"]!.ToJsonString());
            return row.ToJsonString(Plain);
        }

        private void Entity(JsonObject row)
        {
            foreach (var list in new[] { "members", "sources", "succeeded" })
                row[list] = new JsonArray([.. row[list]!.AsArray().Select(v => (string)v!).Order(StringComparer.Ordinal)
                    .Select(v => (JsonNode)v)]);
            foreach (var tie in row["ties"]!.AsArray()) tie!.AsObject().Remove("position");
            foreach (var (_, field) in row["fields"]!.AsObject())
            {
                // Of an override: the last of several events, and whether the owner's word came after it.
                var by = field!["override"]?.AsObject();
                by?.Remove("position");
                by?.Remove("changed");
                if (((string)field["stream"]!).StartsWith("override/", StringComparison.Ordinal))
                    field.AsObject().Remove("position");
                else field["position"] = At(field["position"]);
                Positioned(field["value"]);
            }
        }

        private void Record(JsonObject row)
        {
            foreach (var column in new[] { "deleted_by", "first_position" }) row[column] = At(row[column]);
            row["pending"] = new JsonArray([.. row["pending"]!.AsArray().Select(At)]);
            var asserted = row["asserted"]!.AsObject();
            foreach (var field in asserted.Select(f => f.Key).ToArray()) asserted[field] = At(asserted[field]);
            Positioned(row["state"]);
        }

        /// <summary>Parts of some states keep the event that stated them.</summary>
        private void Positioned(JsonNode? node)
        {
            if (node is JsonArray list)
                foreach (var item in list) Positioned(item);
            if (node is not JsonObject part) return;
            if (part["position"]?.GetValueKind() is JsonValueKind.Number) part["position"] = At(part["position"]);
            foreach (var (_, inner) in part) Positioned(inner);
        }

        private JsonNode? At(JsonNode? position) =>
            position is null ? null : events.GetValueOrDefault(position.ToString(), position.ToString());

        private string Words(string words) => Positions().Replace(
            Streams().Replace(words, found => names.GetValueOrDefault(found.Value, found.Value)),
            found => events.GetValueOrDefault(found.Value.ToString(CultureInfo.InvariantCulture), "?"));
    }
}
