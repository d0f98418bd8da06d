using Ledger.Domain;
using Ledger.Projections.Views;

namespace Ledger.Projections.Drift;

/// <summary>What hours and costs mean by the projects and people they point at: a stream → its entity. What is not
/// among them means itself.</summary>
internal sealed class TargetNames
{
    private readonly Dictionary<string, string> entities = [];

    private TargetNames(World books)
    {
        // What nobody can reckon with is left out of the comparison, and with it what it held together.
        var apart = books.Records.Values.Where(r => r.IsLive && !Reckonable.IsSound(r.Fold.State!))
            .Select(r => books.EntityOf(r.Stream).Id).ToHashSet();
        foreach (var entity in books.AllEntities)
            if ((entity.Kind == Kind.Project || entity.Kind == Kind.Resource) && !apart.Contains(entity.Id))
                foreach (var member in entity.Members) entities[member.Stream] = entity.Id;
    }

    /// <summary>Whether all that is pointed at is one, field by field.</summary>
    /// <param name="points">As <see cref="WorkRows.Row.Points"/> has it.</param>
    public bool AreOne(string points) => WorkRows.PointsOf(points).All(field =>
        Array.TrueForAll(field, stream => MeantBy(stream) == MeantBy(field[0])));

    /// <param name="books">With all projects and people.</param>
    public static TargetNames Of(World books) => new(books);

    /// <summary>The streams that mean something else than <paramref name="before"/>.</summary>
    public IReadOnlyCollection<string> ChangedSince(TargetNames before) =>
    [
        .. entities.Where(e => before.entities.GetValueOrDefault(e.Key) != e.Value).Select(e => e.Key),
        .. before.entities.Keys.Where(stream => !entities.ContainsKey(stream)),
    ];

    private string MeantBy(string stream) => entities.GetValueOrDefault(stream, stream);
}
