using Ledger.Domain;
using Ledger.Projections.SignOffs;
using Ledger.Projections.Tests.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.SignOffs;

public sealed class SignOffKeepingTests
{
    internal static readonly SignOff January = new() { From = new(2026, 1, 1), To = new(2026, 1, 31) };

    private static readonly SignOff February = new() { From = new(2026, 2, 1), To = new(2026, 2, 28) };

    /// <summary>Work of January, billed, posted and paid on 1 February.</summary>
    internal static Story Signed() => Told.Agreeing().Posted("P1", "7", 960m).Paid("M1", "7", 960m);

    [Fact]
    public void What_came_before_suspends_nothing() => Suspended(Signed(), _ => { }, January).ShouldBeEmpty();

    [Fact]
    public void Work_of_the_period_that_is_corrected_suspends_it_and_says_which_event_did_it()
    {
        var step = Suspended(
            Signed(), s => s.Says("psa", "time/1", new TimeEntryCorrected(Note: "another task")), January)
            .ShouldHaveSingleItem();
        step.Event.ShouldBe("time_entry_corrected");
        step.Stream.ShouldBe("time/psa:1");
        step.Sentence.ShouldBe(
            $"time/psa:1: time_entry_corrected (event {step.Position}) changed what was signed, of 2026-01-05.");
    }

    [Fact]
    public void Of_several_events_the_first_is_named() => Suspended(
        Signed(),
        s => s.Time("2", 1m, null, on: new(2026, 3, 1)).Time("3", 1m, null).Time("4", 1m, null), January)
        .ShouldHaveSingleItem().Stream.ShouldBe("time/psa:3");

    [Fact]
    public void What_happens_in_another_period_leaves_it_alone()
    {
        Suspended(Signed(), s => s.Time("2", 1m, null, on: new(2026, 2, 3)), January).ShouldBeEmpty();
        Suspended(Signed(), s => s.Time("2", 1m, null, on: new(2026, 2, 3)), February).ShouldHaveSingleItem();
        Suspended(Signed(), s => s.Says("clm", "rate_card/RC", new RateCardRetired()), January).ShouldBeEmpty();
    }

    [Fact]
    public void A_record_that_moves_from_one_period_to_another_suspends_both()
    {
        static void Move(Story s) => s.Says(
            "psa", "time/1", new TimeEntryCorrected(WorkedOn: new LocalDate(2026, 2, 2)));
        Suspended(Signed(), Move, January).ShouldHaveSingleItem().Sentence.ShouldContain("took something out of");
        Suspended(Signed(), Move, February).ShouldHaveSingleItem().Sentence.ShouldContain("brought something into");
    }

    [Fact]
    public void Money_that_arrives_later_for_a_document_of_the_period_is_the_later_periods()
    {
        static void Pay(Story s) => s.Says("billing", "invoice/7", new InvoiceDelivered("mail"))
            .Says("billing", "invoice/7", new InvoiceSettlementStated(960m, Story.Dollar, new(2026, 4, 1)))
            .Says("erp", "payment/M1", new PaymentApplied(
                "a2", new("invoice", "billing", "8"), ApplicationKind.Cash, 5m, new(2026, 4, 2), Currency: Story.Dollar));
        Suspended(Signed(), Pay, February).ShouldBeEmpty();
        Suspended(Signed(), Pay, new() { From = new(2026, 4, 2), To = new(2026, 4, 2) })
            .ShouldHaveSingleItem().Event.ShouldBe("payment_applied");
    }

    [Fact]
    public void A_document_that_is_cancelled_before_it_was_issued_suspends_the_period_it_was_issued_in() =>
        Suspended(Signed(), s => s.Cancelled("7"), February).ShouldHaveSingleItem().Event.ShouldBe("invoice_cancelled");

    [Fact]
    public void What_is_said_over_a_record_of_the_period_suspends_it()
    {
        Suspended(
            Signed(), s => s.Says("ledger", "override/1", new TruthOverridden(
                Story.Psa("time", "1"), "note", JsonText.Of((object)"x"), "known better")), January)
            .ShouldHaveSingleItem().Event.ShouldBe("truth_overridden");
        Suspended(
            Signed(), s => s.Says("ledger", "coverage/1", new CoverageStated(
                CoverageRelation.Settles, new("payment", "erp", "M1"), new("invoice", "billing", "7"))), January)
            .ShouldBeEmpty("neither is of January");
    }

    [Fact]
    public void One_legal_entitys_sign_off_is_not_touched_by_anothers_records()
    {
        SignOff Of(string entity) => January with { Entity = Story.LegalEntity(entity) };
        static void Late(Story s) => s.Says("psa", "time/9", new TimeEntryRecorded(
            new("resource", Id: "R1"), new(2026, 1, 6), Told.Hours(1m)) { Entity = Story.LegalEntity("UK") });
        Suspended(Signed(), Late, Of("UK")).ShouldHaveSingleItem();
        Suspended(Signed(), Late, Of("DE")).ShouldBeEmpty();
    }

