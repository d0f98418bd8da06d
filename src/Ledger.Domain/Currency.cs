using System.Collections.Frozen;

namespace Ledger.Domain;

/// <summary>A currency of ISO 4217: its three letters, and how many digits its minor unit has.</summary>
public readonly record struct Currency
{
    private static readonly FrozenDictionary<string, Currency> Known = All().ToFrozenDictionary(c => c.Code);

    private readonly string? code;

    private Currency(string code, int minorDigits)
    {
        this.code = code;
        MinorDigits = minorDigits;
    }

    /// <summary>Three capital letters; <c>XXX</c> (no currency) for the default value.</summary>
    public string Code => code ?? "XXX";

    /// <summary>Digits after the point of an amount on a document: JPY 0, USD 2, KWD 3.</summary>
    public int MinorDigits { get; }

    /// <exception cref="ArgumentException">The code is not in ISO 4217, current or withdrawn.</exception>
    public static Currency Of(string code) =>
        TryOf(code, out var currency)
            ? currency
            : throw new ArgumentException($"'{code}' is not a currency code of ISO 4217", nameof(code));

    public static bool TryOf(string? code, out Currency currency)
    {
        currency = default;
        return code is not null && Known.TryGetValue(code, out currency);
    }

    public override string ToString() => Code;

    private static IEnumerable<Currency> All() =>
        Listed(NoMinorUnit, 0).Concat(Listed(TwoDigits, 2)).Concat(Listed(ThreeDigits, 3)).Concat(Listed(FourDigits, 4))
            .Concat(Listed(Withdrawn, 2));

    private static IEnumerable<Currency> Listed(string codes, int minorDigits) =>
        codes.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(c => new Currency(c, minorDigits));

    // Metals, funds and test codes state no minor unit; amounts in them are whole units.
    private const string NoMinorUnit =
        """
        BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
        XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX
        """;

    private const string TwoDigits =
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
        CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
        HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
        MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
        SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED
        VES WST XAD XCD XCG YER ZAR ZMW ZWG
        """;

    private const string ThreeDigits =
        """
        BHD IQD JOD KWD LYD OMR TND
        """;

    private const string FourDigits =
        """
        CLF UYW
        """;

    // Old documents keep their currency; the list states no minor unit for these, and nearly all had hundredths.
    private const string Withdrawn =
        """
        ADP AFA ALK ANG AOK AON AOR ARA ARP ARY ATS AYM AZM BAD BEC BEF BEL BGJ BGK BGL BGN BOP BRB BRC BRE BRN
        BRR BUK BYB BYR CHC CSD CSJ CSK CUC CYP DDM DEM ECS ECV EEK ESA ESB ESP FIM FRF GEK GHC GHP GNE GNS GQE
        GRD GWE GWP HRD HRK IEP ILP ILR ISJ ITL LAJ LSM LTL LTT LUC LUF LUL LVL LVR MGF MLF MRO MTL MTP MVQ MXP
        MZE MZM NIC NLG PEH PEI PES PLZ PTE RHD ROK ROL RUR SDD SDP SIT SKK SLL SRG STD SUR TJR TMM TPE TRL UAK
        UGS UGW USS UYN UYP VEB VEF VNC XEU XFO XFU XRE YDD YUD YUM YUN ZAL ZMK ZRN ZRZ ZWC ZWD ZWL ZWN ZWR
        """;
}
