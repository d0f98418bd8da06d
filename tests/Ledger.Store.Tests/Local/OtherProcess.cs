using System.Diagnostics;
using Ledger.Store.Local;
using Ledger.Testing;

namespace Ledger.Store.Tests.Local;

/// <summary>Another process that uses the private PostgreSQL of a folder until told to leave: this assembly, run as a
/// program in a process group of its own.</summary>
public sealed class OtherProcess : IAsyncDisposable
{
    private readonly Process _process;

    private OtherProcess(Process process) => _process = process;

    public static async Task<int> Main(string[] arguments)
    {
        await using var server = await LocalPostgres.Start(
            arguments[0], TestServer.Small, progress: null, CancellationToken.None);
        await Console.Out.WriteLineAsync("ready");
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static async Task<OtherProcess> Use(string folder)
    {
        var start = new ProcessStartInfo(
            "setsid", ["dotnet", typeof(OtherProcess).Assembly.Location, folder])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        (await process.StandardOutput.ReadLineAsync()).ShouldBe("ready");
        return new(process);
    }

    /// <summary>Asks it to leave in good order.</summary>
    public async Task Leave()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.ExitCode.ShouldBe(0);
    }

    /// <summary>Ends it without a chance to clean up.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>What a terminal does on Ctrl-C: interrupts every process of its group. Then ends it, for where the
    /// tests run in the background, interrupts are ignored.</summary>
    public async Task Interrupt()
    {
        using var kill = Process.Start("/bin/sh", ["-c", "kill -s INT -- \"-$1\"", "sh", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        kill.ExitCode.ShouldBe(0);
        await Kill();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await Kill();
        _process.Dispose();
    }
}
