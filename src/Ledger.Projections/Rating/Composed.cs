using System.Collections.Concurrent;
using System.Reflection;
using Ledger.Domain;

namespace Ledger.Projections.Rating;

/// <summary>An entity as one state: each field by its owner's word.</summary>
internal static class Composed
{
    private static readonly ConcurrentDictionary<(Type, string), PropertyInfo> Properties = new();

    public static TState State<TState>(this ComposedEntity entity)
        where TState : RecordState, new()
    {
        var state = new TState();
        foreach (var field in entity.Fields) Set(state, field.Name, field.Value);
        return state;
    }

    /// <summary>The record that speaks for an entity, with each field by its owner's word; itself where nobody else has
    /// one.</summary>
    public static SourceRecord Counting(this World world, Entity entity, SourceRecord speaker) =>
        entity.Members.Count == 1 ? world.Decided(entity, speaker) : world.With(entity, speaker, _ => true);

    /// <summary>A record with what persons put over its entity's fields; itself where nobody did.</summary>
    public static SourceRecord Decided(this World world, Entity entity, SourceRecord record) =>
        world.OverridesOf(entity).Any(o => Overrides.IsInForce(o, world.Day))
            ? world.With(entity, record, field => field.Override is not null)
            : record;

    private static SourceRecord With(
        this World world, Entity entity, SourceRecord record, Func<EntityField, bool> takes)
    {
        if (record.Fold.State is not { } told) return record;
        var state = told with { };
        var asserted = new Dictionary<string, long>(record.Fold.Asserted);
        foreach (var field in world.Compose(entity).Fields.Where(takes))
        {
            // A reference means the same whoever states it.
            Set(state, field.Name, field.Value is Ref stated ? stated.Absolute(field.By.Source) : field.Value);
            asserted[field.Name] = field.Override?.Position ?? field.Position;
        }

        return record with { Fold = record.Fold with { State = state, Asserted = asserted } };
    }

    private static void Set(RecordState state, string field, object value) =>
        Properties.GetOrAdd((state.GetType(), field), static key => key.Item1.GetProperty(
            key.Item2, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)!).SetValue(state, value);

    /// <summary>The record that speaks for the first of these fields that anybody states; else the first that counts.
    /// </summary>
    public static SourceRecord? Speaker(this ComposedEntity entity, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
            if (entity.Field(field) is { } stated && stated.By.Kind == entity.Entity.Kind) return stated.By;
        return entity.Entity.Members.FirstOrDefault(entity.Entity.Counts);
    }

    /// <summary>Position of the last event that stated any of these fields; 0 where none did.</summary>
    public static long Changed(this ComposedEntity entity, params ReadOnlySpan<string> fields)
    {
        var last = 0L;
        foreach (var field in fields) last = Math.Max(last, entity.Field(field)?.Position ?? 0L);
        return last;
    }

    /// <summary>A reference that means the same whoever states it.</summary>
    public static Ref? Absolute(this ComposedEntity entity, string field) =>
        entity.Field(field) is { Value: Ref reference, By.Source: var source } ? reference.Absolute(source) : null;

    public static Ref Absolute(this Ref reference, string source) =>
        reference.Id is null || reference.Source is not null ? reference : reference with { Source = source };

    public static Ref RefOf(SourceRecord record) => new(record.Kind.Name, record.Source, record.Id);
}
