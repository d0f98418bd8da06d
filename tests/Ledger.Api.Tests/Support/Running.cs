using System.Diagnostics;
using System.Globalization;

namespace Ledger.Api.Tests;

/// <summary>The program as people run it, in a process of its own.</summary>
internal sealed class Running : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly List<string> _errors = [];
    private readonly TaskCompletionSource _ended = new();

    private Running(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        _process.BeginErrorReadLine();
        _output = _process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Memory it has in use, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static Running Start(IReadOnlyList<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "ledger"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Remove("LEDGER_DATA");
        start.Environment.Remove("LEDGER_DATABASE");
        start.Environment["LEDGER_EXCEPTIONS"] = "by-hand";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<Ran> ToEnd(
        IReadOnlyList<string> arguments, string input = "", params (string Name, string Value)[] environment)
    {
        await using var running = Start(arguments, environment);
        await running._process.StandardInput.WriteAsync(input);
        running._process.StandardInput.Close();
        return await running.End();
    }

    /// <summary>Waits for a line of progress that holds a text, and answers it.</summary>
    public async Task<string> Says(string text)
    {
        for (var i = 0; ; i++)
        {
            lock (_errors)
                if (_errors.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
                    return line;
            if (_ended.Task.IsCompleted || i > 1_200)
                throw new InvalidOperationException($"'{text}' was not said, but: {string.Join('\n', _errors)}");
            await Task.Delay(50);
        }
    }

    /// <summary>Asks it to stop, as an operator's tools do.</summary>
    public async Task<Ran> Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return await End();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<Ran> End()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await _process.WaitForExitAsync(patience.Token);
        return new(_process.ExitCode, await _output, string.Join('\n', _errors));
    }

    private void Heard(string? line)
    {
        if (line is null)
            _ended.TrySetResult();
        else
            lock (_errors)
                _errors.Add(line);
    }
}

/// <summary>How a run ended.</summary>
internal sealed record Ran(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
