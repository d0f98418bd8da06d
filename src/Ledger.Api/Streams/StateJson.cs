using System.Text.Json;
using Ledger.Domain;

namespace Ledger.Api;

/// <summary>A record's state, as Domain writes it.</summary>
internal static class StateJson
{
    public static JsonElement Of(Kind kind, RecordState state) =>
        JsonSerializer.SerializeToElement(state, kind.StateType, LedgerJson.Options);
}
