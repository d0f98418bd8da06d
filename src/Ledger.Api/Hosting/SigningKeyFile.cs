using System.Security.Cryptography;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary>The private key that signs the log's roots, in a file that only its owner reads.</summary>
internal static class SigningKeyFile
{
    private const string Name = "signing-key.pem";

    /// <summary>The private server's own.</summary>
    public static string In(string folder) => Path.Combine(folder, Name);

    /// <summary>Where a key waits until the ledger knows it.</summary>
    public static string Next(string file) => file + ".next";

    /// <summary>The signer of a ledger: by the key that was named, or by the private server's own, which is made on the
    /// first run.</summary>
    /// <param name="folder">The private server's; null = a server that was named.</param>
    /// <returns>Null where no key is named for a server that was, or where the private server's own is gone.</returns>
    /// <exception cref="SigningKeyException">The key cannot be read, or is not the log's.</exception>
    public static async Task<RootSigner?> Signer(
        Place place, string? folder, NpgsqlDataSource source, Action<string> say, CancellationToken cancellationToken)
    {
        if (place.SigningKey is { } named)
            return await Open(named, source, cancellationToken);
        if (folder is null)
            return null;
        var own = In(folder);
        if (!File.Exists(own) && !File.Exists(Next(own)))
        {
            if (await RootSigner.Has(source, cancellationToken))
            {
                say($"The signing key {own} is gone: roots are not signed until 'ledger key rotate --lost' makes one.");
                return null;
            }

            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            await Write(own, made, cancellationToken);
            say($"Made the key that signs the log's roots, {own}; 'ledger key show' prints its public half.");
        }

        return await Open(own, source, cancellationToken);
    }

    /// <summary>Reads a private key.</summary>
    /// <exception cref="SigningKeyException">There is none.</exception>
    public static async Task<ECDsa> Read(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            throw new SigningKeyException($"There is no signing key at {file}: 'ledger key new {file}' makes one.");
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(await File.ReadAllTextAsync(file, cancellationToken));
            if (key.KeySize == 256 && key.ExportParameters(includePrivateParameters: true).D is not null)
                return key;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            // Said below, as for any other key.
        }

        key.Dispose();
        throw new SigningKeyException($"{file} holds no private key on the curve P-256 in PEM, without a password.");
    }

    /// <summary>Writes a private key where there is no file yet, for its owner's eyes only.</summary>
    /// <exception cref="SigningKeyException">There is one.</exception>
    public static async Task Write(string file, ECDsa key, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var temporary = Path.Combine(folder, $".{Path.GetRandomFileName()}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            await using (var stream = new FileStream(temporary, options))
            {
                await stream.WriteAsync(
                    System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"), cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(temporary);
            throw new SigningKeyException($"There is a file {file} already; a key is never written over another.");
        }
        catch (IOException error)
        {
            throw new SigningKeyException($"The key cannot be written to {file}: {error.Message}");
        }
    }

    /// <summary>Opens the key of a file, or the one that was to follow it when a rotation was cut short.</summary>
    private static async Task<RootSigner> Open(
        string file, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var next = Next(file);
        if (File.Exists(next))
            try
            {
                var signer = await RootSigner.Open(
                    source, await Read(next, cancellationToken), isFirst: false, Now, cancellationToken);
                File.Move(next, file, overwrite: true);
                return signer;
            }
            catch (SigningKeyException)
            {
                // It was never entered: the old one still signs.
            }

        return await RootSigner.Open(
            source, await Read(file, cancellationToken), isFirst: true, Now, cancellationToken);
    }

    private static Instant Now => SystemClock.Instance.GetCurrentInstant();
}
