using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>One token of a source, without the token: that is told once, when it is made.</summary>
/// <param name="Sha256">Of the token's text.</param>
/// <param name="EndsAt">Good until then; null = until it is rotated or revoked.</param>
public sealed record WriterToken(
    Guid Id, string Source, ReadOnlyMemory<byte> Sha256, Instant CreatedAt, Instant? EndsAt)
{
    public bool IsGood(Instant now) => EndsAt is not { } end || now < end;
}

/// <summary>What a source is held to; null = what anybody is.</summary>
/// <param name="Rate">How many events it may send, and how fast.</param>
/// <param name="BodyBytes">Of a whole body, and of a line.</param>
/// <param name="BodyItems">Events in one array.</param>
/// <param name="Depth">Nesting of one event.</param>
public sealed record WriterLimit(EventRate? Rate, int? BodyBytes, int? BodyItems, int? Depth)
{
    public static readonly WriterLimit None = new(null, null, null, null);
}

/// <summary>So many events in so many seconds, over time; so many at once.</summary>
public sealed record EventRate(int Events, int Seconds, int Burst);

/// <summary>Who may write, as of one moment.</summary>
/// <param name="IsClosed">Whether any token was ever made: from then on there is no writing without.</param>
/// <param name="Tokens">Those that were good, or ended shortly before.</param>
public sealed record WriterRegister(
    bool IsClosed, IReadOnlyList<WriterToken> Tokens, IReadOnlyDictionary<string, WriterLimit> Limits)
{
    /// <summary>The token whose text this is; null = there is none. Takes as long whichever it is.</summary>
    public WriterToken? Find(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
        WriterToken? found = null;
        foreach (var candidate in Tokens)
            if (CryptographicOperations.FixedTimeEquals(candidate.Sha256.Span, hash))
                found = candidate;
        return found;
    }
}

/// <summary>The sources' tokens and limits. A source writes with a token of its own; until the first one was made
/// nobody needs any.</summary>
/// <remarks>Throws <see cref="StoreUnavailableException"/> where the database does not answer.</remarks>
public sealed class Writers(NpgsqlDataSource source, Func<Instant>? clock = null)
{
    private const string TokenPrefix = "pls_";
    private const int TokenBytes = 32;

    /// <summary>How far the clocks of those who make tokens and those who read them may be apart.</summary>
    private static readonly Duration ClockSkew = Duration.FromMinutes(5);

    private readonly Func<Instant> _clock = clock ?? SystemClock.Instance.GetCurrentInstant;

    /// <summary>Makes a source's first token.</summary>
    /// <returns>The token, which is kept nowhere; null = it has a good one already.</returns>
    public Task<string?> Admit(string writer, CancellationToken cancellationToken) => EventStore.Guarded(async () =>
    {
        var token = NewToken();
        await using var command = source.CreateCommand(SqlWriters.AddFirstToken);
        Bind(command.Parameters, writer, token, Now());
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1 ? token : null;
    });

    /// <summary>Makes a new token; those before it end after <paramref name="keepOld"/>.</summary>
    /// <returns>The token, which is kept nowhere.</returns>
    public Task<string> Rotate(string writer, Duration keepOld, CancellationToken cancellationToken) =>
        EventStore.Guarded(async () =>
        {
            var (token, now) = (NewToken(), Now());
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new(SqlWriters.EndTokens)
            {
                Parameters = { new() { Value = writer }, new() { Value = (now + keepOld).ToDateTimeUtc() } },
            });
            var add = new NpgsqlBatchCommand(SqlWriters.AddToken);
            Bind(add.Parameters, writer, token, now);
            batch.BatchCommands.Add(add);
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return token;
        });

    /// <summary>Ends every token of a source now.</summary>
    /// <returns>How many were good.</returns>
    public Task<int> Revoke(string writer, CancellationToken cancellationToken) => EventStore.Guarded(async () =>
    {
        await using var command = source.CreateCommand(SqlWriters.EndTokens);
        command.Parameters.Add(new() { Value = writer });
        command.Parameters.Add(new() { Value = Now().ToDateTimeUtc() });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    });

    /// <summary>Holds a source to a limit, in place of whatever it was held to.</summary>
    public Task SetLimit(string writer, WriterLimit limit, CancellationToken cancellationToken) =>
        EventStore.Guarded(async () =>
    {
        await using var command = source.CreateCommand(SqlWriters.SetLimit);
        command.Parameters.Add(new() { Value = writer });
        foreach (var value in new[]
        {
            limit.Rate?.Events, limit.Rate?.Seconds, limit.Rate?.Burst, limit.BodyBytes, limit.BodyItems, limit.Depth,
        })
            command.Parameters.Add(
                new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = Now().ToDateTimeUtc() });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    });

    /// <summary>All of it.</summary>
    public Task<WriterRegister> Register(CancellationToken cancellationToken) => EventStore.Guarded(async () =>
    {
        var (tokens, limits) = (new List<WriterToken>(), new Dictionary<string, WriterLimit>(StringComparer.Ordinal));
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(SqlWriters.AnyToken),
                new(SqlWriters.Tokens) { Parameters = { new() { Value = (Now() - ClockSkew).ToDateTimeUtc() } } },
                new(SqlWriters.Limits),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var isClosed = reader.GetBoolean(0);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            tokens.Add(new(
                reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.Instant(3),
                reader.IsDBNull(4) ? null : reader.Instant(4)));
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            limits.Add(reader.GetString(0), Limit(reader));
        return new WriterRegister(isClosed, tokens, limits);
    });

    private static WriterLimit Limit(NpgsqlDataReader reader)
    {
        int? Whole(int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetInt32(ordinal);
        var rate = Whole(1) is { } events ? new EventRate(events, Whole(2)!.Value, Whole(3)!.Value) : null;
        return new(rate, Whole(4), Whole(5), Whole(6));
    }

    private static string NewToken()
    {
        Span<byte> random = stackalloc byte[TokenBytes];
        RandomNumberGenerator.Fill(random);
        return TokenPrefix + Base64Url.EncodeToString(random);
    }

    private static void Bind(NpgsqlParameterCollection parameters, string writer, string token, Instant now)
    {
        parameters.Add(new() { Value = Guid.CreateVersion7() });
        parameters.Add(new() { Value = writer });
        parameters.Add(new() { Value = SHA256.HashData(Encoding.UTF8.GetBytes(token)) });
        parameters.Add(new() { Value = now.ToDateTimeUtc() });
    }

    private Instant Now() => Instant.FromUnixTimeTicks(_clock().ToUnixTimeTicks() / 10 * 10);
}
