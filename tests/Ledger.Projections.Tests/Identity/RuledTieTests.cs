using Ledger.Domain;
using Ledger.Projections.Tests.Lineage;

namespace Ledger.Projections.Tests.Identity;

public sealed class RuledTieTests
{
    private static readonly Story Two =
        new Story().Taxed("client/crm:1", "GB417220915").Taxed("client/erp:7", "417 220 915");

    [Fact]
    public void A_key_that_is_unique_on_both_sides_joins()
    {
        var world = Two.Now();
        world.Together(Kind.Client).ShouldBe(["client/crm:1 client/erp:7"]);
        world.Ties.ShouldBe(
            [
                new("tax:GB:vat 417220915", "client/crm:1", "client/erp:7", 2, TieBasis.Ruled, "tax:GB:vat 417220915"),
            ]);
    }

    [Fact]
    public void A_key_that_gets_another_holder_in_a_source_joins_nothing_any_more()
    {
        var story = new Story().Taxed("client/crm:1", "417220915").Taxed("client/erp:7", "417220915")
            .Taxed("client/crm:2", "417220915");
        story.Now().Together(Kind.Client).ShouldBe(["client/crm:1", "client/erp:7", "client/crm:2"]);
        story.Tells("client/crm:2", new RecordDeleted()).Now().Together(Kind.Client)
            .ShouldBe(["client/crm:1 client/erp:7", "client/crm:2"]);
    }

    [Fact]
    public void A_key_that_a_record_loses_parts_what_it_joined() =>
        new Story().Taxed("client/crm:1", "417220915").Taxed("client/erp:7", "417220915")
            .Tells("client/erp:7", new ClientTaxRegistrationChanged([])).Now()
            .Together(Kind.Client).ShouldBe(["client/crm:1", "client/erp:7"]);

    [Fact]
    public void Three_sources_that_have_it_once_each_are_one() =>
        new Story().Taxed("client/crm:1", "417220915").Taxed("client/erp:7", "417220915")
            .Taxed("client/psa:3", "417220915").Now()
            .Together(Kind.Client).ShouldBe(["client/crm:1 client/erp:7 client/psa:3"]);

    [Fact]
    public void Records_of_one_source_are_never_joined_by_a_key() =>
        new Story().Taxed("client/crm:1", "417220915").Taxed("client/crm:2", "417220915").Now()
            .Together(Kind.Client).ShouldBe(["client/crm:1", "client/crm:2"]);

    [Fact]
    public void What_a_person_parted_or_turned_down_no_key_joins()
    {
        new Story().Taxed("client/crm:1", "417220915").Taxed("client/erp:7", "417220915")
            .Rejected("client/erp:7", "client/crm:1", "x").Now().Together(Kind.Client)
            .ShouldBe(["client/crm:1", "client/erp:7"]);
        new Story().Taxed("client/crm:1", "417220915").Taxed("client/erp:7", "417220915")
            .Unlinked("client/crm:1", "client/erp:7", "x").Now().Together(Kind.Client)
            .ShouldBe(["client/crm:1", "client/erp:7"]);
    }

    [Fact]
    public void Nor_by_way_of_a_third()
    {
        var world = new Story().Taxed("client/crm:1", "417220915").Taxed("client/erp:7", "417220915")
            .Taxed("client/psa:3", "417220915").Rejected("client/crm:1", "client/erp:7", "x").Now();
        world.Together(Kind.Client).ShouldBe(["client/crm:1 client/psa:3", "client/erp:7"]);
        world.Refused.Select(t => (t.A, t.B)).ShouldBe([("client/erp:7", "client/psa:3")]);
    }

    [Fact]
    public void A_stated_link_goes_before_a_key()
    {
        // The key would join crm:1 and erp:7; erp has another live record in that entity already.
        var world = new Story().Taxed("client/crm:1", "417220915").Client("client/erp:8")
            .Taxed("client/erp:7", "417220915").Linked("client/crm:1", "client/erp:8", "x").Now();
        world.Together(Kind.Client).ShouldBe(["client/crm:1 client/erp:8", "client/erp:7"]);
        world.Refused.Select(t => t.Basis).ShouldBe([TieBasis.Ruled]);
    }

