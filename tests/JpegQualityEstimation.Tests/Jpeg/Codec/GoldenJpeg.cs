namespace JpegQualityEstimation.Tests.Jpeg.Codec;

/// <summary>One line of tests/golden/jpeg_decode.txt: a small file, and the hash of djpeg's samples.</summary>
sealed record GoldenJpeg(string Name, int Width, int Height, int Channels, string Hash, byte[] File)
{
    public static IReadOnlyDictionary<string, GoldenJpeg> All { get; } =
        System.IO.File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "golden", "jpeg_decode.txt"))
            .Select(Parse)
            .ToDictionary(golden => golden.Name);

    static GoldenJpeg Parse(string line)
    {
        string[] words = line.Split(' ');
        return new GoldenJpeg(
            words[0], int.Parse(words[1]), int.Parse(words[2]), int.Parse(words[3]), words[4], Convert.FromBase64String(words[5]));
    }
}
