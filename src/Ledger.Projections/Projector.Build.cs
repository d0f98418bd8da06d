using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Identity;
using Ledger.Projections.Views;
using Ledger.Store;
using Npgsql;

namespace Ledger.Projections;

public sealed partial class Projector
{
    private const int PageStreams = 5_000;
    private const long PageEvents = 2_500;
    private const int PageDerived = 500;

    /// <summary>Streams that have no entity yet, as of the moment it is asked.</summary>
    private const string LeftOut =
        $"""
         select s.stream from {Next}.by_source s left join {Next}.entity_member m on m.stream = s.stream
         where m.stream is null order by s.stream
         """;

    /// <summary>Work of which more may be billed than there is, or of which some was given back: never fewer than there
    /// are. Document by document.</summary>
    private const string Covered =
        $"""
         with billed as (
           select c.from_stream, c.to_entity, c.quantity, c.unit, c.amount,
             coalesce((e.fields #>> '{"{billableAmount,value}"}')::numeric, e.amount) as worth,
             coalesce(e.fields #> '{"{billableQuantity,value}"}', e.fields #> '{"{quantity,value}"}') as there
           from {Next}.coverage c join {Next}.entity e on e.id = c.to_entity
           where c.live and e.kind in ('time', 'expense')),
         giving (document) as (
           select to_entity from {Next}.coverage where live and rel in ('credits', 'replaces', 'corrects')
           union select id from {Next}.entity where kind = 'invoice' and (
             fields #>> '{"{documentType,value}"}' = 'credit_note'
             or fields @? '$.lines.value[*] ? (@.net starts with "-")')),
         told (from_stream, to_entity) as (
           select min(from_stream), to_entity from billed group by to_entity
           having count(*) > 1 or bool_or(not coalesce(
             case when quantity is not null then unit = there ->> 'unit' and quantity <= (there ->> 'value')::numeric
                  when amount is not null then amount <= worth
                  else true end, false))
           union all
           select c.from_stream, c.to_entity from {Next}.coverage c
           where c.live and c.rel = 'bills' and c.to_entity is not null
             and (c.quantity < 0 or c.amount < 0 or c.from_entity in (select document from giving)))
         select to_entity from told group by to_entity order by min(from_stream), to_entity
         """;

    /// <summary>Statements, those that take longest first.</summary>
    private const string Indexes =
        $"""
         select replace(pg_get_indexdef(x.indexrelid), ' ON views.', ' ON {Next}.') from pg_index x
         join pg_class t on t.oid = x.indrelid
         where t.relnamespace = 'views'::regnamespace and t.relkind = 'r'
         order by pg_relation_size(('{Next}.' || quote_ident(t.relname))::regclass) desc, x.indexrelid
         """;

    // By what is within a document nobody plans, and to compare documents takes as long as all else together. Only
    // where no columns are named are there statistics of what an index reckons.
    private const string Keys =
        $"""
         select format(
           'alter table {Next}.%1$I add constraint %2$I primary key using index %2$I; analyze {Next}.%1$I%3$s',
           t.relname, c.relname,
           (select case when bool_or(a.atttypid = 'jsonb'::regtype) then ' (' || string_agg(
                quote_ident(a.attname), ', ') filter (where a.atttypid <> 'jsonb'::regtype) || ')' end
            from pg_attribute a where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped))
         from pg_index x join pg_class c on c.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
         where t.relnamespace = 'views'::regnamespace and t.relkind = 'r' and x.indisprimary
         order by pg_relation_size(('{Next}.' || quote_ident(t.relname))::regclass) desc, c.relname
         """;

    /// <summary>Kinds that say how records of other streams belong together, or whose word counts.</summary>
    private static readonly Kind[] Governing =
    [
        Kind.Source, Kind.LegalEntity, Kind.Period, Kind.Ownership, Kind.Identity, Kind.Succession, Kind.Override,
    ];

