using System.Reflection;

namespace Ledger.Domain.Tests;

public sealed class KindTests
{
    [Fact]
    public void Every_kind_can_be_found_by_the_name_its_streams_begin_with()
    {
        Kind.All.Select(k => k.Name).ShouldBeUnique();
        Kind.All.ShouldAllBe(k => ReferenceEquals(Kind.Find(k.Name), k));
        Should.Throw<ArgumentException>(() => Kind.Find("unicorn"));
    }

    [Fact]
    public void Every_state_has_an_alias_of_its_own() => Kind.All.Select(k => k.StateAlias).ShouldBeUnique();

    [Fact]
    public void An_event_of_another_kind_stops_the_fold()
    {
        var facts = new EventFacts(Telling.Day(1), Telling.On(1), null, 1);
        foreach (var kind in Kind.All)
        {
            var state = (RecordState)Activator.CreateInstance(kind.StateType)!;
            Event foreign = kind == Kind.Client ? new InvoiceLineRemoved("L") : new ClientDeactivated();
            Should.Throw<System.Diagnostics.UnreachableException>(() => kind.Evolve(state, foreign, facts), kind.Name);
        }
    }

    [Fact]
    public void A_state_can_be_read_back_whatever_it_leaves_unsaid()
    {
        var nullability = new NullabilityInfoContext();
        var types = Kind.All.SelectMany(k => k.StateType.GetProperties()).SelectMany(p => Within(p.PropertyType))
            .Distinct();
        var demanded = from type in types
                       where type.Assembly == typeof(Kind).Assembly && !type.IsEnum
                       let constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)
                       where constructor is not null
                       from parameter in constructor.GetParameters()
                       where !parameter.HasDefaultValue
                           && nullability.Create(parameter).WriteState is NullabilityState.Nullable
                       select $"{type.Name}.{parameter.Name}";
        demanded.ShouldBeEmpty("what may be null is left out of the JSON, so its parameter needs a default");

        static IEnumerable<Type> Within(Type type) => type.IsGenericType
            ? type.GetGenericArguments().SelectMany(Within)
            : type.GetConstructors().SelectMany(c => c.GetParameters()).Select(p => p.ParameterType)
                .Where(t => (t != type && t.Assembly == typeof(Kind).Assembly) || t.IsGenericType)
                .SelectMany(Within).Append(type);
    }

    [Fact]
    public void Fields_any_kind_may_state_are_kept_by_every_kind()
    {
        var entity = new Ref("legal_entity", Id: "UK");
        var state = Telling.Of<TimeEntry>(
            new TimeStated { Number = "T-1", Entity = entity, Attachments = [new("scan")], Ext = new([new("a", "1")]) },
            new TimeStated(Note: "later"));
        (state.Number, state.Entity, state.Attachments, state.Ext)
            .ShouldBe(("T-1", entity, Items.Of<Attachment>([new("scan")]), new Ext([new("a", "1")])));
    }

    /// <summary>What a row need not say: it follows from other fields, or the row says it under another name.</summary>
    private static readonly HashSet<string> Unsaid =
    [
        "client.mergedAt", "invoice.holds", "invoice.writtenOff", "posting.covers", "period.name", "period.reopened",
        "period.softClosed",
        "contract.ceilingTerms", "resource.roles", "resource.grades", "resource.costRates",
        "revenue.recognized", "proposal.version", "proposal.status", "proposal.totals",
    ];

    [Fact]
    public void A_snapshot_can_say_everything_that_verbs_can()
    {
        var unsaid = from kind in Kind.All
                     where !kind.IsGovernance
                     let row = EventCatalog.All.Single(d => d.Kind == kind && d.IsSnapshot)
                     let said = LedgerJson.Options.GetTypeInfo(row.ClrType).Properties.Select(p => p.Name).ToHashSet()
                     from field in kind.Fields
                     where !said.Contains(field.Name) && !Unsaid.Contains($"{kind.Name}.{field.Name}")
                     select $"{kind.Name}.{field.Name}";
        unsaid.ShouldBeEmpty();
    }
}
