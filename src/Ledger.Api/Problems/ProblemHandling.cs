using System.Diagnostics;
using Ledger.Store;
using Microsoft.AspNetCore.Diagnostics;

namespace Ledger.Api;

/// <summary>Turns what is thrown, and answers without a body, into problem documents.</summary>
internal static partial class ProblemHandling
{
    /// <summary>Must stand first, so that nothing gets past it.</summary>
    public static void UseProblems(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Ledger.Api");
        app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (Exception) when (http.RequestAborted.IsCancellationRequested)
            {
                // The client left; there is nobody to answer.
            }
            catch (Exception error)
            {
                var problem = For(error);
                if (problem.Status == 500)
                    LogDefect(log, http.Request.Method, http.Request.Path, error);
                if (http.Response.HasStarted)
                    http.Abort();
                else
                    await Answer(http, problem);
            }
        });
        app.UseStatusCodePages(context =>
            context.HttpContext.Response.StatusCode == 405 && Manners.Allowed(context.HttpContext)
                ? Task.CompletedTask
                : ForStatus(context).ExecuteAsync(context.HttpContext));
    }

    /// <summary>Whether the same may work later: the database is down, restarting or too slow, or waits for a server
    /// with the new signing key.</summary>
    public static bool IsUnavailable(Exception error) =>
        error is StoreUnavailableException or SigningKeyException || StoreUnavailableException.Is(error);

    private static ProblemAnswer For(Exception error) => error switch
    {
        BadHttpRequestException { StatusCode: 413 } => Problems.TooLarge("The body is larger than this address takes."),
        BadHttpRequestException { StatusCode: 408 } => Problems.TooSlow(),
        BadHttpRequestException bad => Problems.BadRequest(bad.Message),
        InvalidDataException => Problems.NotJson("The body is not packed as it says."),
        // Nobody left, so it is the clock that ran out.
        OperationCanceledException => Problems.Unavailable(),
        SigningKeyException => Problems.SigningKeyChanged(),
        _ when IsUnavailable(error) => Problems.Unavailable(),
        OutOfMemoryException => Problems.OutOfMemory(),
        NotAsSealedException broken => Problems.NotAsSealed(broken.Message),
        _ => Problems.Internal(Activity.Current?.TraceId.ToHexString()),
    };

    private static async Task Answer(HttpContext http, ProblemAnswer problem)
    {
        http.Response.Clear();
        await problem.ExecuteAsync(http);
    }

    private static ProblemAnswer ForStatus(StatusCodeContext context)
    {
        var http = context.HttpContext;
        return http.Response.StatusCode switch
        {
            404 => Problems.NotFound("There is nothing at this address; /openapi/v1.json describes what there is."),
            405 => Problems.MethodNotAllowed(http.Request.Method),
            415 => Problems.UnsupportedMediaType("This address takes another media type."),
            var status => Problems.BadRequest("The request was refused.") with { Status = status },
        };
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private static partial void LogDefect(ILogger log, string method, PathString path, Exception error);
}