    private static ParallelOptions OnAllCores(CancellationToken cancellationToken) => new()
    {
        MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 2, 8),
        CancellationToken = cancellationToken,
    };

    /// <summary>Fills the second set of tables with what the events up to a position come to.</summary>
    private async Task<Standing> Build(long upTo, IProgress<Progress>? progress, CancellationToken cancellationToken)
    {
        await using var connection = await OpenToBuild(cancellationToken);
        await Run(connection, "select ledger.views_begin()", cancellationToken);
        var ground = await Ground(connection, upTo, cancellationToken);
        var done = 0L;
        await Parallel.ForEachAsync(Pages("", cancellationToken), OnAllCores(cancellationToken),
            async (page, cancelled) =>
            {
                var events = await BuildPage(page, upTo, ground, cancelled);
                progress?.Report(new(Interlocked.Add(ref done, events), upTo));
            });
        await Index(connection, cancellationToken);
        await Pagewise(LeftOut, ground.Standing, (stages, page) => stages.DeriveFirst(page, cancellationToken),
            cancellationToken);
        await Pagewise(Covered, ground.Standing, (stages, page) => stages.Tell(page, cancellationToken),
            cancellationToken);
        await new Stages(Next, connection, store, ground.Standing).MatchAll(cancellationToken);
        return ground.Standing;
    }

    /// <summary>What the entities of all streams hang on, first: the firm, and which streams are spoken of with others.
    /// </summary>
    private async Task<Ground> Ground(NpgsqlConnection connection, long upTo, CancellationToken cancellationToken)
    {
        List<SourceRecord> firm = [];
        var named = new HashSet<string>();
        foreach (var kind in Governing)
            await foreach (var page in Pages(kind.Name + "/", cancellationToken))
                foreach (var (stream, events) in await store.ReadStreams(page, upTo, cancellationToken))
                {
                    var state = Folding.Whole(stream, events);
                    if (state.Record is not { } record) continue;
                    if (Firm.Concerns(record)) firm.Add(record);
                    if (OverrideRows.Of(record) is { } said) named.Add(said.Target);
                    if (LinkRows.Of(record) is { } link) named.UnionWith([link.A, link.B]);
                    if (record.Kind == Kind.Identity || record.Kind == Kind.Succession)
                        named.UnionWith(state.Former!.Targets.Select(t => t.Stream).OfType<string>());
                }

        var day = await Worlds.DayAt(connection, upTo, cancellationToken);
        return new(Standing.Of(day, firm), named);
    }

    /// <returns>How many events were folded.</returns>
    private async Task<long> BuildPage(string[] page, long upTo, Ground ground, CancellationToken cancellationToken)
    {
        var rows = new ViewRows();
        var (folded, standing) = (0L, ground.Standing);
        List<SourceRecord> alone = [];
        var poisoned = new Dictionary<string, Poison>();
        var streams = await store.ReadStreams(page, upTo, cancellationToken);
        foreach (var stream in page)
        {
            if (!streams.Remove(stream, out var events)) continue;
            folded += events.Count;
            var state = Folding.Whole(stream, events);
            if (state.Poison is { } poison) rows.Poisoned.Add(poison);
            if (state.Record is not { } record) continue;
            rows.BySource.Add(BySource.Of(record));
            rows.Edges.AddRange(EdgeRows.Of(record));
            rows.PastEdges.AddRange(PastEdgeRows.Of(record.Stream, state.Former!));
            rows.Keys.AddRange(KeyRows.Of(record, standing.Firm, state.Former!));
            rows.Turns.AddRange(state.Former!.Turns.Select(BySource.Of));
            if (LinkRows.Of(record) is { } link) rows.Links.Add(link);
            if (OverrideRows.Of(record) is { } said) rows.Overrides.Add(said);
            if (ground.MayBeTogether(record)) continue;
            alone.Add(record);
            if (state.Poison is not null) poisoned.Add(record.Stream, state.Poison);
        }

        var world = new World(upTo, standing.Day, alone, standing.Firm);
        foreach (var entity in world.AllEntities)
        {
            rows.Add(world.Compose(entity), Stages.PausedAt(entity, poisoned));
            rows.Findings.AddRange(FindingRows.Of(EntityFindings.Of(world, entity)));
        }

        await using var connection = await OpenToBuild(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await rows.Copy(connection, Next, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return folded;
    }

    /// <summary>What a page of streams cannot tell alone. What lies in several pages is derived for each, and written
    /// by the one that has its first stream by name.</summary>
    private async Task Pagewise(
        string streams, Standing standing, Func<Stages, string[], Task> work, CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(PagesOf(streams, cancellationToken), OnAllCores(cancellationToken),
            async (page, cancelled) =>
            {
                await using var connection = await OpenToBuild(cancelled);
                await using var transaction = await connection.BeginTransactionAsync(cancelled);
                await work(new Stages(Next, connection, store, standing), page);
                await transaction.CommitAsync(cancelled);
            });

    private async IAsyncEnumerable<string[]> PagesOf(
        string sql, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> page = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            page.Add(reader.GetString(0));
            if (page.Count < PageDerived) continue;
            yield return [.. page];
            page.Clear();
        }

        if (page.Count > 0) yield return [.. page];
    }

    /// <summary>Gives the second set the indexes of the first, and tells the planner what is there, several at a time.
    /// </summary>
    private async Task Index(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await AtOnce(await Statements(connection, Indexes, cancellationToken), cancellationToken);
        await AtOnce(await Statements(connection, Keys, cancellationToken), cancellationToken);
    }

    private async Task AtOnce(IEnumerable<string> statements, CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(statements, OnAllCores(cancellationToken), async (statement, cancelled) =>
        {
            await using var beside = await OpenToBuild(cancelled);
            await Run(beside, statement, cancelled);
        });

    private static async Task<List<string>> Statements(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        List<string> statements = [];
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) statements.Add(reader.GetString(0));
        return statements;
    }

    /// <summary>All streams that begin so, in pages that hold a bounded number of events where no single one is longer.
    /// </summary>
    private async IAsyncEnumerable<string[]> Pages(
        string startsWith, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<string> page = [];
        var events = 0L;
        await foreach (var (stream, version) in store.Streams(startsWith, cancellationToken))
        {
            page.Add(stream);
            if ((events += version) < PageEvents && page.Count < PageStreams) continue;
            yield return [.. page];
            page.Clear();
            events = 0;
        }

        if (page.Count > 0) yield return [.. page];
    }

    private async Task<NpgsqlConnection> OpenToBuild(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        // Nothing is lost by it: the swap that makes these rows count waits for the disk, and with it for them.
        // Who builds uses all cores already.
        await Run(
            connection, "set synchronous_commit = off; set max_parallel_maintenance_workers = 0", cancellationToken);
        return connection;
    }
}

/// <summary>What is known before the first page is made.</summary>
/// <param name="Named">Streams that links, successions or overrides name.</param>
internal sealed record Ground(Standing Standing, HashSet<string> Named)
{
    private readonly HashSet<string> replaced = [.. Standing.Firm.Replaced.SelectMany(r => new[] { r.Old, r.New })];

    /// <summary>Whether a record may be one with others, or have another's word put over it: more than there are, and
    /// never fewer.</summary>
    public bool MayBeTogether(SourceRecord record) => BusinessKeys.Has(record.Kind) || IsOfOthers(record.Kind)
        || (replaced.Count > 0 && replaced.Contains(record.Source))
        || Named.Contains(record.Stream);

    private static bool IsOfOthers(Kind kind) =>
        kind == Kind.Identity || kind == Kind.Coverage || kind == Kind.Succession || kind == Kind.Override;
}
