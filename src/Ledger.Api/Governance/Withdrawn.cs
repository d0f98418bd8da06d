namespace Ledger.Api;

/// <summary>What a DELETE says beside its address. Bodies of one get lost on their way, so it is parameters.</summary>
internal static class Withdrawn
{
    public static readonly Parameter Reason = Parameter.Text("reason", "Why, for whoever asks later. Required.");

    public static readonly Parameter Actor = Parameter.Text("actor", "Who decides. Required.");

    public static readonly Parameter EffectiveOn = Parameter.Text(
        "effective-on", "From which date it counts; today where not said.");

    public static (string Reason, DecidedBy By) Read(Asked asked)
    {
        var (reason, actor) = (asked.Required("reason"), asked.Required("actor"));
        return (reason, new(actor, asked.Date("effective-on")));
    }
}
