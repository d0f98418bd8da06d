using Ledger.Testing;

namespace Ledger.Api.Tests;

/// <summary>A test on recorded documents, which lie beside the checkout where there are any.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealFactAttribute : FactAttribute
{
    public RealFactAttribute(string relative)
    {
        if (RealData.Path(relative) is null)
            Skip = $"shared/data/{relative} is not beside this checkout";
    }
}
