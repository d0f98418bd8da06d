using System.Text;

namespace Ledger.Connectors.Tests.Ubl;

/// <summary>Documents written by hand: a consultancy in Leeds that bills a shipyard.</summary>
internal static class Written
{
    /// <summary>Two lines, an allowance, a charge, two rates of tax, a rounding.</summary>
    public const string Invoice = """
        <?xml version="1.0" encoding="UTF-8"?>
        <Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
         xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
         xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
         <cbc:ID>AF-2026-7</cbc:ID>
         <cbc:IssueDate>2026-03-31</cbc:IssueDate>
         <cbc:DueDate>2026-04-30</cbc:DueDate>
         <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
         <cbc:Note>Thank you</cbc:Note>
         <cbc:DocumentCurrencyCode>GBP</cbc:DocumentCurrencyCode>
         <cac:InvoicePeriod><cbc:StartDate>2026-03-01</cbc:StartDate><cbc:EndDate>2026-03-31</cbc:EndDate></cac:InvoicePeriod>
         <cac:OrderReference><cbc:ID>PO-9</cbc:ID></cac:OrderReference>
         <cac:AccountingSupplierParty><cac:Party>
          <cac:PostalAddress><cac:Country><cbc:IdentificationCode>GB</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
          <cac:PartyTaxScheme><cbc:CompanyID>GB123456789</cbc:CompanyID>
           <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
          <cac:PartyLegalEntity><cbc:RegistrationName>Aire Forge Ltd</cbc:RegistrationName>
           <cbc:CompanyID>04441122</cbc:CompanyID></cac:PartyLegalEntity>
         </cac:Party></cac:AccountingSupplierParty>
         <cac:AccountingCustomerParty><cac:Party>
          <cac:PartyIdentification><cbc:ID>C 77</cbc:ID></cac:PartyIdentification>
          <cac:PostalAddress><cbc:StreetName>1 Quay</cbc:StreetName><cbc:CityName>Hull</cbc:CityName>
           <cac:Country><cbc:IdentificationCode>GB</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
          <cac:PartyLegalEntity><cbc:RegistrationName>Humber Yard plc</cbc:RegistrationName></cac:PartyLegalEntity>
          <cac:Contact><cbc:ElectronicMail>ap@humber.example</cbc:ElectronicMail></cac:Contact>
         </cac:Party></cac:AccountingCustomerParty>
         <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentID>AF7</cbc:PaymentID></cac:PaymentMeans>
         <cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>
          <cbc:AllowanceChargeReason>Loyalty</cbc:AllowanceChargeReason>
          <cbc:MultiplierFactorNumeric>10</cbc:MultiplierFactorNumeric><cbc:Amount currencyID="GBP">100.00</cbc:Amount>
          <cbc:BaseAmount currencyID="GBP">1000.00</cbc:BaseAmount>
          <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent></cac:TaxCategory></cac:AllowanceCharge>
         <cac:TaxTotal><cbc:TaxAmount currencyID="GBP">180.00</cbc:TaxAmount>
          <cac:TaxSubtotal><cbc:TaxableAmount currencyID="GBP">900.00</cbc:TaxableAmount>
           <cbc:TaxAmount currencyID="GBP">180.00</cbc:TaxAmount>
           <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal>
          <cac:TaxSubtotal><cbc:TaxableAmount currencyID="GBP">50.45</cbc:TaxableAmount>
           <cbc:TaxAmount currencyID="GBP">0</cbc:TaxAmount>
           <cac:TaxCategory><cbc:ID>Z</cbc:ID><cbc:Percent>0</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal>
         </cac:TaxTotal>
         <cac:LegalMonetaryTotal>
          <cbc:LineExtensionAmount currencyID="GBP">1050.45</cbc:LineExtensionAmount>
          <cbc:TaxExclusiveAmount currencyID="GBP">950.45</cbc:TaxExclusiveAmount>
          <cbc:TaxInclusiveAmount currencyID="GBP">1130.45</cbc:TaxInclusiveAmount>
          <cbc:AllowanceTotalAmount currencyID="GBP">100.00</cbc:AllowanceTotalAmount>
          <cbc:PrepaidAmount currencyID="GBP">0</cbc:PrepaidAmount>
          <cbc:PayableRoundingAmount currencyID="GBP">-0.45</cbc:PayableRoundingAmount>
          <cbc:PayableAmount currencyID="GBP">+1130.00</cbc:PayableAmount>
         </cac:LegalMonetaryTotal>
         <cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="MIN">600</cbc:InvoicedQuantity>
          <cbc:LineExtensionAmount currencyID="GBP">1000.00</cbc:LineExtensionAmount>
          <cac:Item><cbc:Name>Naval architect</cbc:Name>
           <cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>
          <cac:Price><cbc:PriceAmount currencyID="GBP">100</cbc:PriceAmount>
           <cbc:BaseQuantity unitCode="HUR">1</cbc:BaseQuantity></cac:Price></cac:InvoiceLine>
         <cac:InvoiceLine><cbc:ID>2</cbc:ID><cbc:Note>by train</cbc:Note>
          <cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity>
          <cbc:LineExtensionAmount currencyID="GBP">50.45</cbc:LineExtensionAmount>
          <cac:Item><cbc:Description>Return</cbc:Description><cbc:Name>Fare</cbc:Name>
           <cac:ClassifiedTaxCategory><cbc:ID>Z</cbc:ID><cbc:Percent>0</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>
          <cac:Price><cbc:PriceAmount currencyID="GBP">50.45</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
        </Invoice>
        """;

    /// <summary>The same, given back in full.</summary>
    public static string CreditNote => Invoice
        .Replace("xsd:Invoice-2", "xsd:CreditNote-2").Replace("<Invoice ", "<CreditNote ").Replace("</Invoice>", "</CreditNote>")
        .Replace("InvoiceTypeCode>380<", "CreditNoteTypeCode>381<").Replace("InvoiceTypeCode", "CreditNoteTypeCode")
        .Replace("InvoiceLine", "CreditNoteLine").Replace("InvoicedQuantity", "CreditedQuantity")
        .Replace("AF-2026-7<", "AF-2026-C1<").Replace("2026-03-31</cbc:IssueDate>", "2026-04-02</cbc:IssueDate>")
        .Replace(" <cbc:DueDate>2026-04-30</cbc:DueDate>\n", "")
        .Replace("</cac:OrderReference>", """
            </cac:OrderReference><cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>AF-2026-7</cbc:ID>
            <cbc:IssueDate>2026-03-31</cbc:IssueDate></cac:InvoiceDocumentReference></cac:BillingReference>
            """);

    public static Imported Read(params string[] documents) => ImportProfiles.Import(
        "ubl", [.. documents.Select((text, n) => new ImportFile($"{n + 1}.xml", Encoding.UTF8.GetBytes(text.Trim())))]);
}
