using Microsoft.OpenApi;

namespace Ledger.Api;

/// <summary>A parameter of a request.</summary>
internal sealed record Parameter(string Name, string Description, JsonSchemaType Type, ParameterLocation In)
{
    public static Parameter Path(string name, string description) =>
        new(name, description, JsonSchemaType.String, ParameterLocation.Path);

    public static Parameter Text(string name, string description) =>
        new(name, description, JsonSchemaType.String, ParameterLocation.Query);

    public static Parameter Truth(string name, string description) =>
        new(name, description, JsonSchemaType.Boolean, ParameterLocation.Query);

    public static Parameter Whole(string name, string description) =>
        new(name, description, JsonSchemaType.Integer, ParameterLocation.Query);
}

/// <summary>What <c>/openapi/v1.json</c> says of one route.</summary>
/// <param name="Summary">One line.</param>
internal sealed record About(string Summary, params Parameter[] Parameters)
{
    public static readonly Parameter AtLeast = Parameter.Whole(
        "at-least", "Waits, a few seconds at most, until the answer stands at this position or later.");

    /// <summary>Type of a good answer's body.</summary>
    public Type? Answer { get; init; }

    /// <summary>Longest wait for an answer, where it is longer than usual.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Statuses of a good answer.</summary>
    public int[] Good { get; init; } = [200];

    /// <summary>Statuses answered by a problem document.</summary>
    public int[] Problems { get; init; } = [400, 503];

    /// <summary>Media types of a body it takes.</summary>
    public string[] Takes { get; init; } = [];

    /// <summary>Whether only a source may, with its token.</summary>
    public bool IsWrite { get; init; }

    /// <summary>Media types of a good answer.</summary>
    public string[] Gives { get; init; } = ["application/json"];
}

/// <summary>Describes routes where they are mapped.</summary>
internal static class Description
{
    private const string SourceToken = "sourceToken";

    public static IServiceCollection AddLedgerDescription(this IServiceCollection services) =>
        services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "ProServ.Ledger",
                    Version = "v1",
                    Description = "Append what systems say; read what they said, whence, and where they differ.",
                };
                document.Servers = [];
                document.Components ??= new();
                document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
                document.Components.SecuritySchemes[SourceToken] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "A source's own token, made by 'ledger source add'. None is needed until the first "
                        + "one was made, by programs of the ledger's own machine.",
                };
                return Task.CompletedTask;
            });
        });

    public static void Says(this RouteHandlerBuilder route, About about)
    {
        route.WithMetadata(about).WithSummary(about.Summary);
        route.WithTags("ledger");
        if (about.Patience is { } patience)
            route.WithRequestTimeout(patience);
        foreach (var status in about.Good)
            route.Produces(status, about.Answer, about.Gives[0], about.Gives[1..]);
        foreach (var status in about.Problems)
            route.Produces<ProblemAnswer>(status, "application/problem+json");
        route.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            if (about.IsWrite)
                operation.Security =
                [
                    new() { [new OpenApiSecuritySchemeReference(SourceToken, context.Document)] = [] }, new(),
                ];
            operation.Parameters = [.. about.Parameters.Select(Describe)];
            if (about.Takes.Length > 0)
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = about.Takes.ToDictionary(media => media, _ => new OpenApiMediaType()),
                };
            return Task.CompletedTask;
        });
    }

    /// <summary>Must stand after routing: a parameter written wrong (<c>atomc=true</c>) is told, never passed over.
    /// </summary>
    public static void UseKnownParametersOnly(this WebApplication app) => app.Use((http, next) =>
        Unknown(http) is { } name
            ? RequestBody.Refuse(http, Problems.InvalidParameter(name, $"there is no parameter '{name}' here"))
            : next(http));

    private static string? Unknown(HttpContext http) =>
        http.Request.Query.Count > 0 && http.GetEndpoint()?.Metadata.GetMetadata<About>() is { } about
            ? http.Request.Query.Keys.FirstOrDefault(key => !about.Parameters.Any(parameter =>
                parameter.In == ParameterLocation.Query
                && parameter.Name.Equals(key, StringComparison.OrdinalIgnoreCase)))
            : null;

    private static IOpenApiParameter Describe(Parameter parameter) => new OpenApiParameter
    {
        Name = parameter.Name,
        In = parameter.In,
        Required = parameter.In == ParameterLocation.Path,
        Description = parameter.Description,
        Schema = new OpenApiSchema { Type = parameter.Type },
    };
}
