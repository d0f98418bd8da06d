using System.Net.Http.Headers;
using System.Text.Json;

namespace Ledger.Api.Tests;

/// <summary>Commands of people, and clients to decide about.</summary>
internal static class Commands
{
    private static int _last;

    /// <summary>Sends a command.</summary>
    /// <param name="body">Null = none.</param>
    public static async Task<Answer> Send(
        this Door door, HttpMethod method, string path, object? body, string? token = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
            request.Content = new StringContent(
                body as string ?? JsonSerializer.Serialize(body), null, "application/json");
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (key is not null)
            request.Headers.TryAddWithoutValidation(Once.Header, key);
        using var response = await door.Client.SendAsync(request);
        return await Answer.Of(response);
    }

    public static Task<Answer> Command(this Door door, string path, object body, string? key = null) =>
        door.Send(HttpMethod.Post, path, body, null, key);

    /// <summary>One client as two systems know it: alike, and joined by nothing.</summary>
    /// <returns>Both streams, and a position at which both are there.</returns>
    public static async Task<Alike> TwoAlike(this Door door, string? name = null)
    {
        var id = $"c{Interlocked.Increment(ref _last)}-{Guid.NewGuid():N}"[..16];
        name ??= $"Tarn {id} Fabrications";
        await door.Register("crm", id, name + " Ltd");
        var answer = await door.Register("erp", id, name + " Limited");
        return new($"client/crm:{id}", $"client/erp:{id}", id, answer.Json.GetProperty("position").GetInt64());
    }

    /// <summary>A client of one system.</summary>
    public static async Task<Answer> Register(this Door door, string source, string id, string name)
    {
        var answer = await door.Post(JsonSerializer.Serialize(new
        {
            id = $"{id}-registered",
            source,
            type = "client_registered",
            subject = $"client/{id}",
            time = "2026-02-02T09:00:00Z",
            data = new { name, emails = new[] { $"accounts@{id}.example" } },
        }));
        answer.Verdict.ShouldBe("appended", answer.Body);
        return answer;
    }

    /// <summary>A source's own word that two of its and another's records are one.</summary>
    public static async Task<long> Link(this Door door, string source, string a, string b)
    {
        var answer = await door.Post(JsonSerializer.Serialize(new
        {
            id = $"link-{a}-{b}",
            source,
            type = "identity_linked",
            subject = $"identity/{a}-{b}",
            time = "2026-02-03T09:00:00Z",
            data = new { a = Ref(a), b = Ref(b) },
        }));
        answer.Verdict.ShouldBe("appended", answer.Body);
        return answer.Json.GetProperty("position").GetInt64();
    }

    /// <summary>A stream as a reference.</summary>
    public static object Ref(string stream)
    {
        var (kind, rest) = (stream.Split('/')[0], stream[(stream.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        return new { kind, source = rest.Split(':')[0], id = rest[(rest.IndexOf(':', StringComparison.Ordinal) + 1)..] };
    }

    public static Task<Answer> Entity(this Door door, string stream, long atLeast = 0) =>
        door.Get($"/v1/entities/{stream.Split('/')[0]}/{Uri.EscapeDataString(stream)}?at-least={atLeast}");

    public static string Text(this JsonElement of, string name) => of.GetProperty(name).GetString()!;

    /// <summary>The receipt that a decision was answered with.</summary>
    public static JsonElement Receipt(this Answer answer)
    {
        new[] { 200, 201 }.ShouldContain(answer.Status, answer.Body);
        return answer.Json.GetProperty("receipt");
    }
}

/// <summary>Two records that look like one thing.</summary>
/// <param name="Position">At which both are in the ledger.</param>
internal sealed record Alike(string A, string B, string Id, long Position)
{
    public string Proposal => Projections.Identity.Proposal.IdOf(A, B);
}
