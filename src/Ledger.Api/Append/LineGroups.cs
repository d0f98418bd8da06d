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

/// <summary>Takes the groups of one stream of lines, in order. Once the database has left, every line that follows is
/// answered so, without being tried: the sender knows exactly what to send again.</summary>
internal sealed class LineTaker(Intake intake, string? traceparent)
{
    private int _next;
    private bool _unavailable;

    /// <param name="mustAnswer">Whether answers went out already, so that a failure must be one of them.</param>
    public async Task<ItemAnswer[]> Take(List<Line> lines, bool mustAnswer, CancellationToken cancellationToken)
    {
        var first = _next;
        _next += lines.Count;
        var offered = lines.ConvertAll(line => line.Read());
        try
        {
            if (!_unavailable)
                return await intake.Take(offered, first, atomic: false, traceparent, cancellationToken);
        }
        catch (Exception error) when (mustAnswer && ProblemHandling.IsUnavailable(error))
        {
            _unavailable = true;
        }

        return [.. offered.Select((item, i) => ItemAnswer.Unavailable(first + i, item.Reading))];
    }
}
