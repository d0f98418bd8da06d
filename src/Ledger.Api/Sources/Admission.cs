using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Threading.RateLimiting;
using Ledger.Projections.Views;
using Ledger.Store;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Ledger.Api;

/// <summary>Who may write. A source writes with a token of its own; until the first token was made, programs of this
/// machine may state any source, and nobody else may write.</summary>
/// <remarks>What another process changes is known here within two seconds.</remarks>
internal sealed class Admission(Writers writers, NpgsqlDataSource source) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>While one request reads anew, others go by what was read before, so long.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, (EventRate Rate, TokenBucketRateLimiter Bucket)> _buckets = [];
    private volatile Known? _known;
    private Task<Known>? _asking;

    /// <summary>Whoever sends a request, or why it is turned away.</summary>
    /// <exception cref="StoreUnavailableException">The database does not answer.</exception>
    public ValueTask<(Caller? Caller, ProblemAnswer? Refusal)> Admit(
        HttpContext http, CancellationToken cancellationToken) =>
        Admit(http, Bearer(http.Request), cancellationToken);

    /// <summary>The same of a person, who types the token into a form.</summary>
    /// <param name="given">The token; null or empty = none.</param>
    /// <exception cref="StoreUnavailableException">The database does not answer.</exception>
    public async ValueTask<(Caller? Caller, ProblemAnswer? Refusal)> Admit(
        HttpContext http, string? given, CancellationToken cancellationToken)
    {
        var known = await Ask(cancellationToken);
        if (!known.Register.IsClosed)
            return IsOfThisMachine(http)
                ? (Caller.Anyone(known.Announced), null)
                : (null, Problems.Unauthenticated(wasGiven: false));
        if (string.IsNullOrEmpty(given) || Good(known.Register, given) is not { } token)
            return (null, Problems.Unauthenticated(!string.IsNullOrEmpty(given)));
        return known.StandstillOf(token.Source) is { } refusal ? (null, refusal) : (For(known, token), null);
    }

    /// <summary>Whether nobody may write without a token.</summary>
    public async ValueTask<bool> IsClosed(CancellationToken cancellationToken) =>
        (await Register(cancellationToken)).IsClosed;

    /// <summary>The source whose token a request came with, where it needs none; null = it came with none, or with one
    /// that is not good.</summary>
    public async ValueTask<string?> SourceOf(HttpContext http, CancellationToken cancellationToken) =>
        Bearer(http.Request) is { } given ? Good(await Register(cancellationToken), given)?.Source : null;

    /// <summary>Whether who was let in still may: a stream can last longer than a token.</summary>
    /// <returns>Why not; null = it may.</returns>
    public async ValueTask<ProblemAnswer?> Refuse(Caller caller, CancellationToken cancellationToken)
    {
        var known = await Ask(cancellationToken);
        if (caller.Token is not { } held)
            return known.Register.IsClosed ? Problems.Unauthenticated(wasGiven: true) : null;
        foreach (var token in known.Register.Tokens)
            if (token.Id == held.Id && token.IsGood(Now()))
                return known.StandstillOf(token.Source);
        return Problems.Unauthenticated(wasGiven: true);
    }

    public void Dispose()
    {
        foreach (var (_, bucket) in _buckets.Values)
            bucket.Dispose();
    }

    private async ValueTask<WriterRegister> Register(CancellationToken cancellationToken) =>
        (await Ask(cancellationToken)).Register;

    private async ValueTask<Known> Ask(CancellationToken cancellationToken)
    {
        if (_known is { } known && known.Age < Fresh)
            return known;
        Task<Known> asking;
        lock (_gate)
            asking = _asking ??= Ask();
        return _known is { } before && before.Age < Stale
            ? before
            : await asking.WaitAsync(cancellationToken);
    }

    /// <summary>Asked once for all who wait, so that a database that does not answer is waited for once.</summary>
    private async Task<Known> Ask()
    {
        // Whoever asked is about to hold on to this, and must not find it over already.
        await Task.Yield();
        try
        {
            var asked = Stopwatch.GetTimestamp();
            var register = await writers.Register(CancellationToken.None);
            return _known = new(register, await Announced.Read(source, CancellationToken.None), asked);
        }
        finally
        {
            lock (_gate)
                _asking = null;
        }
    }

    private Caller For(Known known, WriterToken token)
    {
        var limit = known.Register.Limits.GetValueOrDefault(token.Source, WriterLimit.None);
        return new(token, limit, limit.Rate is { } rate ? Bucket(token.Source, rate) : null, known.Announced);
    }

    /// <summary>One for all that a source sends here; a new one, and full, where its rate was changed.</summary>
    private TokenBucketRateLimiter Bucket(string source, EventRate rate) => _buckets.AddOrUpdate(
        source, _ => (rate, New(rate)), (_, had) => had.Rate == rate ? had : (rate, New(rate))).Bucket;

    private static TokenBucketRateLimiter New(EventRate rate) => new(new()
    {
        TokenLimit = rate.Burst,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(rate.Seconds) / rate.Events,
        QueueLimit = 0,
        // By the time that went by, whenever it is asked.
        AutoReplenishment = false,
    });

    private static WriterToken? Good(WriterRegister register, string given) =>
        register.Find(given) is { } token && token.IsGood(Now()) ? token : null;

    private static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? value["Bearer ".Length..].Trim()
            : null;

    /// <summary>Asked by a program of this machine, at a name of this machine. A proxy's other side is elsewhere, and
    /// so is the page that a browser here acts for.</summary>
    private static bool IsOfThisMachine(HttpContext http)
    {
        var headers = http.Request.Headers;
        var isForwarded = headers.ContainsKey("Forwarded") || headers.ContainsKey("X-Forwarded-For")
            || headers.ContainsKey("X-Real-IP") || headers.Via.Count > 0;
        var isOfPageElsewhere = headers["Sec-Fetch-Site"] == "cross-site"
            || (headers.Origin is [{ } origin] && !Server.IsLoopback(origin));
        return !isForwarded && !isOfPageElsewhere && http.Connection.RemoteIpAddress is { } remote
            && IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote)
            && Server.IsLoopback($"http://{http.Request.Host.Host}");
    }

    private static Instant Now() => SystemClock.Instance.GetCurrentInstant();

    private sealed record Known(WriterRegister Register, Announced Announced, long AskedAt)
    {
        /// <summary>Why a source may not write while it is suspended; null = it may.</summary>
        public ProblemAnswer? StandstillOf(string source) =>
            Announced.Suspended.TryGetValue(source, out var standstill)
                ? Problems.Suspended(source, LocalDatePattern.Iso.Format(standstill.On), standstill.Reason)
                : null;

        public TimeSpan Age => Stopwatch.GetElapsedTime(AskedAt);
    }
}
