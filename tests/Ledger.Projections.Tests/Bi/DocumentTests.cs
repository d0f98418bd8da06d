using System.Text.RegularExpressions;
using Npgsql;

namespace Ledger.Projections.Tests.Bi;

/// <summary>What is written of schema bi is true of it.</summary>
public sealed partial class DocumentTests : IAsyncLifetime
{
    private LedgerDatabase? _ledger;

    private LedgerDatabase Ledger => _ledger!;

    public async Task InitializeAsync() => _ledger = await BiLedger.Sample();

    public async Task DisposeAsync() => await ((IAsyncDisposable)Ledger).DisposeAsync();

    [Fact]
    public async Task Every_question_of_the_document_is_answered_on_the_sample_firm()
    {
        var questions = Block().Matches(File.ReadAllText(Document)).Select(m => m.Groups[1].Value).ToArray();
        questions.Length.ShouldBe(11);
        foreach (var question in questions)
            (await Ledger.Rows(question)).Count.ShouldBeGreaterThan(0, question);
    }

    [Fact]
    public async Task Every_view_and_every_column_says_what_it_is()
    {
        (await Ledger.Rows(
            """
            select v.relname, a.attname from pg_class v join pg_attribute a on a.attrelid = v.oid and a.attnum > 0
            where v.relnamespace = 'bi'::regnamespace and v.relkind = 'v' and (obj_description(v.oid, 'pg_class') is null
              or coalesce(col_description(v.oid, a.attnum), '') = '')
            """)).ShouldBeEmpty();
        (await Ledger.Rows("select count(*) > 30 from pg_class where relnamespace = 'bi'::regnamespace"))
            .ShouldBe(["True"]);
    }

    [Fact]
    public async Task Headlines_are_what_their_questions_come_to()
    {
        var headlines = await Ledger.Rows(
            "select question, unit, trim_scale(figure)::text from bi.headline where unit <> 'percent' order by 1, 2");
        (await Ledger.Rows(
            """
            select question, unit, trim_scale(figure)::text from (
              select 'unbilled_work' as question, currency as unit, sum(value) as figure from bi.unbilled_work
                where currency is not null group by 2
              union all select 'billing_readiness', 'items', count(*) from bi.billing_readiness
                where unbilled and reason is not null
              union all select 'contract_burn', 'ceilings', count(*) from bi.contract_burn where status <> 'within'
              union all select 'approved_not_posted', 'items', count(*) from bi.approved_not_posted
              union all select 'invoices_not_posted', 'documents', count(*) from bi.invoices_not_posted
              union all select 'amendments_not_synchronised', 'contracts', count(*) from bi.amendments_not_synchronised
              union all select 'receivable_ageing', currency, sum(open) from bi.receivable_ageing
                where days_overdue not in ('not_due', 'no_date') group by 2
              union all select 'leakage', currency, sum(leakage) from bi.leakage where currency is not null group by 2
              union all select 'engagement_margin', currency, sum(margin) from bi.engagement_margin
                where currency is not null group by 2) x order by 1, 2
            """)).ShouldBe(headlines);
        headlines.Count.ShouldBeGreaterThan(8);
    }

    [Fact]
    public async Task Who_only_reads_reads_every_question_and_nothing_beneath()
    {
        await using var connection = await Ledger.Source.OpenConnectionAsync();
        await Run("set role ledger_bi");
        await Run("select count(*) from bi.headline");
        await Run("select w.closing, a.closing from bi.wip_roll_forward w, bi.ar_roll_forward a limit 1");
        (await Should.ThrowAsync<PostgresException>(() => Run("select count(*) from views.entity")))
            .SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        (await Should.ThrowAsync<PostgresException>(() => Run("select count(*) from events.mt_events")))
            .SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);

        async Task Run(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteScalarAsync();
        }
    }

    private static string Document
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ProServ.Ledger.sln")))
                folder = folder.Parent;
            return Path.Combine(folder!.FullName, "docs", "bi.md");
        }
    }

    [GeneratedRegex(@"```sql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
