using System.Text;
using NodaTime;

namespace Ledger.Store;

/// <summary>Events as they stand in their table, for who folds them. Rows that follow each other say much alike: that
/// is kept once.</summary>
internal sealed class FoldedRows(Reading copy) : IDisposable
{
    // The columns of Sql.FoldedRows.
    private const int Position = 0;
    private const int Key = 1;
    private const int Stream = 2;
    private const int Version = 3;
    private const int Type = 4;
    private const int Recorded = 5;
    private const int Data = 6;
    private const int Headers = 7;
    private const int User = 8;
    private const int Correlation = 9;
    private const int Causation = 10;
    private const int Columns = 11;

    /// <summary>PostgreSQL counts microseconds from 2000.</summary>
    private const long Epoch = 946_684_800_000_000;

    private readonly CopiedRows _rows = new(copy, Columns);
    private StoredEvent? _last;

    /// <summary>The next event, its body as PostgreSQL writes it; null = there is none.</summary>
    public StoredEvent? Next(CancellationToken cancellationToken)
    {
        if (!_rows.Next(cancellationToken))
            return null;
        // The first byte of a jsonb is the version of its binary form.
        var headers = StoredHeaders.Read(_rows.Field(Headers)[1..], _last?.Headers as StoredHeaders);
        return _last = new StoredEvent(
            _rows.Whole(Position), new Guid(_rows.Field(Key), bigEndian: true), headers.GetValueOrDefault("source", ""),
            headers.GetValueOrDefault("source_id", ""), Text(Stream, _last?.Stream)!, "", _rows.Whole(Version),
            Text(Type, _last?.Type)!, Instant.FromUnixTimeTicks((_rows.Whole(Recorded) + Epoch) * 10),
            _rows.Field(Data)[1..].ToArray(), headers, Text(User, _last?.Actor),
            Text(Correlation, _last?.CorrelationId), Text(Causation, _last?.CausationId));
    }

    public void Dispose() => _rows.Dispose();

    private string? Text(int column, string? last)
    {
        if (_rows.IsNull(column))
            return null;
        var text = _rows.Field(column);
        return last is not null && Ascii.Equals(text, last) ? last : Encoding.UTF8.GetString(text);
    }
}
