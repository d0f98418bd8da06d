using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class ReleaseDriftTests
{
    [Fact]
    public void Unapproved_work_is_worth_knowing_where_nobody_requires_approval()
    {
        var finding = new Story().Engagement().Time("1", 8m, null).Issued("7", 960m, Billing("1", 8m, 120m, 960m))
            .Finding(DriftClass.Unapproved);
        (finding.Weight, finding.Money()).ShouldBe((FindingWeight.Notice, 960m));
        finding.Sentence.ShouldBe(
            "Invoice INV-7 bills time entry 1 (8 h) that is not stated as approved: 960.00 USD; no contract, project "
            + "or source in the ledger says that approval is required.");
    }

    [Fact]
    public void Unapproved_work_is_a_difference_where_a_project_requires_approval_and_none_where_it_does_not()
    {
        Story With(bool? approval) => new Story()
            .Says("psa", "project/P1", new ProjectCreated("Rollout", Approval: approval) { Number = "RO-1" })
            .Time("1", 8m, 120m).Issued("7", 960m, Billing("1", 8m, 120m, 960m));
        var finding = With(true).Finding(DriftClass.Unapproved);
        finding.Weight.ShouldBe(FindingWeight.Difference);
        finding.Sentence.ShouldEndWith("; project RO-1 requires approval.");
        finding.Streams.ShouldBe(["invoice/billing:7", "time/psa:1", "project/psa:P1"]);
        With(false).ShouldNotFind(DriftClass.Unapproved);
    }

    [Fact]
    public void The_contracts_word_on_approval_comes_before_the_sources()
    {
        Story Under(bool contract) => new Story()
            .Says("ledger", "source/psa", new SourceRegistered([Role.Psa], Approval: new(Time: true)))
            .Says("clm", "contract/K1", new ContractSigned(
                new("client", Id: "C"), new(2026, 1, 1), new(2026, 1, 1), Story.Dollar, BillingModel.TimeAndMaterials,
                Approval: new(Time: contract)))
            .Says("psa", "project/P1", new ProjectCreated(Contract: new("contract", "clm", "K1")))
            .Time("1", 8m, 120m).Issued("7", 960m, Billing("1", 8m, 120m, 960m));
        Under(true).Finding(DriftClass.Unapproved).Sentence.ShouldEndWith("contract K1 requires approval.");
        Under(false).ShouldNotFind(DriftClass.Unapproved);
    }

    [Fact]
    public void A_sources_flag_is_a_statement_too()
    {
        Story Flagged(string approval) => new Story().Says("psa", "time/1", new TimeEntryRecorded(
            new("resource", Id: "R1"), new(2026, 1, 5), Hours(8m), BillRate: PerHour(120m), Stated: new(approval)))
            .Issued("7", 960m, Listing("1"));
        Flagged("approved").ShouldNotFind(DriftClass.Unapproved);
        Flagged("not_approved").Finding(DriftClass.Unapproved).Values.ShouldContain(v => v.Value == "not_approved");
    }

    [Fact]
    public void Hours_approved_in_part_are_not_approved() =>
        new Story().Engagement().Time("1", 8m, null).Approved("1", 5m).Issued("7", 960m, Billing("1", 8m, 120m, 960m))
            .Finding(DriftClass.Unapproved).Values.ShouldContain(v => v.Value == "approved 5 h");

    [Fact]
    public void Work_that_is_not_billable_or_was_written_off_is_named_when_billed()
    {
        var story = Agreeing().Says("psa", "time/1", new TimeEntryReclassified(Billable: false));
        var finding = story.Finding(DriftClass.NonBillable);
        (finding.Money(), finding.Events[^1]).ShouldBe((960m, story.Position));
        finding.Sentence.ShouldBe("Invoice INV-7 bills time entry 1 (8 h) that is not billable: 960.00 USD.");
        Agreeing().Says("psa", "time/1", new TimeEntryWrittenOff("Our mistake")).Finding(DriftClass.NonBillable)
            .Sentence.ShouldBe("Invoice INV-7 bills time entry 1 (8 h) that is written off: 960.00 USD.");
    }

    [Fact]
    public void A_task_that_is_not_billable_speaks_for_entries_that_do_not_say() =>
        new Story().Engagement().Says("psa", "project/P1", new ProjectTaskAdded("T2", "Review", Billable: false))
            .Says("psa", "time/1", new TimeEntryRecorded(
                new("resource", Id: "R1"), new(2026, 1, 5), Hours(1m), new("project", Id: "P1"), "T2"))
            .Approved("1", 1m).Issued("7", 120m, Billing("1", 1m, 120m, 120m))
            .Finding(DriftClass.NonBillable).Money().ShouldBe(120m);

    [Fact]
    public void A_billed_flag_that_contradicts_the_invoices_is_a_status()
    {
        Story Flagged(string id, bool billed) => new Story().Says("psa", $"time/{id}", new TimeEntryRecorded(
                new("resource", Id: "R1"), new(2026, 1, 5), Hours(8m), BillRate: PerHour(120m),
                Stated: new("approved", billed)));
        var unbilled = Flagged("1", false).Issued("7", 960m, Listing("1")).Finding(DriftClass.Status);
        unbilled.Sentence.ShouldContain("that psa still calls unbilled: 960.00 USD; it could be billed again");
        var nowhere = Flagged("2", true).Finding(DriftClass.Status);
        (nowhere.Invoice, nowhere.Streams.Single()).ShouldBe((null, "time/psa:2"));
        nowhere.Sentence.ShouldBe("psa calls one record billed that no live invoice in the ledger bills: time 2.");
        Flagged("3", true).Issued("7", 960m, Listing("3")).ShouldNotFind(DriftClass.Status);
    }

    [Fact]
    public void An_invoice_to_another_client_than_its_projects_is_a_mapping()
    {
        var story = new Story().Engagement().Says("erp", "client/C2", new ClientRegistered("Southwind")).Worked("1", 8m)
            .Says("billing", "invoice/7", new InvoiceIssued(
                February, [Billing("1", 8m, 120m, 960m)], Client: new("client", "erp", "C2"), Currency: Story.Dollar,
                Totals: new(Net: 960m)) { Number = "INV-7" });
        var finding = story.Finding(DriftClass.Mapping);
        finding.Money().ShouldBe(960m);
        finding.Streams.ShouldBe(["invoice/billing:7", "project/psa:P1", "contract/clm:K1"]);
        finding.Sentence.ShouldBe(
            "Invoice INV-7 is for Southwind; project P1 and contract K-2025-1 are Northwind's.");
        story.Says("erp", "client/C2", new ClientMerged(new("client", Id: "C1"))).ShouldNotFind(DriftClass.Mapping);
    }

    [Fact]
    public void Clients_that_two_systems_know_are_one_where_a_link_says_so()
    {
        Story Billed(Story story) => story.Worked("1", 8m).Says("billing", "invoice/7", new InvoiceIssued(
            February, [Billing("1", 8m, 120m, 960m)], Client: new("client", "crm", "A1"), Currency: Story.Dollar,
            Totals: new(Net: 960m)));
        Story Known() => new Story().Engagement().Says("crm", "client/A1", new ClientRegistered("Northwind Ltd"));
        Billed(Known()).Finding(DriftClass.Mapping);
        var linked = new IdentityLinked(new("client", "crm", "A1"), new("client", "erp", "C1"));
        Billed(Known().Says("ledger", "identity/1", linked)).ShouldNotFind(DriftClass.Mapping);
    }

    [Fact]
    public void Work_of_a_project_the_invoice_does_not_name_is_a_mapping()
    {
        var finding = new Story().Engagement().Time("1", 8m, 120m, project: "P2").Approved("1", 8m)
            .Says("billing", "invoice/7", new InvoiceIssued(
                February, [Listing("1")], Projects: [new("project", "psa", "P1")], Currency: Story.Dollar,
                Totals: new(Net: 960m)) { Number = "INV-7" }).Finding(DriftClass.Mapping);
        finding.Money().ShouldBe(960m);
        finding.Sentence.ShouldBe("Invoice INV-7 bills one record of project P2, which it does not name: time 1.");
    }
}
