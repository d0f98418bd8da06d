using Ledger.Store;

namespace Ledger.Api;

/// <summary>How far a verification came: the root it reached, as the three lines of a checkpoint. Only what this
/// program itself recomputed is written there, so whoever can write the file decides what is not looked at again.
/// </summary>
internal sealed class VerifyProgressFile : IProgress<Checkpoint>
{
    private readonly string _file;

    /// <exception cref="NotReadyException">The file is something else.</exception>
    public VerifyProgressFile(string file)
    {
        _file = file;
        if (!File.Exists(file))
            return;
        try
        {
            Reached = SignedNote.Parse(File.ReadAllText(file) + "\n").Checkpoint;
        }
        catch (FormatException)
        {
            throw new NotReadyException(
                $"{file} does not say how far a verification came: name another with --resume.");
        }
    }

    /// <summary>Null = nothing was reached yet.</summary>
    public Checkpoint? Reached { get; }

    public void Report(Checkpoint value)
    {
        File.WriteAllText(_file + ".new", value.Text);
        File.Move(_file + ".new", _file, overwrite: true);
    }

    /// <summary>It came to the end: the next one begins anew.</summary>
    public void Finish() => File.Delete(_file);
}
