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
        foreach (var field in entity.Fields)
            Properties.GetOrAdd((typeof(TState), field.Name), static key => key.Item1.GetProperty(
                key.Item2, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)!)
                .SetValue(state, field.Value);
        return state;
    }

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
