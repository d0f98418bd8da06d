using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Drift;

namespace Ledger.Api;

/// <summary>A drift run that was made.</summary>
/// <param name="Position">The last event it knows.</param>
/// <param name="Digest">SHA-256 of the report's bytes, in hexadecimal: same events, same digest.</param>
/// <param name="Headline">Counts and money by class and currency.</param>
public sealed record DriftRunAnswer(string Id, long Position, string CreatedAt, string Digest, JsonElement Headline)
{
    internal static DriftRunAnswer Of(StoredRun run) => new(
        run.Id.ToString(), run.Position, LedgerJson.WriteInstant(run.CreatedAt), Problems.Hex(run.Digest),
        JsonElement.Parse(run.Headline));
}

/// <summary>Runs, the latest first.</summary>
public sealed record DriftRunListAnswer(IReadOnlyList<DriftRunAnswer> Items);
