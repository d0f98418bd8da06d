using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledger.Api;

/// <summary>How the door's own answers are written; what sources said is written by Domain.</summary>
[JsonSerializable(typeof(ProblemAnswer))]
[JsonSerializable(typeof(ItemAnswer))]
[JsonSerializable(typeof(SchemaList))]
[JsonSerializable(typeof(ManyAnswer))]
[JsonSerializable(typeof(ReceiptAnswer))]
[JsonSerializable(typeof(InclusionAnswer))]
[JsonSerializable(typeof(ConsistencyAnswer))]
[JsonSerializable(typeof(LogKeysAnswer))]
[JsonSerializable(typeof(ParkedAnswer))]
[JsonSerializable(typeof(RejectAnswer))]
[JsonSerializable(typeof(RejectPage))]
[JsonSerializable(typeof(ConflictAnswer))]
[JsonSerializable(typeof(ConflictPage))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(StreamAnswer))]
[JsonSerializable(typeof(EntityAnswer))]
[JsonSerializable(typeof(EntityListAnswer))]
[JsonSerializable(typeof(PeriodListAnswer))]
[JsonSerializable(typeof(DriftRunAnswer))]
[JsonSerializable(typeof(DriftRunListAnswer))]
[JsonSerializable(typeof(DecisionAnswer))]
[JsonSerializable(typeof(ProposalAnswer))]
[JsonSerializable(typeof(ProposalPage))]
[JsonSerializable(typeof(CoverageProposalAnswer))]
[JsonSerializable(typeof(CoverageProposalPage))]
[JsonSerializable(typeof(OwnershipPage))]
[JsonSerializable(typeof(DifferenceAnswer))]
[JsonSerializable(typeof(OverridePage))]
[JsonSerializable(typeof(ExceptionAnswer))]
[JsonSerializable(typeof(ExceptionPage))]
[JsonSerializable(typeof(SignOffAnswer))]
[JsonSerializable(typeof(SignOffPage))]
[JsonSerializable(typeof(ScopeAnswer))]
[JsonSerializable(typeof(PolicyPage))]
[JsonSerializable(typeof(PolicyEffectAnswer))]
[JsonSerializable(typeof(BiListAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class DoorJson : JsonSerializerContext
{
    /// <summary>Answers are JSON and nothing else, so a quote in a sentence may stay one.</summary>
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>The one to write with.</summary>
    public static DoorJson Plain { get; } = new(new JsonSerializerOptions
    {
        Encoder = Encoder,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}
