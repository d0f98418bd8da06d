using System.Text;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>Signed roots kept outside the database, one after the other: what the log is held to.</summary>
internal static class RootFile
{
    /// <summary>Reads all its roots.</summary>
    /// <exception cref="NotReadyException">It is none.</exception>
    public static async Task<IReadOnlyList<SignedNote>> Read(string file, CancellationToken cancellationToken)
    {
        try
        {
            return SignedNote.ParseAll(await File.ReadAllTextAsync(file, cancellationToken));
        }
        catch (Exception error) when (error is FormatException or IOException)
        {
            throw new NotReadyException($"{file} is not a file of signed roots: {error.Message}");
        }
    }

    /// <summary>Adds the log's root as it is now, unless the last one there is that one. The file is replaced whole, so
    /// that no crash leaves half a root.</summary>
    /// <returns>What the log now says against the file's last root, in one sentence, and the file is left as it is;
    /// null = nothing.</returns>
    /// <exception cref="NotReadyException">The log's roots are not signed.</exception>
    public static async Task<string?> Add(EventStore store, string file, CancellationToken cancellationToken)
    {
        var before = File.Exists(file) ? await Read(file, cancellationToken) : [];
        if (before is [.., var last] && await store.Contradiction(last.Checkpoint, cancellationToken) is { } said)
            return said;
        var note = await store.Checkpoint(null, cancellationToken)
            ?? throw new NotReadyException("The log's last root is not signed: name the key with --signing-key.");
        if (before is [.., var same] && same.Checkpoint.Equals(note.Checkpoint))
            return null;
        await Replace(file, string.Join('\n', before.Append(note)), cancellationToken);
        return null;
    }

    private static async Task Replace(string file, string text, CancellationToken cancellationToken)
    {
        var temporary = file + ".new";
        await using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, file, overwrite: true);
    }
}
