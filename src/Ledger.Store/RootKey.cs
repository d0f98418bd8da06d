using System.Security.Cryptography;
using System.Text;

namespace Ledger.Store;

/// <summary>A public key of ECDSA over P-256 that roots are verified with.</summary>
public sealed class RootKey : IDisposable
{
    private const byte EcdsaType = 2;

    private readonly ECDsa _key;
    private readonly Lock _oneAtATime = new();

    /// <param name="publicKey">SubjectPublicKeyInfo, DER.</param>
    /// <exception cref="FormatException">It is no public key on P-256.</exception>
    public RootKey(ReadOnlyMemory<byte> publicKey)
    {
        _key = ECDsa.Create();
        try
        {
            _key.ImportSubjectPublicKeyInfo(publicKey.Span, out var read);
            if (read != publicKey.Length || _key.KeySize != 256)
                throw new FormatException("The key is not a public key on the curve P-256.");
        }
        catch (CryptographicException error)
        {
            _key.Dispose();
            throw new FormatException("The key is not a public key on the curve P-256.", error);
        }

        PublicKey = publicKey;
        Id = RootSigner.KeyIdOf(publicKey.Span);
    }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>The first four bytes of SHA-256 of the public key (C2SP).</summary>
    public ReadOnlyMemory<byte> Id { get; }

    /// <summary>Reads a key as people pass it on: PEM, its base64, or a verifier key (<c>name+id+base64</c>).</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static RootKey Parse(string text)
    {
        text = text.Trim();
        if (PemEncoding.TryFind(text, out var pem))
            return text.AsSpan()[pem.Label] is "PUBLIC KEY"
                ? new RootKey(Convert.FromBase64String(text[pem.Base64Data]))
                : throw new FormatException("The file holds something else than a public key.");
        if (text.Split('+', 3) is [_, { Length: 8 }, var encoded] && Convert.FromBase64String(encoded) is
            [EcdsaType, .. var key])
            return new RootKey(key);
        return new RootKey(Convert.FromBase64String(text));
    }

    /// <summary>Whether this key made the signature.</summary>
    /// <param name="signature">DER.</param>
    public bool Verifies(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        lock (_oneAtATime)
            return _key.VerifyData(
                text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>The key under a log's name, as C2SP tools take it.</summary>
    public string VerifierOf(string origin) =>
        $"{origin}+{Convert.ToHexStringLower(Id.Span)}+{Convert.ToBase64String([EcdsaType, .. PublicKey.Span])}";

    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", PublicKey.Span);

    public void Dispose() => _key.Dispose();

    /// <summary>What a key signs to say that another takes its place.</summary>
    internal static byte[] Endorsement(string origin, ReadOnlySpan<byte> successor) =>
        Encoding.UTF8.GetBytes($"{origin}\nsigning key\n{Convert.ToBase64String(successor)}\n");
}
