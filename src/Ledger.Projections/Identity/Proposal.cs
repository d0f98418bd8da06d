using System.Security.Cryptography;
using System.Text;
using Ledger.Domain;

namespace Ledger.Projections.Identity;

/// <summary>Two records of different entities that may be the same thing: for a person to confirm or reject.</summary>
/// <param name="A">The first of the two by name.</param>
/// <param name="Confidence">0 to 1, two digits.</param>
/// <param name="Evidence">The strongest first; not empty.</param>
public sealed record Proposal(string A, string B, Kind Kind, decimal Confidence, Items<Evidence> Evidence)
{
    private const int IdDigits = 16;

    /// <summary>Systems that have a live record of both. An entity has one of each system, so where there are any, no
    /// link joins the two: only the system itself can, by merging its own.</summary>
    public Items<string> InBoth { get; init; } = Items<string>.None;

    /// <summary>By what a pair is asked for, whichever of the two is named first: the first hexadecimal digits of a
    /// SHA-256 over both in their order, each on a line. The ledger's own link between the two has it too.</summary>
    public static string IdOf(string a, string b)
    {
        byte[] first = Encoding.UTF8.GetBytes(a), second = Encoding.UTF8.GetBytes(b);
        if (first.AsSpan().SequenceCompareTo(second) > 0) (first, second) = (second, first);
        return Convert.ToHexStringLower(SHA256.HashData([.. first, (byte)'\n', .. second]))[..IdDigits];
    }
}

/// <summary>One reason why two records may be the same thing.</summary>
/// <param name="Code">Stable: <c>same_tax_id</c>, <c>same_number</c>, <c>similar_name</c> …</param>
/// <param name="Words">For a person: <c>tax id GB 123456789 on both</c>.</param>
/// <param name="Weight">How much it says by itself, 0 to 1.</param>
public sealed record Evidence(string Code, string Words, decimal Weight);
