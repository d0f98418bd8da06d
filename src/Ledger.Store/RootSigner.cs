using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

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

    /// <summary>Whether a database's log was given a key yet.</summary>
    public static async Task<bool> Has(NpgsqlDataSource source, CancellationToken cancellationToken) =>
        (await new LogReader(source).Keys(cancellationToken)).Count > 0;

    /// <summary>The signer of a database's log.</summary>
    /// <param name="key">A P-256 private key; the signer's from here on.</param>
    /// <param name="isFirst">Whether it is entered in <c>ledger.signing_key</c> where the log has none yet.</param>
    /// <exception cref="SigningKeyException">The log is signed with another key.</exception>
    public static async Task<RootSigner> Open(
        NpgsqlDataSource source, ECDsa key, bool isFirst, Instant now, CancellationToken cancellationToken)
    {
        var publicKey = key.ExportSubjectPublicKeyInfo();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        if (isFirst)
        {
            await using var add = new NpgsqlCommand(Sql.FirstSigningKey, connection);
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

    /// <summary>Puts a new key in the place of the one in use, which vouches for it where its signer is at hand; roots
    /// signed so far stay verifiable. Other signers of the log must be opened again.</summary>
    /// <param name="current">Null = the private key in use is gone.</param>
    /// <exception cref="SigningKeyException"><paramref name="current"/> is not in use, or the new key was before.
    /// </exception>
    public static async Task Rotate(
        NpgsqlDataSource source, RootSigner? current, ECDsa next, Instant now, CancellationToken cancellationToken)
    {
        var publicKey = next.ExportSubjectPublicKeyInfo();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var retire = new NpgsqlCommand(Sql.RetireSigningKey, connection);
        retire.Parameters.Add(new() { Value = now.ToDateTimeUtc() });
        var retired = await retire.ExecuteScalarAsync(cancellationToken) as byte[];
        if (current is not null && (retired is null || !current.KeyId.Span.SequenceEqual(retired)))
            throw new SigningKeyException("The key named is not the one in use; 'ledger key show' prints that.");
        await using var add = new NpgsqlCommand(Sql.AddSigningKey, connection);
        add.Parameters.Add(new() { Value = KeyIdOf(publicKey) });
        add.Parameters.Add(new() { Value = publicKey });
        add.Parameters.Add(new() { Value = now.ToDateTimeUtc() });
        add.Parameters.Add(new() { Value = (object?)retired ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea });
        add.Parameters.Add(new()
        {
            Value = (object?)current?.Endorse(publicKey) ?? DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Bytea,
        });
        try
        {
            await add.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new SigningKeyException("The new key has signed this log before: a key comes once.");
        }

        await transaction.CommitAsync(cancellationToken);
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

    private byte[] Endorse(byte[] successor)
    {
        lock (_oneAtATime)
            return _key.SignData(
                RootKey.Endorsement(Origin, successor), HashAlgorithmName.SHA256,
                DSASignatureFormat.Rfc3279DerSequence);
    }

    internal static byte[] KeyIdOf(ReadOnlySpan<byte> publicKey) => Sha256.Hash(publicKey)[..KeyIdSize];
}

/// <summary>A key that cannot sign this log's roots; the message says why.</summary>
public sealed class SigningKeyException(string message) : Exception(message);
