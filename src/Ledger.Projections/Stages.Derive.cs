using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Projections;

internal sealed partial class Stages
{
    /// <summary>How many streams are derived at a time where a change reaches far.</summary>
    private const int PageStreams = 2_000;

    /// <summary>Derives the entities of what was touched, and of all that ties reach from it, anew.</summary>
    public async Task Derive(Touch touch, CancellationToken cancellationToken)
    {
        var around = new Neighbourhood(schema, connection, Standing.Firm);
        await around.Gather(touch, cancellationToken);
        touch.Regroup(around.Core.Select(around.Records.GetValueOrDefault).OfType<SourceRecord>());
        var derived = Derived.Of(around, around.World(Standing), touch, Standing);
        await using var batch = new NpgsqlBatch(connection);
        var pools = await Reopen(batch, around.Told, derived.Rows.Coverables, cancellationToken);
        sql.Delete(batch, "entity", "id", [.. around.Core.Where(stream => !derived.Ids.Contains(stream))]);
        sql.Delete(batch, "alias", "alias", around.Core);
        sql.DeleteEither(batch, "proposal", around.Core);
        sql.Delete(batch, "finding", "entity", around.Told);
        sql.Delete(batch, "standing_bill", "entity", around.Told);
        derived.Rows.Upsert(batch, schema);
        sql.Refuse(batch, derived.Judged, derived.Refused);
        var clients = await ClientsBefore(around, cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await Match(pools, cancellationToken);
        await DeriveOfClients(around, clients, derived, touch, cancellationToken);
    }

    /// <summary>What some streams' entities should know, and nothing else of them.</summary>
    public async Task Tell(IReadOnlyCollection<string> page, CancellationToken cancellationToken)
    {
        var touch = new Touch { Spreads = false };
        touch.Roots.UnionWith(page);
        var around = new Neighbourhood(schema, connection, Standing.Firm);
        await around.Gather(touch, cancellationToken);
        var world = around.World(Standing);
        var (rows, documents) = (new ViewRows(), new BillingDocuments(world));
        foreach (var entity in page.Select(world.EntityOf))
        {
            rows.Findings.AddRange(FindingRows.Of(world.FindingsOf(entity)));
            rows.StandingBills.AddRange(StandingBillRows.Of(world, entity, documents));
        }

        await using var batch = new NpgsqlBatch(connection);
        sql.Delete(batch, "finding", "entity", page);
        sql.Delete(batch, "standing_bill", "entity", page);
        rows.Upsert(batch, schema);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<Dictionary<string, string>> ClientsBefore(
        Neighbourhood around, CancellationToken cancellationToken)
    {
        var clients = around.Core.Where(s => s.StartsWith(Kind.Client.Name + "/", StringComparison.Ordinal)).ToArray();
        return clients.Length == 0 ? [] : await sql.EntitiesOf(connection, clients, cancellationToken);
    }

    /// <summary>Documents look alike by their client too: where that turns out to be another, they are compared anew.
    /// </summary>
    private async Task DeriveOfClients(
        Neighbourhood around, Dictionary<string, string> before, Derived derived, Touch touch,
        CancellationToken cancellationToken)
    {
        var changed = derived.Rows.Members.Where(m => m.Stream.StartsWith("client/", StringComparison.Ordinal)
            && (touch.Appeared.Contains(m.Stream) || before.GetValueOrDefault(m.Stream) != m.Entity))
            .Select(m => m.Stream).Concat(Missing()).ToArray();
        var lost = touch.LostNumbers.Where(n => n.Kind == Kind.Client.Name).Select(n => n.Number).ToArray();
        if (changed.Length == 0 && lost.Length == 0) return;
        var reached = await sql.CountOfClients(connection, changed, lost, cancellationToken);
        if (reached > reachMax) throw new FirmChangedException(batchEnd, reached);
        var documents = await sql.OfClients(connection, changed, lost, cancellationToken);
        foreach (var page in documents.Except(around.Core).Chunk(PageStreams))
        {
            var further = new Touch();
            further.Roots.UnionWith(page);
            await Derive(further, cancellationToken);
        }

        // Who is not there may be found as what they went on as, or no longer.
        IEnumerable<string> Missing() => around.Core.Where(s => (touch.Regroups || touch.Appeared.Count > 0)
            && s.StartsWith("client/", StringComparison.Ordinal) && !around.Records.ContainsKey(s));
    }

    /// <summary>Derives entities into tables that have none of them: those whose first stream by name is given.
    /// </summary>
    /// <param name="page">A range of the streams, by name.</param>
    public async Task DeriveFirst(IReadOnlyCollection<string> page, CancellationToken cancellationToken)
    {
        var touch = new Touch { Spreads = false };
        touch.Roots.UnionWith(page);
        var around = new Neighbourhood(schema, connection, Standing.Firm);
        await around.Gather(touch, cancellationToken);
        around.KeepOnly(touch.Roots);
        var derived = Derived.Of(around, around.World(Standing), touch, Standing);
        await derived.Rows.Copy(connection, schema, cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        sql.Refuse(batch, derived.Judged, derived.Refused);
        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Where the firm says something else of itself, or the day has come for it, so may the owner of every
    /// field, the legal entity of every record, and with it the rules that join them.</summary>
    private async Task DeriveAnew(Standing was, long position, CancellationToken cancellationToken)
    {
        var change = Standing.Firm.ChangeSince(was.Firm, was.Day, Standing.Day);
        if (change.IsNothing) return;
        var reached = await sql.CountReached(connection, change, cancellationToken);
        if (reached > reachMax) throw new FirmChangedException(position, reached);
        var keys = new HashSet<KindKey>();
        if (change.All || change.Sources.Count > 0)
            await foreach (var page in Reached(change, cancellationToken))
            {
                var records = await sql.Known(connection, page, cancellationToken);
                keys.UnionWith(await sql.MoveKeys(
                    connection, [.. records.Records.Values.Where(r => Identity.BusinessKeys.Has(r.Kind))
                        .Select(r => (r.Stream, KindKey.EntityOf(r, Standing.Firm)))],
                    cancellationToken));
            }

        await foreach (var page in Reached(change, cancellationToken))
        {
            var touch = new Touch
            {
                Regroups = change.All || change.Sources.Count > 0, Formerly = was.Firm.Replaced,
            };
            touch.Roots.UnionWith(page);
            touch.Roots.UnionWith(await sql.Together(connection, page, cancellationToken));
            touch.ChangedKeys.UnionWith(keys);
            keys.Clear();
            await Derive(touch, cancellationToken);
        }
    }

    private async IAsyncEnumerable<List<string>> Reached(
        FirmChange change,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var after = ""; await sql.Reached(connection, change, after, PageStreams, cancellationToken) is
            { Count: > 0 } page; after = page[^1])
            yield return page;
    }
}

/// <summary>What a small world says of its core, as rows.</summary>
internal sealed class Derived
{
    public ViewRows Rows { get; } = new();

    /// <summary>The ids of the entities.</summary>
    public HashSet<string> Ids { get; } = [];

    /// <summary>Streams that state a link within the core.</summary>
    public List<string> Judged { get; } = [];

    /// <summary>Those of them whose link would put two live records of one source into one entity.</summary>
    public List<string> Refused { get; } = [];

    public static Derived Of(Neighbourhood around, World world, Touch touch, Standing standing)
    {
        var (derived, documents) = (new Derived(), new BillingDocuments(world));
        foreach (var entity in world.AllEntities)
        {
            if (around.Told.Contains(entity.Id))
            {
                derived.Rows.Findings.AddRange(FindingRows.Of(world.FindingsOf(entity)));
                derived.Rows.StandingBills.AddRange(StandingBillRows.Of(world, entity, documents));
                derived.Rows.Coverables.AddRange(Coverables.Of(world, entity));
            }

            if (!around.Core.Contains(entity.Id)) continue;
            derived.Ids.Add(entity.Id);
            derived.Rows.Add(world.Compose(entity), Stages.PausedAt(entity, around.Poisoned));
        }

        foreach (var record in world.Records.Values)
            derived.Rows.Coverage.AddRange(CoverageRows.Of(world, record).Where(
                row => IsOfCore(row.Edge) || IsNumbered((record.Fold.State as Coverage)?.From)));
        derived.Rows.Proposals.AddRange(world.Proposals.Where(p => IsEntityOfCore(p.A)
            || (touch.Spreads && IsEntityOfCore(p.B))));

        derived.Rows.Aliases.AddRange(around.Aliases(world, standing));
        derived.Judged.AddRange(
            around.Links.Values.Where(link => around.Core.Contains(link.A)).Select(link => link.Stream));
        derived.Refused.AddRange(world.Refused.Where(tie => around.Links.TryGetValue(tie.Stream, out var link)
            && link.A == tie.A && link.B == tie.B).Select(tie => tie.Stream));
        return derived;

        // Where several write at a time, what lies between two is written by the one it begins with.
        bool IsOfCore(CoverageEdge edge) => around.Core.Contains(edge.StatedBy)
            || IsNumbered(edge.To) || (touch.Spreads && (around.Core.Contains(edge.FromStream)
                || (edge.ToStream is { } to && around.Core.Contains(to))));

        bool IsNumbered(Ref? told) => told?.Number is { } number && touch.Renumbers(told.Kind, number);

        bool IsEntityOfCore(string stream) => around.Core.Contains(world.EntityOf(stream).Id);
    }
}