    [Fact]
    public void Work_belongs_to_the_legal_entity_of_its_project_or_its_contract()
    {
        SignOff Of(string entity) => January with { Entity = Story.LegalEntity(entity) };
        static Story Placed() => Signed().Says(
            "clm", "contract/K1", new ContractStated() { Entity = Story.LegalEntity("UK") });
        static void Late(Story s) => s.Time("9", 1m, null);
        Suspended(Placed(), Late, Of("UK")).ShouldHaveSingleItem().Stream.ShouldBe("time/psa:9");
        Suspended(Placed(), Late, Of("DE")).ShouldBeEmpty();
        static void Moved(Story s) => s.Says(
            "psa", "project/P1", new ProjectStated() { Entity = Story.LegalEntity("DE") });
        Suspended(Placed(), Moved, Of("UK")).ShouldHaveSingleItem().Sentence
            .ShouldEndWith("changed which records belong to the legal entity.");
        Suspended(Placed(), Moved, Of("DE")).ShouldHaveSingleItem().Event.ShouldBe("project_stated");
    }

    [Fact]
    public void A_system_that_turns_out_to_keep_a_legal_entitys_records_suspends_what_they_fall_into() => Suspended(
        Signed(),
        s => s.Says("ledger", "source/psa", new SourceRegistered([Role.Psa], Entities: [Story.LegalEntity("UK")])),
        January with { Entity = Story.LegalEntity("UK") }).ShouldHaveSingleItem().Event.ShouldBe("source_registered");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void In_any_history_the_first_event_after_which_the_scope_is_another_suspends_it_and_no_other_does(int seed)
    {
        var said = History(seed);
        World[] worlds = [.. Enumerable.Range(0, said.Count + 1).Select(n => Arrived.World([.. said.Take(n)]))];
        foreach (var signed in Scopes())
        {
            var states = worlds.Select(w => State(w, signed)).ToArray();
            foreach (var since in (int[])[10, 50, 90, 130, 150])
            {
                var expected = Enumerable.Range(since + 1, said.Count - since)
                    .Where(p => !Same(states[p - 1], states[p])).Take(1).Select(p => (long)p);
                SignOffKeeping.Steps(worlds[^1], Went(worlds, said, since), [new("sign_off/ledger:1", signed, since)])
                    .Select(s => s.Body.Position).ShouldBe(expected, $"{signed.Entity} {signed.From} since {since}");
            }
        }
    }

    [Fact]
    public void Many_sign_offs_at_once_are_each_judged_by_itself()
    {
        var said = History(7);
        World[] worlds = [.. Enumerable.Range(0, said.Count + 1).Select(n => Arrived.World([.. said.Take(n)]))];
        Counting[] all =
        [
            .. Scopes().SelectMany((s, i) => ((int[])[40, 90, 140])
                .Select(since => new Counting($"sign_off/ledger:{i}-{since}", s, since))),
        ];
        var together = SignOffKeeping.Steps(worlds[^1], Went(worlds, said, 40), all);
        together.OrderBy(s => s.Stream, StringComparer.Ordinal).ShouldBe(all
            .SelectMany(c => SignOffKeeping.Steps(worlds[^1], Went(worlds, said, (int)c.Since), [c]))
            .OrderBy(s => s.Stream, StringComparer.Ordinal));
        together.Count.ShouldBeGreaterThan(3);
    }

    [Fact]
    public void A_suspension_by_what_was_known_when_it_was_signed_again_says_nothing()
    {
        var facts = new EventFacts(Instant.FromUtc(2026, 2, 1, 9, 0), new(2026, 2, 1), "finance", 1);
        var state = SignOff.Evolve(null, new PeriodSignedOff(January.From, January.To, 10, "closed"), facts);
        var suspended = SignOff.Evolve(state, new SignOffSuspended(12, "time/psa:1", "x", "y"), facts)!;
        suspended.Status.ShouldBe(SignOffStatus.Suspended);
        var again = SignOff.Evolve(suspended, new PeriodSignedOff(January.From, January.To, 15, "closed"), facts)!;
        (again.Status, again.Signed, again.Suspension).ShouldBe((SignOffStatus.Signed, 2, null));
        SignOff.Evolve(again, new SignOffSuspended(12, "time/psa:1", "x", "y"), facts).ShouldBe(again);
        SignOff.Evolve(null, new SignOffSuspended(12, "time/psa:1", "x", "y"), facts).ShouldBeNull();
    }

