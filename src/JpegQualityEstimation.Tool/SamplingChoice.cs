using System.CommandLine;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool;

// --subsampling: 420, 422, 440, 444 or gray, of every compression.
static class SamplingChoice
{
    static readonly Dictionary<string, ChromaSubsampling> Samplings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["420"] = ChromaSubsampling.Samp420,
        ["422"] = ChromaSubsampling.Samp422,
        ["440"] = ChromaSubsampling.Samp440,
        ["444"] = ChromaSubsampling.Samp444,
        ["gray"] = ChromaSubsampling.Gray,
    };

    public static Option<string> Option() => new("--subsampling")
    {
        Description = "Chroma sampling of every compression: 420, 422, 440, 444 or gray.",
        HelpName = "S",
        DefaultValueFactory = _ => "420",
    };

    public static ChromaSubsampling Of(string text) =>
        Samplings.TryGetValue(text, out ChromaSubsampling sampling)
            ? sampling
            : throw new UsageException($"--subsampling {text}: not 420, 422, 440, 444 or gray");
}
