namespace Ledger.Tidy.Tests;

public sealed class ScannerTests
{
    [Theory]
    [InlineData("a(); // catch { }", "a();             ")]
    [InlineData("a(/* { */);", "a(       );")]
    [InlineData("""x = "a { \" b"; y()""", """x = "        "; y()""")]
    [InlineData("""x = $"a {(b ? "c" : "}")} d"; y()""", """x = $                      "; y()""")]
    [InlineData("""x = @"a "" b"; y()""", """x = @       "; y()""")]
    [InlineData("x = '\"'; y()", "x = ' '; y()")]
    public void Blanks_comments_and_texts_and_nothing_else(string text, string code) => Scanner.Blank(text).ShouldBe(code);

    [Fact]
    public void Finds_each_function_and_its_length()
    {
        const string Text = """
            namespace N;
            [Attribute("x")]
            public sealed record R(int A, string B) : Base(A)
            {
                private static readonly int[] List =
                [
                    1,
                ];
                public int Field { get; init; } = F(1);
                /// <summary>Not counted.</summary>
                public static int One(int a) => a switch
                {
                    1 => 2,
                    _ => 3,
                };
                private void Two<T>()
                {
                    if (true) { }
                    var s = $"{{ {1} }}";
                }
            }
            public enum E { A, B }
            """;
        new Source("x.cs", Text).Functions().ShouldBe([("One", 11, 5), ("Two", 16, 5)]);
    }
}
