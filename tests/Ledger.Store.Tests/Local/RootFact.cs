namespace Ledger.Store.Tests.Local;

/// <summary>A test of what only happens to root.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
            Skip = "Only root meets this.";
    }
}
