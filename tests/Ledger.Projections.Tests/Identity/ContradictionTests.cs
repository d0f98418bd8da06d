using Ledger.Domain;
using Ledger.Projections.Tests.Lineage;

namespace Ledger.Projections.Tests.Identity;

public sealed class ContradictionTests
{
    private static Story Registered(Story story, string stream, params ReadOnlySpan<string> vat) =>
        story.Tells(stream, new ClientRegistered(
            stream, vat.ToArray().Select(value => new TaxId("VAT", "DE", value)).ToItems(), "HRB 12345",
            Addresses: [new(Country: "DE")]));

    private static Story Numbered(InvoiceIssued one, InvoiceIssued other) => new Story()
        .Tells("invoice/billing:1", one with { Number = "2026-7" })
        .Tells("invoice/erp:1", other with { Number = "2026-7" });

    [Fact]
    public void Registers_of_two_towns_number_alike_so_two_tax_ids_keep_their_companies_two()
    {
        var story = Registered(new(), "client/crm:1", "DE111111117");
        var world = Registered(story, "client/erp:2", "DE222222224").Now();
        world.Together(Kind.Client).ShouldBe(["client/crm:1", "client/erp:2"]);
        var proposal = world.Proposals.Single();
        (proposal.A, proposal.B, proposal.Confidence).ShouldBe(("client/crm:1", "client/erp:2", 0.50m));
        proposal.Evidence.Single().Words.ShouldBe(
            "registration DE HRB12345 on both, but they contradict each other: tax:DE:vat 111111117 and 222222224");
    }

    [Fact]
    public void One_tax_id_in_common_is_enough_and_so_is_one_that_only_one_of_them_states()
    {
        var story = Registered(new(), "client/crm:1", "DE111111117", "DE333333331");
        Registered(story, "client/erp:2", "DE222222224", "DE111111117").Now().Entities(Kind.Client).Count().ShouldBe(1);
        story = Registered(new(), "client/crm:1", "DE111111117");
        Registered(story, "client/erp:2").Now().Entities(Kind.Client).Count().ShouldBe(1);
    }

    [Fact]
    public void Two_registrations_of_one_country_keep_apart_what_shares_a_tax_id()
    {
        static Story Told(string country) => new Story()
            .Tells("client/crm:1", new ClientRegistered(
                "A", [new("VAT", "GB", "417220915")], "HRB 12345", Addresses: [new(Country: "DE")]))
            .Tells("client/erp:2", new ClientRegistered(
                "B", [new("VAT", "GB", "417220915")], "HRB 98765", Addresses: [new(Country: country)]));

        Told("DE").Now().Entities(Kind.Client).Count().ShouldBe(2);
        Told("AT").Now().Entities(Kind.Client).Count().ShouldBe(1);
    }

    [Fact]
    public void Nor_does_a_third_that_contradicts_neither_join_them()
    {
        var story = Registered(new(), "client/crm:1", "DE111111117");
        Registered(story, "client/erp:2", "DE222222224");
        var world = Registered(story, "client/psa:3").Now();
        world.Together(Kind.Client).ShouldBe(["client/crm:1 client/psa:3", "client/erp:2"]);
    }

    [Fact]
    public void What_a_person_linked_stays_one_whatever_it_contradicts()
    {
        var story = Registered(new(), "client/crm:1", "DE111111117");
        Registered(story, "client/erp:2", "DE222222224").Linked("client/crm:1", "client/erp:2", "x").Now()
            .Entities(Kind.Client).Count().ShouldBe(1);
    }

    [Fact]
    public void Documents_of_one_number_that_differ_in_client_currency_or_type_are_proposed()
    {
        var issued = new InvoiceIssued(
            new(2026, 3, 1), [], Client: new("client", "crm", "1"), Currency: Speaking.Pound);
        Numbered(issued, issued).Now().Entities(Kind.Invoice).Count().ShouldBe(1);
        Numbered(issued, issued with { Client = new("client", "erp", "C7"), Currency = null })
            .Now().Entities(Kind.Invoice).Count().ShouldBe(1);
        foreach (var other in new[]
            {
                issued with { Client = new("client", "crm", "2") }, issued with { Currency = Story.Dollar },
                issued with { DocumentType = DocumentType.Prepayment },
            })
        {
            var world = Numbered(issued, other).Now();
            world.Entities(Kind.Invoice).Count().ShouldBe(2);
            world.Proposals.Count.ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("7", 2)]
    [InlineData("42", 2)]
    [InlineData("1111", 2)]
    [InlineData("117", 1)]
    public void A_trivial_number_of_a_person_or_a_project_joins_nothing(string number, int entities)
    {
        var world = new Story()
            .Tells("resource/psa:1", new ResourceOnboarded("Ada", EmployeeNo: number))
            .Tells("resource/hr:1", new ResourceOnboarded("Bea", EmployeeNo: number))
            .Tells("project/psa:1", new ProjectCreated("Rollout") { Number = number })
            .Tells("project/erp:1", new ProjectCreated("Audit") { Number = number }).Now();
        world.Entities(Kind.Resource).Count().ShouldBe(entities);
        world.Entities(Kind.Project).Count().ShouldBe(entities);
    }

    [Theory]
    [InlineData("111111", 2)]
    [InlineData("99-99-99", 2)]
    [InlineData("1001", 1)]
    [InlineData("7", 1)]
    public void A_documents_number_may_be_short_but_not_one_digit_again_and_again(string number, int entities)
    {
        var issued = new InvoiceIssued(new(2026, 3, 1), []) { Number = number };
        new Story().Tells("invoice/billing:1", issued).Tells("invoice/erp:1", issued).Now()
            .Entities(Kind.Invoice).Count().ShouldBe(entities);
    }
}
