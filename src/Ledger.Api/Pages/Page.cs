using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Net.Http.Headers;

namespace Ledger.Api.Pages;

/// <summary>A component and its model, rendered here and answered whole: it allows itself to load nothing but the one
/// style sheet.</summary>
internal sealed class Page(Type component, object model, int status, bool forms) : IResult
{
    // Styles within the page are the pictures' own; no script runs whatever a source may call its clients.
    private const string Policy =
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
        + "form-action ";

    /// <param name="model">The component's parameter <c>Model</c>.</param>
    /// <param name="forms">Whether a form of it may be sent, to this server alone.</param>
    public static IResult Of<TPage>(object model, int status = StatusCodes.Status200OK, bool forms = false)
        where TPage : IComponent =>
        new Page(typeof(TPage), model, status, forms);

    /// <summary>Whether a person's browser asks: it names HTML, a program does not.</summary>
    public static bool IsWanted(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.GetTypedHeaders().Accept
            .Any(a => a.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        // Before anything is sent, so that a page that fails is answered as a problem.
        var html = await Html(httpContext.RequestServices);
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = Policy + (forms ? "'self'" : "'none'");
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "same-origin";
        response.Headers.CacheControl = "private, no-cache";
        response.Headers.Vary = HeaderNames.Accept;
        var body = Encoding.UTF8.GetBytes(html);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    private async Task<string> Html(IServiceProvider services)
    {
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { ["Model"] = model });
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync(component, parameters)).ToHtmlString());
    }
}

/// <summary>The one style sheet, kept in the program.</summary>
internal static class Stylesheet
{
    private static readonly byte[] Css = Read();
    private static readonly string Version = Convert.ToHexStringLower(SHA256.HashData(Css))[..16];

    /// <summary>Changes with its content, so that browsers may keep it.</summary>
    public static string Href { get; } = "/ledger.css?v=" + Version;

    public static IResult Handle(HttpContext http)
    {
        var current = http.Request.Query["v"] == Version;
        http.Response.Headers.CacheControl = current ? "public, max-age=31536000, immutable" : "public, no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(
            Css, "text/css; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{Version}\""));
    }

    private static byte[] Read()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("ledger.css")
            ?? throw new InvalidOperationException("the style sheet is not in the program");
        using var copy = new MemoryStream();
        resource.CopyTo(copy);
        return copy.ToArray();
    }
}
