using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Ledger.Api;

/// <summary>Lines in groups: as many as have come, and no more than go well together.</summary>
internal sealed class LineGroups(PipeReader pipe, int lineBytesMax)
{
    private const int GroupLines = 500;
    private const int GroupBytes = 1 << 20;

    /// <exception cref="InvalidDataException">It is not packed as it says.</exception>
    public async IAsyncEnumerable<List<Line>> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = new LineReader(pipe, lineBytesMax);
        try
        {
            do
            {
                while (Group(lines) is { Count: > 0 } group)
                    yield return group;
            }
            while (await lines.ReadMore(cancellationToken));
        }
        finally
        {
            lines.Release();
        }
    }

    private static List<Line> Group(LineReader lines)
    {
        var group = new List<Line>();
        for (var bytes = 0; group.Count < GroupLines && bytes < GroupBytes && lines.TryNext(out var line);)
        {
            group.Add(line);
            bytes += line.Bytes.Length;
        }

        return group;
    }
}