    [Fact]
    public void Documents_of_two_legal_entities_may_have_one_number()
    {
        static Story Invoiced(Ref? one, Ref? other) => new Story()
            .Tells("invoice/billing:1", new InvoiceIssued(new(2026, 3, 1), []) { Number = "2026-7 ", Entity = one })
            .Tells("invoice/erp:1", new InvoiceIssued(new(2026, 3, 1), []) { Number = "2026-7", Entity = other });

        Ref uk = new("legal_entity", "erp", "UK"), de = new("legal_entity", "erp", "DE");
        Invoiced(uk, uk).Now().Entities(Kind.Invoice).Count().ShouldBe(1);
        Invoiced(null, null).Now().Entities(Kind.Invoice).Count().ShouldBe(1);
        Invoiced(uk, de).Now().Entities(Kind.Invoice).Count().ShouldBe(2);
        Invoiced(uk, null).Now().Entities(Kind.Invoice).Count().ShouldBe(2);
    }

    [Fact]
    public void A_source_of_one_legal_entity_says_so_for_its_records()
    {
        var uk = new Ref("legal_entity", "erp", "UK");
        var story = new Story()
            .Says("ledger", "source/billing", new SourceRegistered([Role.Billing], Entities: [uk]))
            .Tells("invoice/billing:1", new InvoiceIssued(new(2026, 3, 1), []) { Number = "7" })
            .Tells("invoice/erp:1", new InvoiceIssued(new(2026, 3, 1), []) { Number = "7", Entity = uk });
        story.Now().Entities(Kind.Invoice).Count().ShouldBe(1);
        story.Says("ledger", "source/billing", new SourceRegistered(
            [Role.Billing], Entities: [uk, new("legal_entity", "erp", "DE")]));
        story.Now().Entities(Kind.Invoice).Count().ShouldBe(2);
    }

    [Fact]
    public void Two_systems_that_call_a_legal_entity_differently_mean_one_where_it_is_linked()
    {
        var story = new Story()
            .Tells("legal_entity/erp:UK", new LegalEntityRegistered("Halden Ltd"))
            .Tells("legal_entity/psa:1", new LegalEntityRegistered("Halden"))
            .Tells("invoice/psa:1", new InvoiceIssued(new(2026, 3, 1), [])
            {
                Number = "7", Entity = new("legal_entity", Id: "1"),
            })
            .Tells("invoice/erp:1", new InvoiceIssued(new(2026, 3, 1), [])
            {
                Number = "7", Entity = new("legal_entity", Id: "UK"),
            });
        story.Now().Entities(Kind.Invoice).Count().ShouldBe(2);
        story.Linked("legal_entity/erp:UK", "legal_entity/psa:1", "x").Now().Entities(Kind.Invoice).Count().ShouldBe(1);
    }

    [Theory]
    [InlineData("N/A")]
    [InlineData("000000000")]
    [InlineData("111111111")]
    [InlineData("-")]
    public void What_people_type_to_get_on_is_no_key(string value) =>
        new Story().Taxed("client/crm:1", value).Taxed("client/erp:7", value).Now()
            .Together(Kind.Client).Length.ShouldBe(2);

    [Fact]
    public void A_value_that_more_than_sixteen_have_is_a_placeholder()
    {
        var story = new Story();
        for (var i = 0; i < 16; i++) story.Taxed($"client/s{i}:1", "123456789");
        story.Now().Entities(Kind.Client).Count().ShouldBe(1);
        story.Taxed("client/s16:1", "123456789").Now().Entities(Kind.Client).Count().ShouldBe(17);
    }

    [Fact]
    public void A_credit_note_is_not_the_invoice_of_its_number() =>
        new Story().Tells("invoice/billing:1", new InvoiceIssued(new(2026, 3, 1), []) { Number = "7" })
            .Tells("invoice/erp:1", new InvoiceIssued(new(2026, 3, 1), [], DocumentType.CreditNote) { Number = "7" })
            .Now().Entities(Kind.Invoice).Count().ShouldBe(2);
}
