using System.Security.Cryptography;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Tests.Images;

/// <summary>One line of tests/golden/images/expected.tsv; make_image_golden.py, which wrote it, says what it means.</summary>
sealed record ImageGolden(string Name, string Size, string FormatOrCode, string HashOrWords)
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "golden", "images");

    public static IReadOnlyList<ImageGolden> All { get; } =
    [
        .. File.ReadLines(Path.Combine(Folder, "expected.tsv")).Select(line => line.Split('\t'))
            .Select(f => new ImageGolden(f[0], f[1], f[2], f[3])),
    ];

    public bool IsRefused => Size == "refused";

    public byte[] Bytes => File.ReadAllBytes(Path.Combine(Folder, Name));

    public static string Hash(ImageBuffer image) => Convert.ToHexStringLower(SHA256.HashData(image.Pixels))[..16];
}
