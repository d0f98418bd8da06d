using System.Collections.Frozen;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace Ledger.Domain;

/// <summary>A kind of record: its name in stream keys, its state and how that evolves. An explicit list.</summary>
public sealed class Kind
{
    public static readonly Kind Client = Of<Client>("client", Domain.Client.Evolve);
    public static readonly Kind Opportunity = Of<Opportunity>("opportunity", Domain.Opportunity.Evolve);
    public static readonly Kind Proposal = Of<ClientProposal>("proposal", ClientProposal.Evolve);
    public static readonly Kind Contract = Of<Contract>("contract", Domain.Contract.Evolve);
    public static readonly Kind RateCard = Of<RateCard>("rate_card", Domain.RateCard.Evolve);
    public static readonly Kind Project = Of<Project>("project", Domain.Project.Evolve);
    public static readonly Kind ChangeRequest = Of<ChangeRequest>("change_request", Domain.ChangeRequest.Evolve);
    public static readonly Kind Resource = Of<Resource>("resource", Domain.Resource.Evolve);
    public static readonly Kind Milestone = Of<Milestone>("milestone", Domain.Milestone.Evolve);
    public static readonly Kind Time = Of<TimeEntry>("time", TimeEntry.Evolve);
    public static readonly Kind Expense = Of<Expense>("expense", Domain.Expense.Evolve);
    public static readonly Kind Invoice = Of<Invoice>("invoice", Domain.Invoice.Evolve);
    public static readonly Kind Posting = Of<Posting>("posting", Domain.Posting.Evolve);
    public static readonly Kind Payment = Of<Payment>("payment", Domain.Payment.Evolve);
    public static readonly Kind BankStatement = Of<BankStatement>("bank_statement", Domain.BankStatement.Evolve);
    public static readonly Kind Revenue = Of<Revenue>("revenue", Domain.Revenue.Evolve);
    public static readonly Kind KnowledgeAsset = Of<KnowledgeAsset>("knowledge_asset", Domain.KnowledgeAsset.Evolve);
    public static readonly Kind ExchangeRate = Of<ExchangeRate>("exchange_rate", Domain.ExchangeRate.Evolve);
    public static readonly Kind LegalEntity = Of<LegalEntity>("legal_entity", Domain.LegalEntity.Evolve);
    public static readonly Kind Period = Of<AccountingPeriod>("period", AccountingPeriod.Evolve);

    public static readonly Kind Source = Of<Source>("source", Domain.Source.Evolve, governance: true);
    public static readonly Kind Identity = Of<IdentityLink>("identity", IdentityLink.Evolve, governance: true);
    public static readonly Kind Coverage = Of<Coverage>("coverage", Domain.Coverage.Evolve, governance: true);
    public static readonly Kind Extract = Of<Extract>("extract", Domain.Extract.Evolve, governance: true);

    public static readonly Kind Ownership =
        Of<OwnershipAssignment>("ownership", OwnershipAssignment.Evolve, governance: true);

    public static readonly Kind Override = Of<TruthOverride>("override", TruthOverride.Evolve, governance: true);
    public static readonly Kind Succession = Of<Succession>("succession", Domain.Succession.Evolve, governance: true);

    public static readonly Kind Tolerance = Of<Tolerance>("tolerance", Domain.Tolerance.Evolve, governance: true);
    public static readonly Kind Lag = Of<Lag>("lag", Domain.Lag.Evolve, governance: true);
    public static readonly Kind Materiality =
        Of<Materiality>("materiality", Domain.Materiality.Evolve, governance: true);

    public static readonly Kind StatusMap = Of<StatusMap>("status_map", Domain.StatusMap.Evolve, governance: true);
    public static readonly Kind Routing = Of<Routing>("routing", Domain.Routing.Evolve, governance: true);
    public static readonly Kind DriftCase = Of<DriftCase>("drift_case", Domain.DriftCase.Evolve, governance: true);
    public static readonly Kind Exception = Of<ExceptionCase>("exception", ExceptionCase.Evolve, governance: true);
    public static readonly Kind DriftRun = Of<CompletedRun>("drift_run", CompletedRun.Evolve, governance: true);
    public static readonly Kind Schema = Of<SchemaNotice>("schema", SchemaNotice.Evolve, governance: true);
    public static readonly Kind SignOff = Of<SignOff>("sign_off", Domain.SignOff.Evolve, governance: true);

