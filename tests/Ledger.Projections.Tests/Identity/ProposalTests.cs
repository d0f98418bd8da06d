using Ledger.Domain;
using Ledger.Projections.Identity;
using Ledger.Projections.Tests.Lineage;

namespace Ledger.Projections.Tests.Identity;

public sealed class ProposalTests
{
    private static readonly TaxId Vat = new("VAT", "GB", "GB417220915");

    [Fact]
    public void Clients_of_nearly_one_name_and_one_mail_domain_are_proposed_with_the_reasons()
    {
        var world = new Story()
            .Tells("client/crm:1", new ClientRegistered("Northmoor Water plc", Emails: ["ap@northmoor.example.org"]))
            .Tells("client/erp:7", new ClientRegistered("NORTHMOOR WATER", Emails: ["x@northmoor.example.org"]))
            .Client("client/erp:8", "Quay Wall GmbH").Now();
        var proposal = world.Proposals.Single();
        (proposal.A, proposal.B, proposal.Kind, proposal.Confidence)
            .ShouldBe(("client/crm:1", "client/erp:7", Kind.Client, 0.76m));
        proposal.Evidence.Select(e => e.Words).ShouldBe(
            [
                "Northmoor Water plc and NORTHMOOR WATER are one name but for how it is written",
                "e-mail at northmoor.example.org on both",
            ]);
    }

    [Fact]
    public void A_key_that_cannot_join_is_proposed()
    {
        var world = new Story().Client("client/crm:1", "A", [Vat]).Client("client/crm:2", "B", [Vat])
            .Client("client/erp:7", "C", [Vat]).Now();
        world.Entities(Kind.Client).Count().ShouldBe(3);
        world.Proposals.Select(p => (p.A, p.B, p.Confidence)).ShouldBe(
            [
                ("client/crm:1", "client/crm:2", 0.95m), ("client/crm:1", "client/erp:7", 0.95m),
                ("client/crm:2", "client/erp:7", 0.95m),
            ]);
        world.Proposals[0].Evidence.Single().Words.ShouldBe("tax id GB 417220915 on both");
    }

    [Fact]
    public void Two_tax_ids_of_one_register_speak_against_it() =>
        new Story().Client("client/crm:1", "Acme", [Vat])
            .Client("client/erp:7", "Acme", [Vat with { Value = "999111222" }]).Now().Proposals.ShouldBeEmpty();

    [Fact]
    public void What_was_rejected_is_gone_while_the_rejection_stands()
    {
        var story = new Story().Client("client/crm:1", "Acme Water").Client("client/erp:7", "Acme Water");
        story.Now().Proposals.Count.ShouldBe(1);
        story.Rejected("client/erp:7", "client/crm:1", "x").Now().Proposals.ShouldBeEmpty();
        story.Says("ledger", "identity/x", new RecordDeleted()).Now().Proposals.Count.ShouldBe(1);
        story.Linked("client/crm:1", "client/erp:7", "y").Now().Proposals.ShouldBeEmpty();
    }

    [Fact]
    public void A_rejection_counts_for_the_whole_entity() =>
        new Story().Client("client/crm:1", "Acme Water").Client("client/erp:7", "Acme Water")
            .Client("client/psa:3", "Acme Water").Linked("client/erp:7", "client/psa:3", "l")
            .Rejected("client/crm:1", "client/erp:7", "x").Now().Proposals.ShouldBeEmpty();

    [Fact]
    public void Documents_of_one_client_amount_and_number_nearly_equal_are_proposed()
    {
        Ref client = new("client", "erp", "C");
        Story Told(decimal other, string number, int day) => new Story().Client("client/erp:C")
            .Tells("invoice/billing:1", new InvoiceIssued(
                new(2026, 3, 1), [], Client: client, Currency: Speaking.Pound, Totals: new(Gross: 120m))
            {
                Number = "INV-0042",
            })
            .Tells("invoice/erp:1", new InvoiceIssued(
                new(2026, 3, day), [], Client: client, Currency: Speaking.Pound, Totals: new(Gross: other))
            {
                Number = number,
            });

        var proposal = Told(120m, "INV42", 4).Now().Proposals.Single();
        proposal.Evidence.Select(e => e.Code).ShouldBe(["similar_number", "same_amount", "same_client"]);
        proposal.Evidence.Select(e => e.Words).ShouldBe(
            ["INV-0042 and INV42 are nearly one number", "120.00 GBP on both, 3 days apart", "one client"]);
        Told(120m, "X-9", 7).Now().Proposals.ShouldBeEmpty();
        Told(95m, "X-9", 1).Now().Proposals.ShouldBeEmpty();
    }

    [Fact]
    public void Two_documents_of_one_system_are_two_documents_however_alike()
    {
        var issued = new InvoiceIssued(new(2026, 3, 1), [], Currency: Speaking.Pound, Totals: new(Gross: 120m))
        {
            Number = "7",
        };
        new Story().Tells("invoice/billing:1", issued).Tells("invoice/billing:2", issued).Now()
            .Proposals.ShouldBeEmpty();
    }

    [Fact]
    public void A_hint_that_more_than_sixteen_share_leads_to_none()
    {
        var story = new Story();
        for (var i = 0; i < 17; i++) story.Client($"client/crm:{i}", "Acme Water");
        story.Now().Proposals.ShouldBeEmpty();
    }

    [Fact]
    public void Those_of_one_entity_are_its_share_of_all()
    {
        var story = new Story();
        for (var i = 0; i < 12; i++)
            story.Client($"client/crm:{i}", $"Water {(char)('a' + i / 3)}ber Works")
                .Client($"client/erp:{i}", $"Water {(char)('a' + i / 4)}ber Works");
        var world = story.Now(seed: 5);
        world.Proposals.Count.ShouldBeGreaterThan(10);
        foreach (var entity in world.Entities(Kind.Client))
            world.ProposalsOf(entity).ShouldBe(world.Proposals.Where(p =>
                entity.Members.Any(m => m.Stream == p.A || m.Stream == p.B)));
        story.Now(seed: 6).Proposals.ShouldBe(world.Proposals);
    }

    [Fact]
    public void A_refused_link_is_the_reason_before_one_as_sure_whoever_is_asked()
    {
        var world = new Story().Client("client/crm:1", "A", [Vat]).Client("client/erp:7", "C")
            .Client("client/erp:8", "B", [Vat]).Linked("client/crm:1", "client/erp:7", "x")
            .Linked("client/crm:1", "client/erp:8", "y").Now();
        var proposal = world.Proposals.Single();
        proposal.Evidence.Select(e => e.Code).ShouldBe(["link_refused"]);
        foreach (var entity in world.Entities(Kind.Client)) world.ProposalsOf(entity).ShouldBe([proposal]);
    }

    [Fact]
    public void Dates_near_each_other_always_share_a_hint()
    {
        var first = new NodaTime.LocalDate(2026, 1, 1);
        for (var day = 0; day < 30; day++)
            for (var apart = 0; apart <= 5; apart++)
                Hints(first.PlusDays(day)).Intersect(Hints(first.PlusDays(day + apart))).ShouldNotBeEmpty();

        static IEnumerable<BusinessKey> Hints(NodaTime.LocalDate on) => BusinessKeys.HintsOf(
            new Story().Tells("invoice/b:1", new InvoiceIssued(on, [], Totals: new(Gross: 1m))).World()
                .Records["invoice/b:1"]).ToArray();
    }
}
