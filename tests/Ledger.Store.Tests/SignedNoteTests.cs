using System.Security.Cryptography;

namespace Ledger.Store.Tests;

public sealed class SignedNoteTests
{
    private readonly RootSigner _signer = new("ledger.example/1", ECDsa.Create(ECCurve.NamedCurves.nistP256));

    [Fact]
    public void Reads_what_it_wrote_byte_by_byte()
    {
        var note = Note(7);

        note.ToString().ShouldStartWith("ledger.example/1\n7\n");
        note.ToString().ShouldContain("=\n\n— ledger.example/1 ");
        var read = SignedNote.Parse(note.ToString());
        read.ToString().ShouldBe(note.ToString());
        read.Checkpoint.ShouldBe(note.Checkpoint);
        read.IsSignedBy(new RootKey(_signer.PublicKey)).ShouldBeTrue();
    }

    [Fact]
    public void Holds_a_signature_of_other_words_for_nothing()
    {
        using var key = new RootKey(_signer.PublicKey);
        var text = Note(7).ToString();

        SignedNote.Parse(text.Replace("\n7\n", "\n8\n")).IsSignedBy(key).ShouldBeFalse();
        SignedNote.Parse(text.Replace("ledger.example/1\n7", "ledger.example/2\n7")).IsSignedBy(key).ShouldBeFalse();
        SignedNote.Parse(text.Replace("— ledger.example/1", "— ledger.example/2")).IsSignedBy(key).ShouldBeFalse();
        SignedNote.Parse(text.Replace("\n\n—", "\nanother line\n\n—")).IsSignedBy(key).ShouldBeFalse();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SignedNote.Parse(text).IsSignedBy(new RootKey(other.ExportSubjectPublicKeyInfo())).ShouldBeFalse();
    }

    [Fact]
    public void Takes_signatures_of_others_beside_the_logs_own()
    {
        using var witness = new RootSigner("witness.example", ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var text = Note(7) + $"— witness.example {Convert.ToBase64String(witness.Sign(7, new byte[32]))}\n";

        var read = SignedNote.Parse(text);

        read.Signatures.Count.ShouldBe(2);
        read.IsSignedBy(new RootKey(_signer.PublicKey)).ShouldBeTrue();
        read.ToString().ShouldBe(text);
    }

    [Fact]
    public void Reads_a_file_of_many_however_they_are_parted()
    {
        SignedNote.ParseAll($"{Note(1)}\n{Note(2)}{Note(3)}\n\n").Select(note => note.Checkpoint.Size)
            .ShouldBe([1, 2, 3]);
        SignedNote.ParseAll("").ShouldBeEmpty();
        SignedNote.ParseAll(Note(4).ToString().Replace("\n", "\r\n")).ShouldHaveSingleItem()
            .Checkpoint.Size.ShouldBe(4);
        Should.Throw<FormatException>(() => SignedNote.ParseAll($"{Note(1)}\nsomething else\n"));
    }

    [Fact]
    public void Passes_over_no_root_of_a_file_where_one_before_it_lost_its_signature()
    {
        var unsigned = Note(2).Checkpoint.Text + "\n";

        Should.Throw<FormatException>(() => SignedNote.ParseAll($"{Note(1)}\n{unsigned}\n{Note(3)}"));
        Should.Throw<FormatException>(() => SignedNote.ParseAll(unsigned + Note(3)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\n1\n")]
    [InlineData("a\n1\n\n")]
    [InlineData("a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— a AAAAAAA=\n")]
    [InlineData("a\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— a AAAAAAA=\n")]
    [InlineData("a\n1\nAAAA\n\n— a AAAAAAA=\n")]
    [InlineData("a\n1\n!\n\n— a AAAAAAA=\n")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n- a AAAAAAA=\n")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— a AAAA\n")]
    [InlineData("a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— a AAAAAAA=")]
    public void Refuses_what_is_no_note(string text) => Should.Throw<FormatException>(() => SignedNote.Parse(text));

    [Fact]
    public void A_key_is_read_in_every_form_it_is_passed_on_in()
    {
        using var key = new RootKey(_signer.PublicKey);
        foreach (var form in new[]
        {
            key.ToPem(), Convert.ToBase64String(key.PublicKey.Span), key.VerifierOf("ledger.example/1"),
        })
            RootKey.Parse($" {form}\n").PublicKey.ToArray().ShouldBe(key.PublicKey.ToArray());
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Should.Throw<FormatException>(() => new RootKey(large.ExportSubjectPublicKeyInfo()));
        Should.Throw<FormatException>(() => RootKey.Parse(large.ExportECPrivateKeyPem()));
        Should.Throw<FormatException>(() => RootKey.Parse("nothing"));
    }

    private SignedNote Note(long size)
    {
        var root = SHA256.HashData([(byte)size]);
        return SignedNote.Of(new("ledger.example/1", size, root), _signer.Sign(size, root));
    }
}
