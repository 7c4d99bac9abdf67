using System.Security.Cryptography;
using System.Text;

namespace JpegQualityEstimation.Tool.Report;

// The style sheet and the script that stand in every page. The page's content policy allows this very script and nothing else.
static class PageParts
{
    public static string Style { get; } = Read("page.css");

    public static string Script { get; } = Read("page.js");

    public static string ScriptHash { get; } = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)));

    static string Read(string name)
    {
        using Stream stream = typeof(PageParts).Assembly.GetManifestResourceStream($"jqe.Report.{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // Line ends as a browser sees them, which is what the hash is of.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
