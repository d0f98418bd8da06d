using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections;

/// <summary>What persons put over the owners' words: pure.</summary>
public static class Overrides
{
    /// <summary>What a record puts over another; null where it is no override that stands. Only the ledger's own word
    /// counts, and only where it names a record by id: what a number means hangs on what else bears it.</summary>
    public static TruthOverride? Of(SourceRecord record) =>
        record is { IsLive: true, Source: Ties.LedgerSource, Fold.State: TruthOverride { Withdrawn: false } said }
        && said is { Of.Id: not null, Field: not null, Value: not null }
            ? said
            : null;

    /// <summary>Position of the event that states it.</summary>
    public static long PositionOf(SourceRecord record) =>
        record.Changed("of", "field", "value", "overrode", "until", "withdrawn");

    /// <summary>Whether it stands and its day has not passed.</summary>
    public static bool IsInForce(SourceRecord record, LocalDate day) => Of(record)?.IsInForce(day) ?? false;

    /// <summary>Whether its field is one of the kind and its value of that field's shape.</summary>
    public static bool IsReadable(TruthOverride said, Kind kind) => kind.Fields
        .Any(field => field.Name == said.Field && said.Value?.As(field.Type) is not null);
}
