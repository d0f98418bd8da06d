using System.Net;
using System.Net.Sockets;
using Ledger.Testing;

namespace Ledger.Torture;

/// <summary>Which way bytes go.</summary>
internal enum Way
{
    ToServer,

    ToClient,
}

/// <summary>Stands between a client and a server, counts the bytes each way and cuts the connection after as many as it
/// is told.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly EndPoint _server;
    private readonly TemporaryFolder? _folder;
    private readonly Task _accepting;
    private readonly long[] _bytes = new long[2];
    private readonly Lock _gate = new();
    private (Way Way, long After)? _cut;

    private Wire(EndPoint server, EndPoint listen, TemporaryFolder? folder)
    {
        _server = server;
        _folder = folder;
        _listener = NewSocket(listen);
        _listener.Bind(listen);
        _listener.Listen();
        _accepting = Accept();
    }

    /// <summary>Where clients connect.</summary>
    public EndPoint Address => _listener.LocalEndPoint!;

    /// <summary>The folder of the socket, where it is one of this machine's.</summary>
    public string Folder => _folder!.Path;

    /// <summary>Whether the cut that was armed has been made.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Longest wait before bytes are passed on; none by default.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Before a PostgreSQL socket.</summary>
    public static Wire ToPostgres(string folder, int port)
    {
        var own = new TemporaryFolder();
        var name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $".s.PGSQL.{port}");
        return new(
            new UnixDomainSocketEndPoint(Path.Combine(folder, name)),
            new UnixDomainSocketEndPoint(Path.Combine(own.Path, name)), own);
    }

    /// <summary>Before a port of this machine.</summary>
    public static Wire ToPort(Uri address) =>
        new(new IPEndPoint(IPAddress.Loopback, address.Port), new IPEndPoint(IPAddress.Loopback, 0), null);

    /// <summary>Counts from 0 again, and cuts once, after so many bytes that way; null = never.</summary>
    public void Arm((Way Way, long After)? cut)
    {
        lock (_gate)
        {
            (_bytes[0], _bytes[1]) = (0, 0);
            _cut = cut;
            WasCut = false;
        }
    }

    /// <summary>Bytes since it was armed.</summary>
    public long Passed(Way way)
    {
        lock (_gate)
            return _bytes[(int)way];
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        if (_folder is not null)
            await _folder.DisposeAsync();
    }

    private static Socket NewSocket(EndPoint at) => at is UnixDomainSocketEndPoint
        ? new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

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
        using var server = NewSocket(_server);
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server);
            }
            catch (SocketException)
            {
                return;
            }

            await Task.WhenAny(Pump(client, server, Way.ToServer), Pump(server, client, Way.ToClient));
        }
    }

    private async Task Pump(Socket from, Socket to, Way way)
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var got)
            {
                if (Delay > TimeSpan.Zero)
                    await Task.Delay(Delay);
                var (pass, cut) = Count(way, got);
                for (var sent = 0; sent < pass;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, pass - sent));
                if (cut)
                    return;
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The other way was cut, or one side left.
        }
    }

    private (int Pass, bool Cut) Count(Way way, int got)
    {
        lock (_gate)
        {
            var before = _bytes[(int)way];
            _bytes[(int)way] = before + got;
            if (_cut is not var (at, after) || at != way || before + got < after)
                return (got, false);
            _cut = null;
            WasCut = true;
            return ((int)(after - before), true);
        }
    }
}
