using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;
using Ledger.Store.Local;
using Npgsql;

namespace Ledger.Api;

/// <summary>Which database: a server that was named, or a private one in a folder.</summary>
/// <param name="Database">An Npgsql connection string; null = the private server.</param>
/// <param name="Data">The private server's folder; null = the usual one.</param>
/// <param name="SigningKey">File of the private key that signs roots; null = the private server's own, none on a server
/// that was named.</param>
internal sealed record Place(string? Database, string? Data, string? SigningKey = null);

/// <summary>The ledger cannot be used as it is. The message is one sentence for the person at the keyboard.</summary>
internal sealed class NotReadyException(string message) : Exception(message);

/// <summary>A ledger that is open: its database, migrated, and all that one process shares of it.</summary>
internal sealed class OpenLedger : IAsyncDisposable
{
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 15;
    private const int ConnectionsMax = 60;
    private const int KeepAliveSeconds = 10;

    private readonly LocalPostgres? _server;

    private OpenLedger(
        LocalPostgres? server, NpgsqlDataSource source, RootSigner? signer, Vocabulary vocabulary)
    {
        _server = server;
        Source = source;
        Signer = signer;
        Store = new EventStore(source, signer: signer);
        Intake = new Intake(Store, vocabulary);
        Projector = new Projector(source, Store);
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>Signs the log's roots; null = nobody does.</summary>
    public RootSigner? Signer { get; }

    /// <summary>The private server's folder; null = a server that was named.</summary>
    public string? Folder => _server?.DataDirectory;

    public EventStore Store { get; }

    public Intake Intake { get; }

    public Projector Projector { get; }

    /// <summary>Opens it; a private server is started, and migrated.</summary>
    /// <param name="migrate">Whether a server that was named is migrated too.</param>
    /// <exception cref="NotReadyException">A server that was named is not migrated.</exception>
    /// <exception cref="PostgresNotFoundException">A private server cannot run here.</exception>
    public static Task<OpenLedger> Open(
        Place place, bool migrate, Action<string> progress, CancellationToken cancellationToken) =>
        Open(place, migrate, progress, Vocabulary.Whole, cancellationToken);

    /// <summary>Opens it as a ledger that knows these events and no others.</summary>
    /// <inheritdoc cref="Open(Place, bool, Action{string}, CancellationToken)"/>
    public static async Task<OpenLedger> Open(
        Place place, bool migrate, Action<string> progress, Vocabulary vocabulary,
        CancellationToken cancellationToken)
    {
        LocalPostgres? server = null;
        NpgsqlDataSource? source = null;
        try
        {
            if (place.Database is null)
                server = await LocalPostgres.Start(place.Data, progress, cancellationToken);
            var address = Bounded(server?.ConnectionString ?? place.Database!);
            if (server is not null || migrate)
                foreach (var script in await Migrations.Apply(address, cancellationToken))
                    progress($"Applied migration {script}.");
            else if (await Migrations.Pending(address, cancellationToken) is { Count: > 0 } pending)
                throw new NotReadyException(
                    $"The database lacks {string.Join(", ", pending)}: run 'ledger migrate' on it first.");
            source = NpgsqlDataSource.Create(address);
            var signer = await SigningKeyFile.Signer(place, server?.DataDirectory, source, progress, cancellationToken);
            return new(server, source, signer, vocabulary);
        }
        catch
        {
            if (source is not null)
                await source.DisposeAsync();
            if (server is not null)
                await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address with limits on waiting, where it states none.</summary>
    public static string Bounded(string connectionString)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        if (!address.ContainsKey("Timeout"))
            address.Timeout = ConnectSeconds;
        if (!address.ContainsKey("Command Timeout"))
            address.CommandTimeout = CommandSeconds;
        if (!address.ContainsKey("Maximum Pool Size"))
            address.MaxPoolSize = ConnectionsMax;
        address.ApplicationName ??= "ledger";
        if (address.Host is not ['/' or '@', ..])
        {
            // A peer that vanished without a word is noticed; a socket of this machine cannot.
            address.TcpKeepAlive = true;
            address.TcpKeepAliveTime = KeepAliveSeconds;
            address.TcpKeepAliveInterval = KeepAliveSeconds;
        }

        return address.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Source.DisposeAsync();
        Signer?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