    /// <summary>Every kind, records first, in the order a person would read them.</summary>
    public static readonly IReadOnlyList<Kind> All =
    [
        Client, Opportunity, Proposal, Contract, RateCard, Project, ChangeRequest, Resource, Milestone, Time, Expense,
        Invoice, Posting, Payment, BankStatement, Revenue, KnowledgeAsset, ExchangeRate, LegalEntity, Period,
        Source, Identity, Coverage, Extract, Ownership, Override, Succession,
        Tolerance, Lag, Materiality, StatusMap, Routing, DriftCase, Exception, DriftRun, SignOff, Schema,
    ];

    private static readonly FrozenDictionary<string, Kind> ByName = All.ToFrozenDictionary(k => k.Name);

    private readonly Func<RecordState?, Event, EventFacts, RecordState?> evolve;

    private Kind(
        string name, Type state, bool governance, Func<RecordState?, Event, EventFacts, RecordState?> evolve)
    {
        Name = name;
        StateType = state;
        IsGovernance = governance;
        this.evolve = evolve;
        StateAlias = JsonNamingPolicy.SnakeCaseLower.ConvertName(state.Name);
        Fields = [.. state.GetProperties().Where(p => p.CanWrite).Select(StateField.Of)];
    }

    public string Name { get; }

    public Type StateType { get; }

    /// <summary>Marten's alias of the state, written to <c>mt_streams.type</c>: snake_case of the state's
    /// name.</summary>
    public string StateAlias { get; }

    /// <summary>Whether it tells of systems and links instead of records of the trade.</summary>
    public bool IsGovernance { get; }

    /// <summary>The state's fields, for telling which of them an event changed.</summary>
    public IReadOnlyList<StateField> Fields { get; }

    public static bool TryFind(string name, out Kind kind) => ByName.TryGetValue(name, out kind!);

    /// <exception cref="ArgumentException">There is no such kind.</exception>
    public static Kind Find(string name) =>
        TryFind(name, out var kind) ? kind : throw new ArgumentException($"there is no kind '{name}'", nameof(name));

    /// <summary>The next state; null where the event cannot apply yet. Fields that any kind may state are applied
    /// here, once for all.</summary>
    public RecordState? Evolve(RecordState? state, Event e, EventFacts facts)
    {
        var next = evolve(state, e, facts);
        if (next is null || (e.Number ?? (object?)e.Entity ?? e.Attachments ?? (object?)e.Ext) is null) return next;
        return next with
        {
            Number = e.Number ?? next.Number,
            Entity = e.Entity ?? next.Entity,
            Attachments = e.Attachments ?? next.Attachments,
            Ext = e is Snapshot part && !part.IsComplete("ext") ? e.Ext?.Over(next.Ext) ?? next.Ext : e.Ext ?? next.Ext,
        };
    }

    public override string ToString() => Name;

    internal static UnreachableException Unfoldable(Event e) => new($"{e.GetType().Name} is not an event of this kind");

    private static Kind Of<TState>(
        string name, Func<TState?, Event, EventFacts, TState?> evolve, bool governance = false)
        where TState : RecordState =>
        new(name, typeof(TState), governance, (state, e, facts) => evolve((TState?)state, e, facts));
}

/// <summary>One field of a state: its JSON name and how to read it.</summary>
/// <param name="Type">Of its values, as the state declares it.</param>
/// <param name="IsSame">Whether two states, the first maybe not there, say the same; who is not there says nothing.
/// </param>
public sealed record StateField(
    string Name, Type Type, Func<RecordState, object?> Read, Func<RecordState?, RecordState, bool> IsSame)
{
    internal static StateField Of(PropertyInfo property) =>
        (StateField)typeof(StateField).GetMethod(nameof(Typed), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(property.DeclaringType!, property.PropertyType).Invoke(null, [property])!;

    private static StateField Typed<TState, TValue>(PropertyInfo property)
        where TState : RecordState
    {
        var read = property.GetMethod!.CreateDelegate<Func<TState, TValue>>();
        return new(
            JsonNamingPolicy.CamelCase.ConvertName(property.Name), typeof(TValue), state => read((TState)state),
            (before, now) => before is null
                ? read((TState)now) is null
                : EqualityComparer<TValue>.Default.Equals(read((TState)before), read((TState)now)));
    }
}
