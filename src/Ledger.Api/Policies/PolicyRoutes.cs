namespace Ledger.Api;

/// <summary>The addresses of what finance agrees to.</summary>
internal static class PolicyRoutes
{
    public static void MapPolicies(this WebApplication app)
    {
        app.MapGet("/v1/policies", ListPolicies.Handle).Says(ListPolicies.About);
        app.MapPost("/v1/policies", SetPolicy.Handle).Says(SetPolicy.About);
        app.MapDelete("/v1/policies/{**id}", EndPolicy.Handle).Says(EndPolicy.About);
        app.MapGet("/v1/schemas", ListSchemas.Handle).Says(ListSchemas.About);
    }
}
