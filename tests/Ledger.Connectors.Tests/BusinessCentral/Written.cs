using System.Text;

namespace Ledger.Connectors.Tests.BusinessCentral;

/// <summary>Answers written by hand: one customer, one project, an invoice, its credit, its payment and its books.
/// </summary>
internal static class Written
{
    public const string Invoice = "0b1f0f3e-0000-4000-8000-000000000007";
    public const string Credit = "0b1f0f3e-0000-4000-8000-000000000008";

    private const string Context =
        "https://api.example/v2.0/$metadata#companies(c0000000-0000-4000-8000-000000000001)/";

    public const string Customers = $$"""
        {"@odata.context":"{{Context}}customers","value":[
          {"id":"0b1f0f3e-0000-4000-8000-000000000001","number":"10000","displayName":"Humber Yard plc","type":"Company",
           "addressLine1":"1 Quay","addressLine2":"","city":"Hull","state":"","country":"GB","postalCode":"HU1",
           "email":"ap@humber.example","taxRegistrationNumber":"GB123456789","currencyCode":"GBP",
           "currencyId":"00000000-0000-0000-0000-000000000000","blocked":" ",
           "lastModifiedDateTime":"2026-01-02T08:00:00Z"}]}
        """;

    public const string Projects = $$"""
        {"@odata.context":"{{Context}}projects","value":[
          {"id":"0b1f0f3e-0000-4000-8000-000000000002","number":"J100","displayName":"Hull refit"}]}
        """;

    public const string Invoices = $$"""
        {"@odata.context":"{{Context}}salesInvoices","value":[
          {"id":"{{Invoice}}","number":"S-7","externalDocumentNumber":"","invoiceDate":"2026-03-31",
           "postingDate":"2026-03-31","dueDate":"2026-04-30","customerPurchaseOrderReference":"PO-9",
           "customerId":"0b1f0f3e-0000-4000-8000-000000000001","customerNumber":"10000","currencyCode":"GBP",
           "pricesIncludeTax":false,"remainingAmount":600.00,"discountAmount":50,"totalAmountExcludingTax":950.00,
           "totalTaxAmount":190.00,"totalAmountIncludingTax":1140.00,"status":"Open",
           "lastModifiedDateTime":"2026-04-01T09:00:00Z",
           "salesInvoiceLines":[
             {"id":"0b1f0f3e-0000-4000-8000-000000000071","documentId":"{{Invoice}}","sequence":10000,
              "lineType":"Resource","lineObjectNumber":"LINDA","description":"Naval architect","unitOfMeasureCode":"HOUR",
              "unitPrice":100,"quantity":10,"discountAmount":0,"discountPercent":0,"amountExcludingTax":1000,
              "taxCode":"STD","taxPercent":20,"totalTaxAmount":190,"invoiceDiscountAllocation":50,"netAmount":950,
              "netTaxAmount":190,"netAmountIncludingTax":1140}]}]}
        """;

    public const string Credits = $$"""
        {"@odata.context":"{{Context}}salesCreditMemos","value":[
          {"id":"{{Credit}}","number":"C-1","creditMemoDate":"2026-04-02","dueDate":"2026-04-30",
           "customerId":"0b1f0f3e-0000-4000-8000-000000000001","currencyCode":"GBP","totalAmountExcludingTax":200.00,
           "totalTaxAmount":40.00,"totalAmountIncludingTax":240.00,"status":"Open",
           "lastModifiedDateTime":"2026-04-02T09:00:00Z","invoiceId":"{{Invoice}}","invoiceNumber":"S-7"}]}
        """;

    public const string CreditLine = $$"""
        {"@odata.context":"{{Context}}salesCreditMemoLines/$entity",
         "id":"0b1f0f3e-0000-4000-8000-000000000081","documentId":"{{Credit}}","sequence":10000,"lineType":"Account",
         "lineObjectNumber":"6410","description":"Two hours too many","unitOfMeasureCode":"HOUR","unitPrice":100,
         "quantity":2,"discountAmount":0,"taxPercent":20,"netAmount":200,"netTaxAmount":40}
        """;

    public const string Payments = $$"""
        {"@odata.context":"{{Context}}customerPayments","value":[
          {"id":"0b1f0f3e-0000-4000-8000-000000000009","lineNumber":10000,
           "customerId":"0b1f0f3e-0000-4000-8000-000000000001","customerNumber":"10000","postingDate":"2026-04-10",
           "documentNumber":"P-1","externalDocumentNumber":"","amount":-540.00,"appliesToInvoiceId":"{{Invoice}}",
           "appliesToInvoiceNumber":"S-7","description":"S-7","comment":"",
           "lastModifiedDateTime":"2026-04-10T10:00:00Z"}]}
        """;

    public const string Ledger = $$"""
        {"@odata.context":"{{Context}}generalLedgerEntries","value":[
          {"id":"0b1f0f3e-0000-4000-8000-0000000000a1","entryNumber":1,"postingDate":"2026-03-31","documentNumber":"S-7",
           "documentType":"Invoice","accountNumber":"6410","description":"Fees","debitAmount":0,"creditAmount":950.00,
           "lastModifiedDateTime":"2026-04-01T09:00:00Z"},
          {"id":"0b1f0f3e-0000-4000-8000-0000000000a2","entryNumber":2,"postingDate":"2026-03-31","documentNumber":"S-7",
           "documentType":" ","accountNumber":"2310","description":"Customers","debitAmount":1140.00,"creditAmount":0,
           "lastModifiedDateTime":"2026-04-01T09:00:00Z"}]}
        """;

    public const string Times = $$"""
        {"@odata.context":"{{Context}}timeRegistrationEntries","value":[
          {"id":"0b1f0f3e-0000-4000-8000-0000000000b1","employeeId":"0b1f0f3e-0000-4000-8000-0000000000e1",
           "employeeNumber":"LINDA","jobId":"0b1f0f3e-0000-4000-8000-000000000002","jobNumber":"J100",
           "jobTaskNumber":"1010","absence":"","lineNumber":10000,"date":"2026-03-02","quantity":7.5,"status":"Approved",
           "unitOfMeasureCode":"HOUR","lastModfiedDateTime":"2026-03-03T15:13:58.87Z"}]}
        """;

    public static readonly string[] All =
        [Customers, Projects, Invoices, Credits, CreditLine, Payments, Ledger, Times];

    public static Imported Read(params string[] answers) => ImportProfiles.Import(
        "business-central",
        [.. answers.Select((text, n) => new ImportFile($"{n + 1}.json", Encoding.UTF8.GetBytes(text)))]);
}
