using System.Security.Cryptography;
using System.Text;

namespace Ledger.Api;

/// <summary>Short names for long things, the same for ever.</summary>
internal static class Fingerprint
{
    private const int Digits = 16;

    /// <summary>The first 16 hexadecimal digits of a SHA-256 over texts, each on a line of its own.</summary>
    public static string Of(params IEnumerable<string> lines) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..Digits];
}
