using System.Net.Sockets;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Store.Tests;

/// <summary>Where the wire is cut.</summary>
public enum Cut
{
    /// <summary>The server never sees the request.</summary>
    BeforeRequest,

    /// <summary>The server sees half of it.</summary>
    InsideRequest,

    /// <summary>The server gets all of it and nobody to answer.</summary>
    AfterRequest,

    /// <summary>The server has answered, the client never hears it.</summary>
    BeforeReply,
}

/// <summary>Stands between client and server on sockets of its own and cuts a connection when told to.</summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly Task _accepting;
    private Func<int, Cut?>? _plan;
    private int _requests;

    public CuttingProxy(string connectionString)
    {
        _server = new(connectionString);
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder.Path, $".s.PGSQL.{_server.Port}")));
        _listener.Listen();
        _accepting = Accept();
    }

    public string ConnectionString =>
        new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Host = _folder.Path }.ConnectionString;

    /// <summary>How many cuts were made.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts by the plan, asked for every request from now on, numbered from 0; once cut, no more.</summary>
    public void Arm(Func<int, Cut?> plan)
    {
        _requests = 0;
        _plan = plan;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        await _folder.DisposeAsync();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
                _ = Serve(await _listener.AcceptAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task Serve(Socket client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (client)
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(
                Path.Combine(_server.Host!, $".s.PGSQL.{_server.Port}")));
            var cutReply = new StrongBox();
            await Task.WhenAny(Requests(client, server, cutReply), Replies(server, client, cutReply));
        }
    }

    private async Task Requests(Socket client, Socket server, StrongBox cutReply)
    {
        var buffer = new byte[1 << 20];
        while (await Receive(client, buffer) is > 0 and var count)
        {
            var cut = _plan?.Invoke(_requests++);
            if (cut is not null)
            {
                _plan = null;
                Cuts++;
            }

            if (cut == Cut.BeforeRequest)
                return;
            if (cut == Cut.BeforeReply)
                cutReply.Value = true;
            await server.SendAsync(buffer.AsMemory(0, cut == Cut.InsideRequest ? count / 2 : count));
            if (cut is Cut.InsideRequest or Cut.AfterRequest)
                return;
        }
    }

    private static async Task Replies(Socket server, Socket client, StrongBox cutReply)
    {
        var buffer = new byte[1 << 16];
        while (await Receive(server, buffer) is > 0 and var count && !cutReply.Value)
            await client.SendAsync(buffer.AsMemory(0, count));
    }

    private static async Task<int> Receive(Socket socket, byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private sealed class StrongBox
    {
        public volatile bool Value;
    }
}
