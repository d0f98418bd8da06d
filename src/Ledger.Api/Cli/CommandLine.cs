using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Ledger.Api;

/// <summary>Runs what a command line says.</summary>
internal static class CommandLine
{
    private static readonly TimeSpan StoppingTime = TimeSpan.FromSeconds(30);

    /// <summary>Ctrl-C and SIGTERM cancel it, once; it then has a while to stop cleanly.</summary>
    public static async Task<int> Run(RootCommand root, string[] args)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
            option.Action = new HelpWithExamples((HelpAction)option.Action!);
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
                Terminal.Note(error.Message);
            Terminal.Note($"'ledger {Path(parsed)}--help' shows how.");
            return Exit.Usage;
        }

        using var telemetry = Telemetry.Start();
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = StoppingTime });
    }

    private static string Path(ParseResult parsed)
    {
        var path = "";
        for (var at = parsed.CommandResult; at?.Command is { } command and not RootCommand;
            at = at.Parent as System.CommandLine.Parsing.CommandResult)
            path = command.Name + " " + path;
        return path;
    }

    /// <summary>The usual help, and at its end how the command is used.</summary>
    private sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            usual.Invoke(parseResult);
            if (parseResult.CommandResult.Command is LedgerCommand { Examples: var examples })
                Terminal.Write($"Examples:\n  {examples.ReplaceLineEndings("\n  ")}\n");
            Terminal.Write(Exit.Said);
            return Exit.Good;
        }
    }
}
