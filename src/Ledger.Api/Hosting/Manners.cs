using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Primitives;

namespace Ledger.Api;

/// <summary>What HTTP expects of every address: HEAD where there is GET, OPTIONS, and a problem document where a
/// request is too large before its body begins.</summary>
internal static class Manners
{
    public const int TargetBytesMax = 8 << 10;
    public const int HeaderBytesMax = 32 << 10;

    /// <summary>Kestrel hangs up with a bare status; up to its own limits, which lie higher, a problem says more.
    /// </summary>
    public static void LeaveRoom(KestrelServerLimits limits)
    {
        limits.MaxRequestLineSize = 8 * TargetBytesMax;
        limits.MaxRequestHeadersTotalSize = 4 * HeaderBytesMax;
    }

    /// <summary>Must stand before routing.</summary>
    public static void UseHeadAsGet(this WebApplication app) => app.Use(async (http, next) =>
    {
        if (TooLarge(http) is { } problem)
            await RequestBody.Refuse(http, problem);
        else if (HttpMethods.IsOptions(http.Request.Method) && Target(http) == "*")
            Allow(http, "GET, HEAD, POST, OPTIONS");
        else
        {
            var isHead = HttpMethods.IsHead(http.Request.Method);
            if (isHead)
                http.Request.Method = HttpMethods.Get;
            http.Items[typeof(Manners)] = isHead;
            await next(http);
        }
    });

    /// <summary>Must stand after routing: handlers see what was asked, and the server sends no body.</summary>
    public static void UseHeadAsHead(this WebApplication app) => app.Use((http, next) =>
    {
        if (http.Items[typeof(Manners)] is true)
            http.Request.Method = HttpMethods.Head;
        return next(http);
    });

    /// <summary>Completes what routing says is allowed; a request that only asked for that is answered.</summary>
    /// <returns>Whether it is answered.</returns>
    public static bool Allowed(HttpContext http)
    {
        var allowed = http.Response.Headers.Allow.SelectMany(
            value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Append(HttpMethods.Options).ToList();
        if (allowed.Contains(HttpMethods.Get))
            allowed.Add(HttpMethods.Head);
        var said = new StringValues(string.Join(", ", allowed.Distinct().Order(StringComparer.Ordinal)));
        http.Response.Headers.Allow = said;
        if (!HttpMethods.IsOptions(http.Request.Method))
            return false;
        Allow(http, said);
        return true;
    }

    private static void Allow(HttpContext http, StringValues methods)
    {
        http.Response.StatusCode = 204;
        http.Response.Headers.Allow = methods;
    }

    private static ProblemAnswer? TooLarge(HttpContext http)
    {
        if (Target(http).Length > TargetBytesMax)
            return Problems.TargetTooLong(TargetBytesMax);
        var bytes = 0L;
        foreach (var (name, values) in http.Request.Headers)
            foreach (var value in values)
                bytes += name.Length + (value?.Length ?? 0);
        return bytes > HeaderBytesMax ? Problems.HeadersTooLarge(HeaderBytesMax) : null;
    }

    private static string Target(HttpContext http) => http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
}
