using System.Globalization;
using System.Text.RegularExpressions;
using Ledger.Domain;
using Ledger.Domain.Tests;

namespace Ledger.Projections.Tests;

/// <summary>Whatever order the events of a record arrive in, store and projector come to one row.</summary>
public sealed partial class ArrivalOrderTests
{
    private const int Events = 14, ShufflesOfKind = 24;

    [Fact]
    public async Task Any_order_of_arrival_of_a_record_of_any_kind_comes_to_one_row()
    {
        await using var ledger = await LedgerDatabase.Create();
        var orderings = Enum.GetValues<GoldenStream.Ordering>();
        var random = new Random(7);
        var arriving = new List<(int Record, Kind Kind, Happening Told)[]>();
        var histories = new List<int[]>();
        foreach (var kind in Kind.All)
            foreach (var ordering in orderings)
            {
                var told = GoldenStream.Draw(kind, Events, ordering, random);
                var records = Enumerable.Range(arriving.Count, ShufflesOfKind / orderings.Length).ToArray();
                histories.Add(records);
                foreach (var record in records)
                {
                    if (record != records[0]) random.Shuffle(told);
                    arriving.Add([.. told.Select(happening => (record, kind, happening))]);
                }
            }

        // One event of each record after the other, as they would come from many systems at once.
        for (var turn = 0; turn < Events; turn++)
        {
            await ledger.Append([.. arriving.Select(record => Offered(record[turn].Record, record[turn].Kind,
                record[turn].Told))]);
            if (turn % 3 == 0) await ledger.Projector(batchEvents: 50).CatchUp(null, CancellationToken.None);
        }

        await ledger.Projector(batchEvents: 333).CatchUp(null, CancellationToken.None);
        (await ledger.Rows("select stream || ': ' || error from views.poisoned")).ShouldBeEmpty();
        var rows = await Rows(ledger);
        rows.Count.ShouldBe(arriving.Count);
        foreach (var records in histories)
            foreach (var record in records.Skip(1))
                rows[record].ShouldBe(rows[records[0]]);
    }

    private static Store.NewEvent Offered(int record, Kind kind, Happening told) => Telling.Event(
        "psa", $"{kind.Name}/{record}", told.Body, told.Minute, told.Sequence,
        string.Create(CultureInfo.InvariantCulture, $"{record}-{told.Id}"));

    /// <summary>By record: its row, each position as the event that stands there, each event as its history calls it.
    /// </summary>
    private static async Task<Dictionary<int, string>> Rows(LedgerDatabase ledger)
    {
        var ids = (await ledger.Rows("select seq_id, headers ->> 'source_id' from events.mt_events"))
            .Select(row => row.Split('|')).ToDictionary(row => row[0], row => row[1].Split('-')[1]);
        var rows = new Dictionary<int, string>();
        foreach (var row in await ledger.Rows(
            """
            select record_id, kind, coalesce(state::text, '-'), asserted::text, coalesce(deleted_by::text, '-'),
              array_to_string(pending, ' '), first_position::text, events::text || ' ' || order_time || ' ' || sequenced
                || ' ' || coalesce(order_sequence::text, '-') || ' ' || split_part(order_id, '-', 2)
            from views.by_source
            """))
        {
            var parts = row.Split('|');
            var positions = parts[1]
                is "contract" or "rate_card" or "project" or "proposal" or "revenue" or "resource" or "drift_case"
                    or "exception"
                    ? StatePosition() : None();
            rows.Add(int.Parse(parts[0], CultureInfo.InvariantCulture), string.Join('\n',
                parts[1], positions.Replace(parts[2], found => ids[found.Value]), Number().Replace(parts[3], Named),
                Number().Replace(parts[4], Named), Number().Replace(parts[5], Named), Number().Replace(parts[6], Named),
                parts[7]));
        }

        return rows;

        string Named(Match position) => position.Value == "0" ? "0" : ids[position.Value];
    }

    [GeneratedRegex(@"(?<=""position"": )\d+")]
    private static partial Regex StatePosition();

    [GeneratedRegex(@"(?!)")]
    private static partial Regex None();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
