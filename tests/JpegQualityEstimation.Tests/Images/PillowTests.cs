using JpegQualityEstimation.Images;
using Xunit;

namespace JpegQualityEstimation.Tests.Images;

// Random pictures written by Pillow and OpenCV and read by us, and the other way round. Runs where they are installed.
public sealed class PillowTests : IDisposable
{
    const string Writer = """
        import sys, hashlib, numpy as np, cv2
        from PIL import Image
        folder, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        rng = np.random.default_rng(seed)
        for i in range(count):
            w, h = (int(v) for v in rng.integers(1, 180, 2))
            y, x = np.mgrid[0:h, 0:w]
            base = np.stack([127 + 90 * np.sin(x * rng.uniform(0, 0.3) + c) * np.cos(y * rng.uniform(0, 0.3)) for c in range(4)], -1)
            deep = np.clip(base * 257 + rng.normal(0, rng.choice([0, 300, 6000]), base.shape), 0, 65535).astype(np.uint16)
            pixels = (deep >> 8).astype(np.uint8)
            kind = str(rng.choice(["png", "bmp", "ppm", "tif", "png16", "tif16", "ppm16"]))
            gray = bool(rng.integers(2))
            if kind.endswith("16"):
                path = f"{folder}/{i}.{'pgm' if kind == 'ppm16' and gray else kind[:3]}"
                part = np.ascontiguousarray(deep[..., 0] if gray else deep[..., :3])
                cv2.imwrite(path, part if gray else np.ascontiguousarray(part[..., ::-1]))
                expected = ((part.astype(np.int64) * 255 + 32767) // 65535).astype(np.uint8)
            else:
                path = f"{folder}/{i}.{kind}"
                modes = {"png": ["L", "RGB", "RGBA", "P", "1", "LA"], "bmp": ["RGB", "P", "1"], "ppm": ["L", "RGB", "1"], "tif": ["L", "RGB", "RGBA", "P", "1"]}[kind]
                mode = str(rng.choice(modes))
                image = Image.fromarray(pixels, "RGBA")
                image = image if mode == "RGBA" else image.convert("LA") if mode == "LA" else image.convert("RGB").convert(mode)
                if kind == "tif":
                    choices = [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"]
                    image.save(path, compression=choices[int(rng.integers(4))])
                else:
                    image.save(path)
                gray = mode in ("L", "1", "LA") and kind != "bmp"
                values = np.asarray(image if mode in ("L", "RGB", "RGBA", "LA") else image.convert("L" if gray else "RGB"))
                expected = values[..., 0] if mode == "LA" else values[..., :3] if mode == "RGBA" else values
            expected = np.ascontiguousarray(expected)
            print(f"{path}\t{w}x{h}\t{'gray8' if expected.ndim == 2 else 'rgb24'}\t{hashlib.sha256(expected.tobytes()).hexdigest()[:16]}")
        """;

    const string Reader = """
        import sys, hashlib
        from PIL import Image
        for path in sys.argv[1:]:
            image = Image.open(path)
            print(image.mode, hashlib.sha256(image.tobytes()).hexdigest()[:16])
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("jqe").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WhatTheyWriteIsReadToTheByte(int seed)
    {
        string[] lines = PillowScript.Require(Writer, _folder, $"{seed}", "100").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(100, lines.Length);
        foreach (string[] fields in lines.Select(line => line.Split('\t')))
        {
            ImageBuffer image = ImageFile.Read(fields[0]);
            Assert.Equal((fields[0], fields[1], fields[2], fields[3]),
                (fields[0], $"{image.Width}x{image.Height}", image.Format.ToString().ToLowerInvariant(), ImageGolden.Hash(image)));
        }
    }

    [SkippableFact]
    public void WhatWeWriteIsReadToTheByte()
    {
        List<string> paths = [];
        List<string> expected = [];
        foreach (SyntheticContent content in Enum.GetValues<SyntheticContent>())
            foreach ((int width, int height) in new[] { (1, 1), (203, 77), (640, 33) })
            {
                ImageBuffer image = SyntheticPicture.Create(width, height, 5, content);
                paths.Add(Path.Combine(_folder, $"{content}-{width}.png"));
                OutputFile.Write(paths[^1], s => PngWriter.Write(s, image.View));
                expected.Add($"RGB {ImageGolden.Hash(image)}");
            }
        Assert.Equal(expected, PillowScript.Require(Reader, [.. paths]).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
