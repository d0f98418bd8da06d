namespace Ledger.Api;

/// <summary>The addresses of what finance puts its name to.</summary>
internal static class SignOffRoutes
{
    public static void MapSignOffs(this WebApplication app)
    {
        app.MapGet("/v1/sign-offs", ListSignOffs.Handle).Says(ListSignOffs.About);
        app.MapPost("/v1/sign-offs", SignScope.Handle).Says(SignScope.About);
        app.MapGet("/v1/sign-offs/{id}", GetSignOff.Handle).Says(GetSignOff.About);
    }
}
