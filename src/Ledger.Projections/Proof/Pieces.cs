using Ledger.Domain;
using Ledger.Projections.Lineage;
using Ledger.Projections.Rating;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>A piece of work, or money spent, as far as it may be billed.</summary>
/// <param name="Size">All there is to bill before anything is written down: minutes of work, else money.</param>
/// <param name="Approved">Minutes that were approved.</param>
/// <param name="Price">Of work; null = none is known.</param>
/// <param name="Never">Why it is never billed; null = it is to be billed once approved.</param>
/// <param name="Billed">What documents that stand bill of it and did not give back.</param>
internal sealed record Piece(
    ComposedEntity Composed, ProofAccount Account, LocalDate On, bool IsTime, decimal Size, decimal Approved,
    Rate? Price, LeftOutReason? Never, bool IsApproved, Items<WriteDown> Downs, LocalDate? OffOn, BilledPart[] Billed)
{
    /// <summary>Whether it counts as approved as far as it is billed: nobody approved it, and neither contract nor
    /// project nor system asks for that.</summary>
    public bool AccruesAsBilled { get; init; }

    public string Id => Composed.Entity.Id;

    /// <summary>How far what is billed may be from what there is: systems round minutes to hundredths of an hour.
    /// </summary>
    public decimal Tolerance => IsTime ? 0.6m : 0m;

    /// <summary>Whether its hours stand in a balance at all: what a fee pays for never waits.</summary>
    public bool Waits => Never is not LeftOutReason.PaidByFee;

    public bool Accrues => IsApproved && Never is null or LeftOutReason.WrittenOff;

    /// <summary>What waits to be billed, by what the records say now.</summary>
    public Worth Standing
    {
        get
        {
            if (!IsApproved || Never is not null) return default;
            var (left, down) = (Size, 0m);
            foreach (var less in Downs) (left, down) = Less(left, down, less);
            foreach (var part in Billed) left = Math.Max(0m, left - (SizeOf(part) ?? left));
            return WorthOf(left <= Tolerance ? 0m : left, down);
        }
    }

    /// <summary>What so much of it is worth, less the money it was written down by.</summary>
    public Worth WorthOf(decimal left, decimal down)
    {
        var amount = IsTime ? Extended(Price, left) ?? 0m : left;
        if (left > 0m) amount = Math.Max(0m, amount - down);
        return new(IsTime ? left : 0m, amount);
    }

    public (decimal Left, decimal Down) Less(decimal left, decimal down, WriteDown less)
    {
        if (less.Quantity is not { } quantity) return (left, down + (Price is null ? 0m : less.Amount ?? 0m));
        return (Math.Max(0m, left - (Minutes(quantity) ?? 0m)), down);
    }

    /// <summary>How much of it a bill says; null = all of it.</summary>
    public decimal? SizeOf(Quantity? quantity, decimal? amount, Currency? currency) => IsTime
        ? Minutes(quantity)
        : currency == Account.Currency ? amount : null;

    /// <summary>Minutes times a price, rounded to the minor unit; null where there is none.</summary>
    public static decimal? Extended(Rate? price, decimal minutes) =>
        price is null ? null
        : Figures.Priced(new(minutes, Unit.Minute), price)?.Round(RoundingMode.HalfAwayFromZero).Amount;

    /// <summary>Null where it is not told in minutes or hours.</summary>
    public static decimal? Minutes(Quantity? quantity) =>
        quantity?.Unit.PerHour is { } perHour ? quantity.Value * 60m / perHour : null;

    private decimal? SizeOf(BilledPart part) => SizeOf(part.Quantity, part.Amount?.Amount, part.Amount?.Currency);
}

/// <summary>Every piece of work there is.</summary>
internal static class Pieces
{
    /// <param name="unmeasured">Hears of what is told in neither minutes nor hours, or without an amount; its account
    /// where that is approved work.</param>
    public static IEnumerable<Piece> Of(
        World world, Engagements engagements, Accounts accounts, Action<string, ProofAccount?>? unmeasured = null)
    {
        foreach (var engagement in engagements.All())
        {
            var billed = engagement.Billed.Where(b => !b.IsDraft).ToLookup(b => b.Target);
            foreach (var work in engagement.Time.AsEnumerable())
            {
                var composed = world.Compose(world.EntityOf(work.Id));
                if (Time(engagement, work, composed, accounts, [.. billed[work.Id]]) is { } piece)
                    yield return piece with
                    {
                        AccruesAsBilled = piece is { IsApproved: false, Never: null }
                            && (engagement.Contract.Approval?.Time ?? ByProject(engagement, work.Project)
                                ?? BySource(work.Ref)?.Time) is not true,
                    };
                else
                    unmeasured?.Invoke(
                        work.Id, Worths.IsApproved(engagement, work)
                            ? accounts.Of(engagement.Id, composed, engagement.Currency)
                            : null);
            }

            foreach (var spent in engagement.Expenses.AsEnumerable())
            {
                var composed = world.Compose(world.EntityOf(spent.Id));
                if (Spent(engagement, spent, composed, accounts, [.. billed[spent.Id]]) is { } piece)
                    yield return piece with
                    {
                        AccruesAsBilled = piece is { IsApproved: false, Never: null }
                            && (engagement.Contract.Approval?.Expense ?? ByProject(engagement, spent.Project)
                                ?? BySource(spent.Ref)?.Expense) is not true,
                    };
                else unmeasured?.Invoke(spent.Id, null);
            }
        }

        static bool? ByProject(Engagement engagement, string? project) =>
            engagement.ProjectOf(project)?.Project.Approval;

        ApprovalTerms? BySource(Ref work) => engagements.Books.SourceOf(work.Source!)?.State.Approval;
    }

    private static Piece? Time(
        Engagement engagement, WorkedTime work, ComposedEntity composed, Accounts accounts, BilledPart[] billed)
    {
        var entry = work.Entry;
        var price = Worths.PriceOf(engagement, work);
        var size = Worths.ToBill(entry with { WriteDowns = Items<WriteDown>.None });
        if (Piece.Minutes(size) is not { } minutes) return null;
        // A price for days says nothing of minutes.
        if (Piece.Extended(price, minutes) is null) price = null;
        return new(
            composed, accounts.Of(engagement.Id, composed, price?.Currency ?? engagement.Currency),
            BooksAsAt.AccruedOn(entry), true, minutes,
            Piece.Minutes(entry.Approval?.Quantity ?? entry.Quantity) ?? minutes, price,
            Worths.NeverBilled(engagement, work), Worths.IsApproved(engagement, work),
            entry.WriteDowns.Where(w => !w.Off && (w.Quantity is not null || (w.Currency ?? price?.Currency)
                == price?.Currency)).ToItems(),
            entry.WriteDowns.FirstOrDefault(w => w.Off)?.On, billed);
    }

    private static Piece? Spent(
        Engagement engagement, SpentMoney spent, ComposedEntity composed, Accounts accounts, BilledPart[] billed)
    {
        if (Worths.Of(engagement, spent) is not { } worth) return null;
        return new(
            composed, accounts.Of(engagement.Id, composed, worth.Currency), BooksAsAt.AccruedOn(spent.Expense), false,
            worth.Amount, 0m, null, Worths.NeverBilled(engagement, spent), Worths.IsApproved(engagement, spent),
            Items<WriteDown>.None, spent.Expense.WrittenOffOn, billed);
    }
}
