using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Ledger.Domain;

namespace Ledger.Projections;

/// <summary>The references within states and events, found by their types: nothing is forgotten where a shape grows.
/// </summary>
internal static class References
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Ways = new();
    private static readonly ConcurrentDictionary<Kind, string[]> Fields = new();

    /// <summary>The fields of a kind's state that can hold references.</summary>
    public static IReadOnlyList<string> FieldsOf(Kind kind) => Fields.GetOrAdd(kind, static k =>
    {
        var ways = WaysInto(k.StateType).Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. k.Fields.Select(f => f.Name).Where(ways.Contains)];
    });

    /// <summary>Every reference within a state, an event's body or a part of one.</summary>
    public static IEnumerable<Ref> In(object? value)
    {
        switch (value)
        {
            case null:
                return [];
            case Ref reference:
                return [reference];
            case string:
                return [];
            case IEnumerable list:
                return list.Cast<object?>().SelectMany(In);
            default:
                return WaysInto(value.GetType()).SelectMany(p => In(p.GetValue(value)));
        }
    }

    private static PropertyInfo[] WaysInto(Type type) => Ways.GetOrAdd(type, static t =>
        [.. t.GetProperties().Where(p => p.GetIndexParameters().Length == 0 && Holds(p.PropertyType, []))]);

    private static bool Holds(Type type, HashSet<Type> seen)
    {
        if (type == typeof(Ref)) return true;
        if (!seen.Add(type) || type == typeof(string)) return false;
        if (type.IsGenericType && type.GetGenericArguments().Any(inner => Holds(inner, seen))) return true;
        return type.Assembly == typeof(Ref).Assembly
            && type.GetProperties().Any(p => p.GetIndexParameters().Length == 0 && Holds(p.PropertyType, seen));
    }
}
