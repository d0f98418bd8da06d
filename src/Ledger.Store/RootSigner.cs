using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Npgsql;

namespace Ledger.Store;

/// <summary>Signs the log's roots: ECDSA over P-256 and SHA-256, of the text of a <see cref="Checkpoint"/>.</summary>
public sealed class RootSigner : IDisposable
{
    internal const int KeyIdSize = 4;

    private const int SignatureSizeMax = 72;

    private readonly ECDsa _key;
    private readonly byte[] _origin;
    private readonly byte[] _keyId;
    private readonly Lock _oneAtATime = new();

    /// <param name="origin">The log's name.</param>
    /// <param name="key">A P-256 private key; the signer's from here on.</param>
    public RootSigner(string origin, ECDsa key)
    {
        _key = key;
        Origin = origin;
        _origin = Encoding.UTF8.GetBytes(origin);
        PublicKey = key.ExportSubjectPublicKeyInfo();
        _keyId = KeyIdOf(PublicKey.Span);
    }

    /// <summary>The log's name.</summary>
    public string Origin { get; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>The first four bytes of SHA-256 of the public key (C2SP).</summary>
    public ReadOnlyMemory<byte> KeyId => _keyId;

    /// <summary>The signer of a database's log. The log's first key is entered in <c>ledger.signing_key</c>.</summary>
    /// <param name="key">A P-256 private key; the signer's from here on.</param>
    /// <exception cref="SigningKeyException">The log is signed with another key.</exception>
    public static async Task<RootSigner> Open(
        NpgsqlDataSource source, ECDsa key, Instant now, CancellationToken cancellationToken)
    {
        var publicKey = key.ExportSubjectPublicKeyInfo();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var add = new NpgsqlCommand(Sql.FirstSigningKey, connection))
        {
            add.Parameters.Add(new() { Value = KeyIdOf(publicKey) });
            add.Parameters.Add(new() { Value = publicKey });
            add.Parameters.Add(new() { Value = now.ToDateTimeUtc() });
            await add.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var command = new NpgsqlCommand(Sql.LogAndKey, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        if (reader.IsDBNull(1) || !reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(publicKey))
            throw new SigningKeyException(
                "The log's roots are signed with another key than the one given: give that one, or change keys with "
                + "'ledger key rotate'.");
        return new RootSigner(reader.GetString(0), key);
    }

    /// <summary>The key's id followed by its signature (DER) of the checkpoint at this size.</summary>
    public byte[] Sign(long size, ReadOnlySpan<byte> root)
    {
        Span<byte> text = stackalloc byte[_origin.Length + 80];
        text = text[..Checkpoint.Write(_origin, size, root, text)];
        Span<byte> signature = stackalloc byte[KeyIdSize + SignatureSizeMax];
        _keyId.CopyTo(signature);
        lock (_oneAtATime)
        {
            if (!_key.TrySignData(
                text, signature[KeyIdSize..], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence,
                out var written))
                throw new CryptographicException("A signature is longer than P-256 makes them.");
            return signature[..(KeyIdSize + written)].ToArray();
        }
    }

    public void Dispose() => _key.Dispose();

    internal static byte[] KeyIdOf(ReadOnlySpan<byte> publicKey) => Sha256.Hash(publicKey)[..KeyIdSize];
}

/// <summary>A key that cannot sign this log's roots; the message says why.</summary>
public sealed class SigningKeyException(string message) : Exception(message);
