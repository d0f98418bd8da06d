using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Ledger.Torture;

/// <summary>The program as people run it, in a process of its own that can be killed. A shell beside it kills it where
/// this process is killed first.</summary>
internal sealed class LedgerProcess : IAsyncDisposable
{
    private const string RunAndKillWhenOrphaned =
        """
        exec 3<&0
        sh -c 'echo $$; exec "$@"' sh "$@" </dev/null 3<&- &
        pid=$!
        (cat <&3; kill -KILL $pid) >/dev/null 2>&1 &
        watch=$!
        exec 3<&-
        wait $pid
        code=$?
        kill $watch 2>/dev/null
        exit $code
        """;

    private readonly Process _shell;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _pid = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LedgerProcess(Process shell)
    {
        _shell = shell;
        Started = Stopwatch.GetTimestamp();
        shell.OutputDataReceived += (_, line) => HeardOutput(line.Data);
        shell.ErrorDataReceived += (_, line) => Heard(line.Data);
        shell.BeginOutputReadLine();
        shell.BeginErrorReadLine();
    }

    /// <summary>When, on the stopwatch.</summary>
    public long Started { get; }

    /// <summary>Everything it said so far.</summary>
    public string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    public static LedgerProcess Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "ledger");
        var start = new ProcessStartInfo("/bin/sh", ["-c", RunAndKillWhenOrphaned, "sh", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in new[] { "LEDGER_DATA", "LEDGER_DATABASE", "LEDGER_SIGNING_KEY" })
            start.Environment.Remove(name);
        // What the ledger says itself would be counted among what was sent.
        start.Environment["LEDGER_EXCEPTIONS"] = "by-hand";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    /// <summary>A server on a port of its own, on a database that is named.</summary>
    public static LedgerProcess Serve(string database, params (string Name, string Value)[] environment) =>
        Start(["serve", "--database", database, "--urls", "http://127.0.0.1:0"], environment);

    /// <summary>Where it listens, as soon as it does.</summary>
    /// <exception cref="InvalidOperationException">It ended before it did.</exception>
    public async Task<Uri> Listening(CancellationToken cancellationToken) =>
        await _listening.Task.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);

    /// <summary>As <c>kill -9</c> does; what it was doing stays as it is.</summary>
    public async Task Kill()
    {
        using var process = Process.GetProcessById(await _pid.Task);
        process.Kill();
        await _shell.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as an operator's tools do.</summary>
    public async Task<int> Stop()
    {
        using var kill = Process.Start(
            "kill", ["-TERM", (await _pid.Task).ToString(CultureInfo.InvariantCulture)]);
        return await End();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> End()
    {
        await _shell.WaitForExitAsync();
        return _shell.ExitCode;
    }

    public bool HasEnded => _shell.HasExited;

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }

    private void HeardOutput(string? line)
    {
        if (!_pid.Task.IsCompleted && int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            _pid.TrySetResult(pid);
        else if (line is not null)
            Heard(line);
    }

    private void Heard(string? line)
    {
        const string listening = "Listening at ";
        if (line is null)
        {
            _listening.TrySetException(new InvalidOperationException($"It does not listen, but says: {Said}"));
            _ = _listening.Task.Exception;
            return;
        }

        lock (_said)
            _said.AppendLine(line);
        if (line.StartsWith(listening, StringComparison.Ordinal))
            _listening.TrySetResult(new Uri(line[listening.Length..].Split([';', ','])[0]));
    }
}
