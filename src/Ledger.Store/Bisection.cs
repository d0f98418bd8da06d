namespace Ledger.Store;

/// <summary>Halves of a piece that PostgreSQL refuses, in order; an atomic request stays whole.</summary>
internal static class Bisection
{
    public static (List<Slice> Left, List<Slice> Right)? Split(List<Slice> piece)
    {
        if (piece.Count > 1)
            return (piece[..(piece.Count / 2)], piece[(piece.Count / 2)..]);
        var (request, start, count) = piece[0];
        if (request.Atomic || count == 1)
            return null;
        var half = count / 2;
        return ([new Slice(request, start, half)], [new Slice(request, start + half, count - half)]);
    }
}
