using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Views;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary>A value that a person puts over what the owner says.</summary>
/// <param name="Of">Any record of the entity, by its id at its source.</param>
/// <param name="Field">As in the state's JSON.</param>
/// <param name="Value">Of the field's own shape.</param>
/// <param name="Until">The last day it counts; null = until it is taken back.</param>
internal sealed record OverrideTerms(Ref Of, string Field, JsonText Value, string Reason, LocalDate? Until)
{
    /// <summary>What a person typed as a value: JSON where it is that and of the field's shape, else a text: nobody
    /// likes quotes within quotes.</summary>
    public static JsonText ValueOf(Ref of, string field, string value)
    {
        var text = JsonText.Of((object)value);
        try
        {
            using var document = JsonDocument.Parse(value, EnvelopeReader.Strict);
            var json = JsonText.Of(document.RootElement);
            var shape = Kind.TryFind(of.Kind, out var kind) ? kind.Fields.FirstOrDefault(f => f.Name == field) : null;
            return shape is not null && json.As(shape.Type) is null ? text : json;
        }
        catch (JsonException)
        {
            return text;
        }
    }
}

/// <summary>What people decide over the owner of a field.</summary>
internal sealed class OverrideDecisions(Decisions decisions, NpgsqlDataSource source)
{
    /// <summary>Puts a value over what the owner says. What is overridden is kept with it.</summary>
    /// <returns>Also the override's id.</returns>
    public async Task<(string Id, (ItemAnswer? Receipt, ProblemAnswer? Problem) Told)> Set(
        OverrideTerms terms, DecidedBy by, CancellationToken cancellationToken)
    {
        if (Fault(terms) is { } fault)
            return ("", (null, fault));
        var stream = terms.Of.Stream(SourceRegistration.Own)!;
        var (_, found) = await EntityReader.Find(source, terms.Of.Kind, stream, cancellationToken);
        if (found is not [var entity])
            return ("", (null, Problems.InvalidCommand("/of", "unknown", $"the ledger has no '{stream}'")));
        var now = FieldNow(entity, terms.Field);
        var id = now.Override is { } standing ? StreamName.IdOf(standing) : Fingerprint.Of(entity.Id, terms.Field);
        return (id, await decisions.Tell<TruthOverride>(
            Kind.Override, id, "set", before => Over(terms, now.Said, before), by, cancellationToken));
    }

    /// <summary>Takes an override back: the owner's word counts again.</summary>
    public Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Withdraw(
        string id, string? reason, DecidedBy by, CancellationToken cancellationToken) =>
        decisions.Tell<TruthOverride>(
            Kind.Override, id, "withdrawn", before => before switch
            {
                null => Decision.Not(NoOverride(id)),
                { Withdrawn: true } => Decision.Stands,
                _ => new(new OverrideWithdrawn(reason)),
            },
            by, cancellationToken);

    public static ProblemAnswer NoOverride(string id) =>
        Problems.NotFound($"There is no override '{id}'; /v1/overrides lists them.");

    private static Decision Over(OverrideTerms terms, JsonText? said, TruthOverride? before) =>
        before is { Withdrawn: false } && terms.Value.Equals(before.Value) && before.Until == terms.Until
        && before.Reason == terms.Reason && before.Field == terms.Field
            ? Decision.Stands
            : new(new TruthOverridden(terms.Of, terms.Field, terms.Value, terms.Reason, said, terms.Until));

    private static ProblemAnswer? Fault(OverrideTerms terms)
    {
        if (!Kind.TryFind(terms.Of.Kind, out var kind) || kind.IsGovernance)
            return Problems.InvalidCommand("/of/kind", "unknown_kind", $"'{terms.Of.Kind}' is no kind of record");
        if (terms.Of is not { Source: not null, Id: not null })
            return Problems.InvalidCommand(
                "/of", "invalid", "say which record by its kind, source and id: "
                + "{\"kind\": \"client\", \"source\": \"crm\", \"id\": \"ACC-1\"}");
        if (kind.Fields.FirstOrDefault(field => field.Name == terms.Field) is not { } field)
            return Fields.Unknown("/field", kind, terms.Field);
        if (terms.Value.As(field.Type) is null)
            return Problems.InvalidCommand(
                "/value", "wrong_type", $"the value is not of the shape that '{terms.Field}' has; give it as a "
                + $"{kind.Name} shows it");
        return string.IsNullOrWhiteSpace(terms.Reason)
            ? Problems.InvalidCommand("/reason", "empty", "say why, for whoever asks later")
            : null;
    }

    /// <summary>What the owners say of a field, and the stream of the override that stands over it.</summary>
    private static (JsonText? Said, string? Override) FieldNow(EntityView entity, string name)
    {
        using var fields = JsonDocument.Parse(entity.Fields);
        if (!fields.RootElement.TryGetProperty(name, out var field))
            return (null, null);
        if (!field.TryGetProperty("override", out var over) || over.ValueKind != JsonValueKind.Object)
            return (JsonText.Of(field.GetProperty("value")), null);
        var was = over.TryGetProperty("was", out var said) && said.ValueKind != JsonValueKind.Null
            ? JsonText.Of(said)
            : null;
        return (was, over.GetProperty("stream").GetString());
    }
}
