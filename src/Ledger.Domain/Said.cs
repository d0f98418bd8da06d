namespace Ledger.Domain;

/// <summary>What a snapshot says of one field: nothing (absent), that it is empty (null), or a value.</summary>
public readonly record struct Said<T>(bool IsSaid, T? Value) : ISaid
{
    public static implicit operator Said<T>(T? value) => new(true, value);

    /// <summary>The value where something was said, else what was known before.</summary>
    public T? Or(T? before) => IsSaid ? Value : before;
}

/// <summary>Lets the JSON writer leave unsaid fields out without knowing their type.</summary>
public interface ISaid
{
    bool IsSaid { get; }
}
