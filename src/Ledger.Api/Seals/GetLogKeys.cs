using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /v1/log/keys</c>: the log's name, and every key that signs, or signed, its roots.</summary>
internal static class GetLogKeys
{
    public static readonly About About = new("The log's name, and the public keys that sign its roots")
    {
        Answer = typeof(LogKeysAnswer),
        Problems = [503],
    };

    public static async Task<IResult> Handle(EventStore store, CancellationToken cancellationToken)
    {
        var origin = await store.Origin(cancellationToken);
        var keys = await store.SigningKeys(cancellationToken);
        return TypedResults.Json(
            new LogKeysAnswer(origin, [.. keys.Select(key => LogKeyAnswer.Of(key, origin))]),
            DoorJson.Plain.LogKeysAnswer);
    }
}
