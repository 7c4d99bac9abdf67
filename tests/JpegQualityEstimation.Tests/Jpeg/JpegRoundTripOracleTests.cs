using System.Diagnostics;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Tests.Jpeg.Codec;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg;

// The larger comparison with libjpeg-turbo: random sizes, qualities, samplings and tables against cjpeg | djpeg and
// against OpenCV's imencode + imdecode, wherever those are installed. Skipped, with the reason, where they are not.
public sealed class JpegRoundTripOracleTests
{
    const string Python = "/usr/bin/python3";

    // Each case: width, height, quality and channels as 32-bit integers, then the pixels in BGR; the answer is pixels.
    const string Script = """
        import sys, struct, cv2, numpy as np
        while True:
            head = sys.stdin.buffer.read(16)
            if len(head) < 16:
                break
            w, h, q, c = struct.unpack('<4i', head)
            p = np.frombuffer(sys.stdin.buffer.read(w * h * c), np.uint8).reshape((h, w, c) if c == 3 else (h, w))
            j = cv2.imencode('.jpg', p, [cv2.IMWRITE_JPEG_QUALITY, q])[1]
            sys.stdout.buffer.write(cv2.imdecode(j, cv2.IMREAD_COLOR if c == 3 else cv2.IMREAD_GRAYSCALE).tobytes())
            sys.stdout.buffer.flush()
        """;

    [SkippableTheory]
    [InlineData(ChromaSubsampling.Samp444, "1x1")]
    [InlineData(ChromaSubsampling.Samp422, "2x1")]
    [InlineData(ChromaSubsampling.Samp420, "2x2")]
    [InlineData(ChromaSubsampling.Samp440, "1x2")]
    [InlineData(ChromaSubsampling.Gray, "1x1")]
    public void EqualsCjpegAndDjpeg(ChromaSubsampling sampling, string factors)
    {
        JpegTools.SkipWithout("cjpeg", "djpeg");
        var random = new Random(1234 + (int)sampling);
        string tables = Path.GetTempFileName();
        try
        {
            for (int trial = 0; trial < 60; trial++)
            {
                int width = trial % 5 == 0 ? random.Next(1, 12) : random.Next(1, 260);
                int height = trial % 7 == 0 ? random.Next(1, 12) : random.Next(1, 130);
                ImageBuffer picture = GoldenPicture.Create(width, height, PixelFormat.Rgb24, random.Next());
                int quality = random.Next(1, 101);
                List<string> arguments = ["-dct", "int", "-sample", factors, "-quality", $"{quality}"];
                JpegCompression compression = JpegCompression.FromQuality(quality, sampling);
                if (sampling == ChromaSubsampling.Gray)
                    arguments.Add("-grayscale");
                if (trial % 3 == 0)
                {
                    compression = GoldenPicture.Tables(trial, sampling);
                    File.WriteAllText(tables, $"{compression.Luminance}\n\n{compression.Chrominance}\n");
                    arguments.AddRange(["-qtables", tables, "-qslots", "0,1"]);
                    arguments[arguments.IndexOf("-quality") + 1] = "50";
                }
                else
                    arguments.Add("-baseline");
                ImageBuffer expected = JpegTools.Decompress(JpegTools.Compress(picture.View, [.. arguments]));
                var actual = new ImageBuffer(width, height, expected.Format);
                new JpegRoundTrip().Apply(picture.View, actual.Target, compression);
                Assert.True(
                    expected.Pixels.AsSpan().SequenceEqual(actual.Pixels), $"{width}x{height}, {string.Join(' ', arguments)}, trial {trial}");
            }
        }
        finally
        {
            File.Delete(tables);
        }
    }

    [SkippableFact]
    public void EqualsOpenCv()
    {
        Skip.IfNot(File.Exists(Python) && Succeeds("import cv2"), "no Python with cv2 (python3-opencv) in /usr/bin");
        using Process process = Process.Start(new ProcessStartInfo(Python, ["-c", Script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Stream input = process.StandardInput.BaseStream, output = process.StandardOutput.BaseStream;
        var random = new Random(77);
        for (int trial = 0; trial < 200; trial++)
        {
            int width = random.Next(1, 150), height = random.Next(1, 100), quality = 1 + trial % 100;
            PixelFormat format = trial % 4 == 3 ? PixelFormat.Gray8 : PixelFormat.Bgr24;
            ImageBuffer picture = GoldenPicture.Create(width, height, format, random.Next());
            foreach (int number in (int[])[width, height, quality, format.BytesPerPixel()])
                input.Write(BitConverter.GetBytes(number));
            input.Write(picture.Pixels);
            input.Flush();
            var expected = new byte[picture.Pixels.Length];
            output.ReadExactly(expected);
            byte[] actual = JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(quality)).Pixels;
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"{width}x{height} {format} at quality {quality}");
        }
        input.Close();
        Assert.True(process.WaitForExit(10_000));
    }

    static bool Succeeds(string code)
    {
        using Process process = Process.Start(new ProcessStartInfo(Python, ["-c", code]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
