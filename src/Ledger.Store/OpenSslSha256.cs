using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Ledger.Store;

/// <summary>SHA-256 of short inputs by OpenSSL 3 itself, as its manual has it for many hashes: the algorithm fetched
/// once, the state kept. .NET goes to the same library, but looks the algorithm up and makes the state anew each time,
/// which takes longer than hashing a leaf. For one thread.</summary>
internal sealed unsafe class OpenSslSha256 : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>The collector waits for a call, so it may take no longer than some microseconds.</summary>
    public const int MaxInput = 4096;

    private static readonly Library? Found = Library.Open();

    public OpenSslSha256()
        : base(ownsHandle: true) => SetHandle(Found!.NewState());

    /// <summary>Whether the library is on this machine and hashes as .NET does.</summary>
    public static bool IsThere => Found is not null;

    /// <summary>Hashes the input into the first 32 bytes of <paramref name="hash"/>, which may overlap it.</summary>
    /// <param name="input">No longer than <see cref="MaxInput"/>.</param>
    public void Hash(ReadOnlySpan<byte> input, Span<byte> hash)
    {
        Found!.Hash(handle, input, hash[..Sha256.Size]);
        GC.KeepAlive(this);
    }

    protected override bool ReleaseHandle()
    {
        Found!.FreeState(handle);
        return true;
    }

    /// <summary>The functions of <c>libcrypto</c> that hashing takes.</summary>
    private sealed class Library
    {
        private readonly delegate* unmanaged<nint> _new;
        private readonly delegate* unmanaged<nint, void> _free;
        private readonly delegate* unmanaged[SuppressGCTransition]<nint, nint, nint, int> _start;
        private readonly delegate* unmanaged[SuppressGCTransition]<nint, byte*, nuint, int> _update;
        private readonly delegate* unmanaged[SuppressGCTransition]<nint, byte*, uint*, int> _finish;
        private readonly nint _algorithm;

        private Library(nint crypto)
        {
            _new = (delegate* unmanaged<nint>)NativeLibrary.GetExport(crypto, "EVP_MD_CTX_new");
            _free = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(crypto, "EVP_MD_CTX_free");
            _start = (delegate* unmanaged[SuppressGCTransition]<nint, nint, nint, int>)
                NativeLibrary.GetExport(crypto, "EVP_DigestInit_ex");
            _update = (delegate* unmanaged[SuppressGCTransition]<nint, byte*, nuint, int>)
                NativeLibrary.GetExport(crypto, "EVP_DigestUpdate");
            _finish = (delegate* unmanaged[SuppressGCTransition]<nint, byte*, uint*, int>)
                NativeLibrary.GetExport(crypto, "EVP_DigestFinal_ex");
            var fetch = (delegate* unmanaged<nint, byte*, byte*, nint>)
                NativeLibrary.GetExport(crypto, "EVP_MD_fetch");
            fixed (byte* name = "SHA256\0"u8)
                _algorithm = fetch(0, name, null);
        }

        /// <summary>Null where there is no such library here, or it does not hash as .NET does.</summary>
        public static Library? Open()
        {
            // .NET is what reads OpenSSL's configuration.
            Span<byte> expected = stackalloc byte[Sha256.Size];
            SHA256.HashData("abc"u8, expected);
            if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libcrypto.so.3", out var crypto))
                return null;
            try
            {
                var library = new Library(crypto);
                if (library._algorithm == 0)
                    return null;
                var state = library.NewState();
                Span<byte> hash = stackalloc byte[Sha256.Size];
                library.Hash(state, "abc"u8, hash);
                library.FreeState(state);
                return hash.SequenceEqual(expected) ? library : null;
            }
            catch (Exception error) when (error is EntryPointNotFoundException or CryptographicException)
            {
                return null;
            }
        }

        public nint NewState() =>
            _new() is not 0 and var state ? state : throw new CryptographicException("OpenSSL makes no hash state.");

        public void FreeState(nint state) => _free(state);

        public void Hash(nint state, ReadOnlySpan<byte> input, Span<byte> hash)
        {
            fixed (byte* from = input)
            fixed (byte* to = hash)
                if (_start(state, _algorithm, 0) != 1 || _update(state, from, (nuint)input.Length) != 1
                    || _finish(state, to, null) != 1)
                    throw new CryptographicException("OpenSSL does not hash.");
        }
    }
}
