using System.Runtime.Versioning;
using Npgsql;

namespace Ledger.Store.Local;

/// <summary>A private PostgreSQL for a ledger that was given no server: found on this machine, run as an unprivileged
/// user on a Unix socket only, kept between runs. Processes that name the same data folder share one server; the last
/// to leave stops it. A process that was killed leaves it running for the next one; a server that was killed is started
/// again by whoever uses it.</summary>
public sealed class LocalPostgres : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly Cluster _cluster;
    private readonly NpgsqlConnectionStringBuilder _address;
    private readonly FileStream _use;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly Action<string>? _progress;
    private readonly CancellationTokenSource _leaving = new();
    private readonly Task _boundingLog;
    private readonly Task _watching;
    private int _left;

    [UnsupportedOSPlatform("windows")]
    private LocalPostgres(
        DataFolder folder,
        Cluster cluster,
        NpgsqlConnectionStringBuilder address,
        FileStream use,
        IReadOnlyDictionary<string, string> settings,
        Action<string>? progress)
    {
        _folder = folder;
        DataDirectory = folder.Root;
        _cluster = cluster;
        _address = address;
        _use = use;
        _settings = settings;
        _progress = progress;
        _boundingLog = BoundLog();
        _watching = Watch();
        AppDomain.CurrentDomain.ProcessExit += LeaveAtExit;
    }

    /// <summary>Reaches the database <c>ledger</c>, whose time zone is UTC.</summary>
    public string ConnectionString => ConnectionStringFor("ledger");

    /// <summary>Full path of the folder that holds everything of this server.</summary>
    public string DataDirectory { get; }

    /// <summary>Reaches another database on the same server; it need not exist.</summary>
    public string ConnectionStringFor(string database) =>
        new NpgsqlConnectionStringBuilder(_address.ConnectionString) { Database = database, Pooling = true }
            .ConnectionString;

    /// <summary>Starts the server on a data folder, or joins it if it runs, and makes the database <c>ledger</c> if it
    /// is missing.</summary>
    /// <param name="dataDirectory">Null for <c>/var/lib/proserv-ledger</c> as root, else <c>proserv-ledger</c> in the
    /// user's data home.</param>
    /// <param name="progress">Receives a line for each step that takes time; may be called on any thread.</param>
    /// <exception cref="PostgresNotFoundException">No binaries on this machine.</exception>
    /// <exception cref="LocalPostgresException">The folder cannot serve, or the server does not start.</exception>
    public static Task<LocalPostgres> Start(
        string? dataDirectory, Action<string>? progress, CancellationToken cancellation) =>
        Start(dataDirectory, new Dictionary<string, string>(StringComparer.Ordinal), progress, cancellation);

    /// <inheritdoc cref="Start(string?, Action{string}?, CancellationToken)"/>
    /// <param name="settings">Server settings by name, over the ledger's own; they have no effect where the server
    /// runs already.</param>
    public static async Task<LocalPostgres> Start(
        string? dataDirectory,
        IReadOnlyDictionary<string, string> settings,
        Action<string>? progress,
        CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
            throw new LocalPostgresException(
                "The ledger's own PostgreSQL needs Linux or macOS: use a server you have with --database.");
        Func<string, string?> environment = Environment.GetEnvironmentVariable;
        var path = dataDirectory ?? DataFolder.Default(environment);
        var usual = PostgresBinaries.UsualFolders();
        _ = PostgresBinaries.For(path, stored: null, environment, usual);
        var folder = await DataFolder.Open(path, cancellation);
        await using var starting = await folder.LockForStart(progress, cancellation);
        var binaries = PostgresBinaries.For(folder.Root, Cluster.MajorIn(folder), environment, usual);
        var cluster = new Cluster(folder, binaries, progress);
        var use = await folder.JoinUsers(cancellation);
        try
        {
            var address = await cluster.EnsureRunning(settings, cancellation);
            await Cluster.EnsureDatabase(address, "ledger", cancellation);
            return new(folder, cluster, address, use, settings, progress);
        }
        catch
        {
            await StopIfLast(folder, cluster, use);
            throw;
        }
    }

    /// <summary>Leaves the server, and stops it if no other process uses it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (OperatingSystem.IsWindows() || Interlocked.Exchange(ref _left, 1) == 1)
            return;
        AppDomain.CurrentDomain.ProcessExit -= LeaveAtExit;
        await _leaving.CancelAsync();
        await Task.WhenAll(_boundingLog, _watching);
        _leaving.Dispose();
        await using var stopping = await _folder.LockForStart(progress: null, CancellationToken.None);
        await StopIfLast(_folder, _cluster, _use);
    }

    // For a process that ends without disposing, as by Environment.Exit. A signal is the program's to turn into a
    // cancellation: unhandled, it ends the process at once.
    private void LeaveAtExit(object? sender, EventArgs e) => DisposeAsync().AsTask().GetAwaiter().GetResult();

    [UnsupportedOSPlatform("windows")]
    private static async Task StopIfLast(DataFolder folder, Cluster cluster, FileStream use)
    {
        await use.DisposeAsync();
        if (await folder.IsUnused())
            await cluster.Stop();
    }

    [UnsupportedOSPlatform("windows")]
    private async Task BoundLog()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1));
        try
        {
            while (await timer.WaitForNextTickAsync(_leaving.Token))
                await ServerLog.Bound(_folder, _leaving.Token);
        }
        catch (OperationCanceledException)
        {
            // Leaving is how this ends.
        }
    }

    /// <summary>Starts the server again where its process was killed or gave up. One that somebody stopped, as a
    /// machine that shuts down does, stays stopped.</summary>
    [UnsupportedOSPlatform("windows")]
    private async Task Watch()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(_leaving.Token))
                if (_cluster.HasEndedUnasked && !await StartAgain())
                    await Task.Delay(TimeSpan.FromSeconds(5), _leaving.Token);
        }
        catch (OperationCanceledException)
        {
            // Leaving is how this ends.
        }
    }

    [UnsupportedOSPlatform("windows")]
    private async Task<bool> StartAgain()
    {
        try
        {
            await using var starting = await _folder.LockForStart(_progress, _leaving.Token);
            await _cluster.EnsureRunning(_settings, _leaving.Token);
            return true;
        }
        catch (Exception error) when (error is LocalPostgresException or IOException or UnauthorizedAccessException)
        {
            _progress?.Invoke($"{error.Message} It is tried again in five seconds.");
            return false;
        }
    }
}
