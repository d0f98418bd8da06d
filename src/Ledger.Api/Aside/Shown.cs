using System.Text;
using System.Text.Unicode;

namespace Ledger.Api;

/// <summary>How a body of unknown content is shown within JSON.</summary>
internal static class Shown
{
    /// <returns>As a text, or in base64 where it is none; both null where it is not at hand.</returns>
    public static (string? Text, string? Base64) Body(ReadOnlyMemory<byte>? body) => body switch
    {
        null => (null, null),
        { Span: var bytes } when Utf8.IsValid(bytes) => (Encoding.UTF8.GetString(bytes), null),
        { Span: var bytes } => (null, Convert.ToBase64String(bytes)),
    };
}
