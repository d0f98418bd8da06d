namespace Ledger.Testing;

/// <summary>A fact about real documents; skipped, with a message, where the machine has none.</summary>
/// <param name="relative">Below <c>shared/data</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealFactAttribute : FactAttribute
{
    public RealFactAttribute(string relative)
    {
        Relative = relative;
        Skip = RealData.Path(relative) is null ? $"there is no shared/data/{relative} beside this checkout" : null;
    }

    public string Relative { get; }
}
