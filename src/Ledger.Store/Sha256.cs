using System.Security.Cryptography;

namespace Ledger.Store;

/// <summary>SHA-256 over hash state that each thread keeps: setting it up costs more than most of the short inputs the
/// log is made of.</summary>
internal static class Sha256
{
    public const int Size = SHA256.HashSizeInBytes;

    [ThreadStatic]
    private static OpenSslSha256? _short;

    [ThreadStatic]
    private static IncrementalHash? _any;

    /// <summary>Hashes the input into the first 32 bytes of <paramref name="hash"/>, which may overlap it.</summary>
    public static void Hash(ReadOnlySpan<byte> input, Span<byte> hash)
    {
        if (OpenSslSha256.IsThere && input.Length <= OpenSslSha256.MaxInput)
        {
            (_short ??= new()).Hash(input, hash);
            return;
        }

        var state = _any ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        state.AppendData(input);
        state.GetHashAndReset(hash);
    }

    public static byte[] Hash(ReadOnlySpan<byte> input)
    {
        var hash = new byte[Size];
        Hash(input, hash);
        return hash;
    }
}
