using Ledger.Domain;

namespace Ledger.Connectors.Ubl;

/// <summary>A seller or a buyer, as a document tells it.</summary>
internal sealed class Party
{
    private readonly Element at;

    private Party(Element at, string id, string name) => (this.at, Id, Name) = (at, id, name);

    /// <summary>What it is known by, whichever of the document's ids lasts longest: its registration, its tax id, an id
    /// in a scheme, the seller's own number for it, else its name.</summary>
    public string Id { get; }

    public string Name { get; }

    /// <param name="seller">Within whose documents a number without a scheme is meant; null = of the seller itself.
    /// </param>
    public static Party? Of(Paper paper, string element, Party? seller)
    {
        if (paper.One(element)?.First("Party") is not { } at)
        {
            paper.Refuse(paper.Root, "required", $"a document without {element} is nobody's");
            return null;
        }

        var name = at.First("PartyLegalEntity/RegistrationName")?.Text ?? at.First("PartyName/Name")?.Text;
        var scope = seller is null ? "" : seller.Id + "/";
        var id = Told("", at.First("PartyLegalEntity/CompanyID")) ?? Told("", Vat(at)?.First("CompanyID"))
            ?? Told(scope, at.First("PartyIdentification/ID")) ?? Told(scope, at.First("EndpointID"))
            ?? (name is null ? null : scope + Plain(name));
        if (id is { Length: > 0 }) return new(at, Stating.Short(id, 80), name ?? id);
        paper.Refuse(at, "required", "a party without name, registration or tax id cannot be told from others");
        return null;
    }

    public ClientStated Client() => new(
        Name: Name,
        TaxIds: TaxIds() is { } ids ? ids : default(Said<Items<TaxId>>),
        RegistrationNo: Registration is { } no ? no : default(Said<string>),
        Emails: at.First("Contact/ElectronicMail")?.Text is { } mail
            ? Items.Of<string>([mail])
            : default(Said<Items<string>>),
        Addresses: Address() is { } address ? Items.Of<Address>([address]) : default(Said<Items<Address>>));

    public LegalEntityStated LegalEntity() => new(
        Name: Name,
        Country: Country is { } country ? country : default(Said<string>),
        TaxIds: TaxIds() is { } ids ? ids : default(Said<Items<TaxId>>),
        RegistrationNo: Registration is { } no ? no : default(Said<string>));

    public Ref AsClient => new(Kind.Client.Name, Id: Id);

    public Ref AsLegalEntity => new(Kind.LegalEntity.Name, Id: Id);

    private string? Registration => at.First("PartyLegalEntity/CompanyID")?.Text;

    private string? Country => at.First("PostalAddress/Country/IdentificationCode")?.Text?.ToUpperInvariant();

    private static Element? Vat(Element at) => at.All("PartyTaxScheme")
        .FirstOrDefault(s => s.First("TaxScheme/ID")?.Text == "VAT" && s.First("CompanyID")?.Text is not null);

    // "Approved for F-tax" stands where a number should; without a digit it is no number.
    private Items<TaxId>? TaxIds()
    {
        var ids =
            from scheme in at.All("PartyTaxScheme")
            let value = scheme.First("CompanyID")?.Text
            where value is not null && value.Any(char.IsAsciiDigit)
            let country = value.Length > 2 && value[..2].All(char.IsAsciiLetterUpper) ? value[..2] : Country
            where country is not null
            select new TaxId(scheme.First("TaxScheme/ID")?.Text ?? "VAT", country, value);
        var all = ids.Distinct().ToItems();
        return all.Count == 0 ? null : all;
    }

    private Address? Address()
    {
        if (at.First("PostalAddress") is not { } postal) return null;
        var street = string.Join(", ", new[] { "StreetName", "AdditionalStreetName", "AddressLine/Line" }
            .Select(name => postal.First(name)?.Text).OfType<string>());
        return new(
            street.Length == 0 ? null : street, postal.First("CityName")?.Text, postal.First("PostalZone")?.Text,
            postal.First("CountrySubentity")?.Text, Country);
    }

    private static string? Told(string scope, Element? id)
    {
        if (id?.Text is not { } text || Plain(text) is not { Length: > 0 } plain) return null;
        // A register's number is the same from whoever tells it; a number of nobody's register is the seller's own.
        return scope.Length > 0 && id.Attribute("schemeID") is { } scheme ? $"{Plain(scheme)}-{plain}" : scope + plain;
    }

    /// <summary>As it may stand in a record's id: letters, digits, points and hyphens; other runs are one
    /// hyphen.</summary>
    internal static string Plain(string text)
    {
        var plain = new System.Text.StringBuilder(text.Length);
        foreach (var c in text.Trim())
            if (char.IsLetterOrDigit(c) || c is '.' or '-') plain.Append(c);
            else if (plain.Length > 0 && plain[^1] != '-') plain.Append('-');
        return plain.ToString().Trim('-');
    }
}
