using System.Security.Cryptography;
using System.Text;
using Ledger.Domain;
using Ledger.Projections.Identity;

namespace Ledger.Projections;

/// <summary>What one entity may cover, where nobody says what it does: for a person to state or leave.</summary>
/// <param name="From">Id of the entity that would cover: a payment, a posting, a document asked for ahead.</param>
/// <param name="Rel"><see cref="Lineage.Rels.Settles"/>, <see cref="Lineage.Rels.Posts"/> or
/// <see cref="Lineage.Rels.Prepays"/>.</param>
/// <param name="Covers">The documents, by name; together they are all of it.</param>
/// <param name="Confidence">0 to 1, two digits.</param>
/// <param name="Evidence">The strongest first; not empty.</param>
public sealed record CoverageProposal(
    string From, string Rel, Items<ProposedCover> Covers, Currency Currency, decimal Confidence,
    Items<Evidence> Evidence)
{
    private const int IdDigits = 16;

    /// <summary>By what it is asked for: the first hexadecimal digits of a SHA-256 over the id of what would cover, the
    /// relation and the ids of the documents in their order, each on a line.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\n', new[] { From, Rel }.Concat(Covers.Select(c => c.To).Order(StringComparer.Ordinal))))))[..IdDigits];

    /// <summary>The record by which the entity would cover: the first of its own whose word counts.</summary>
    public string FromStream { get; init; } = From;

    /// <summary>Among whom it was looked for.</summary>
    internal CoverPool? Pool { get; init; }

    /// <summary>Whether another would cover one of the documents too, so that neither is proposed.</summary>
    internal bool IsDisputed { get; init; }
}

/// <param name="To">Id of the document's entity.</param>
/// <param name="Amount">How much of it would be covered; positive.</param>
public sealed record ProposedCover(string To, decimal Amount);