    /// <summary>With work under projects, projects under contracts, and contracts of legal entities, told by ids.
    /// </summary>
    private static List<Understood> History(int seed)
    {
        var (random, said) = (new Random(seed), new Histories(seed, whole: true, sums: true).Say(130).ToList());
        for (var i = 0; i < 60; i++)
        {
            var (source, subject, body) = Told();
            said.Insert(random.Next(said.Count), Telling.Understood(
                source, subject, body, random.Next(100_000), id: $"{seed}-u{i}"));
        }

        return said;

        string Id() => One("0", "1", "2");
        T One<T>(params ReadOnlySpan<T> of) => of[random.Next(of.Length)];
        Ref? Entity() => One<Ref?>(null, null, new("legal_entity", "erp", One("0", "1")));
        (string, string, Event) Told() => random.Next(8) switch
        {
            0 or 1 => ("psa", $"time/u{Id()}", new TimeEntryRecorded(
                new("resource", Id: "anna"), new(2026, 3, 2), new(60m, Unit.Minute), new("project", Id: $"u{Id()}"))),
            2 => ("psa", $"time/u{Id()}", new TimeEntryCorrected(Project: new("project", Id: $"u{Id()}"))),
            3 or 4 => ("psa", $"project/u{Id()}", new ProjectCreated(
                "Rollout", Contract: One<Ref?>(null, new("contract", "clm", $"u{Id()}"))) { Entity = Entity() }),
            5 => ("psa", $"project/u{Id()}", One<Event>(new RecordDeleted(), new RecordRestored())),
            6 => ("erp", $"posting/u{Id()}", new PostingRecorded(
                new(2026, 3, 31), "2026-03", Currency.Of("GBP"), new(Gross: 10m), new("invoice", "billing", Id()))),
            _ => ("clm", $"contract/u{Id()}", new ContractSigned(
                new("client", "erp", "0"), new(2026, 1, 1), new(2026, 1, 1), Currency.Of("GBP"),
                BillingModel.TimeAndMaterials) { Entity = Entity() }),
        };
    }

    private static SignOff[] Scopes() =>
    [
        new() { From = new(2026, 3, 1), To = new(2026, 3, 31) },
        new() { From = new(2026, 3, 2), To = new(2026, 3, 2), Entity = new("legal_entity", "erp", "0") },
        new() { From = new(2026, 3, 1), To = new(2026, 4, 30), Entity = new("legal_entity", "erp", "1") },
        new() { From = new(2026, 4, 3), To = new(2026, 5, 31) },
        new() { From = new(2025, 1, 1), To = new(2027, 12, 31), Entity = new("legal_entity", Number: "L-1") },
    ];

    /// <summary>All that is in a scope: record by record.</summary>
    private static Dictionary<string, IReadOnlyList<object>> State(World world, SignOff signed)
    {
        var (scope, known) = (Scope.Of(signed, world.Firm), Known.Of(world));
        return world.Records.Values.Select(r => (r.Stream, Parts: scope.Parts(r, known)))
            .Where(x => x.Parts.Count > 0).ToDictionary(x => x.Stream, x => x.Parts);
    }

    private static bool Same(
        Dictionary<string, IReadOnlyList<object>> a, Dictionary<string, IReadOnlyList<object>> b) =>
        a.Count == b.Count && a.All(x => b.TryGetValue(x.Key, out var parts) && x.Value.SequenceEqual(parts));

    private static Went[] Went(World[] worlds, IReadOnlyList<Understood> said, int since) =>
    [
        .. said.Select((s, i) => (s.Envelope.Stream, Position: i + 1, s.Envelope.Type))
            .Where(e => e.Position > since && Scope.Concerns(e.Stream)).GroupBy(e => e.Stream)
            .Select(g => new Went(
                g.Key, worlds[since].Records.GetValueOrDefault(g.Key),
                [.. g.Select(e => new WentOn(e.Position, e.Type, worlds[e.Position].Records[g.Key]))])),
    ];

    /// <summary>What suspends a sign-off of everything so far once more is said.</summary>
    internal static SignOffSuspended[] Suspended(Story story, Action<Story> then, SignOff signed)
    {
        var since = story.Position;
        then(story);
        World[] worlds = [.. Enumerable.Range(0, (int)story.Position + 1)
            .Select(n => story.World(new Times(AsKnownAt: n)))];
        var went = Enumerable.Range((int)since + 1, (int)(story.Position - since))
            .Select(p => (Position: p, worlds[p].Records.Values.Single(r => r.Fold.Last == p).Stream))
            .Where(e => Scope.Concerns(e.Stream)).GroupBy(e => e.Stream)
            .Select(g => new Went(
                g.Key, worlds[since].Records.GetValueOrDefault(g.Key),
                [.. g.Select(e => new WentOn(e.Position, story.TypeAt(e.Position), worlds[e.Position].Records[g.Key]))]));
        return [.. SignOffKeeping.Steps(worlds[^1], [.. went], [new("sign_off/ledger:1", signed, since)])
            .Select(s => s.Body)];
    }
}
