using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg.Codec;

// Damaged files: a picture or an ImageFormatException that tells file, offset and reason; nothing else, soon, and
// without memory that the file does not pay for.
public sealed class HostileJpegTests
{
    static readonly ImageReadOptions Limits = new() { MaxPixels = 1 << 22 };

    // Small ones: every truncation point of every file is tried.
    public static TheoryData<string> Files =>
        [.. GoldenJpeg.All.Values.Where(f => f.File.Length < 1400).Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_cut_anywhere_is_refused_or_whole(string name)
    {
        GoldenJpeg golden = GoldenJpeg.All[name];
        byte[] whole = JpegDecoder.Decode(golden.File, name).Pixels;
        for (int length = 0; length < golden.File.Length; length++)
        {
            try
            {
                // Where only EOI and what follows it is gone, the picture is there.
                Assert.Equal(whole, JpegDecoder.Decode(golden.File.AsSpan(0, length), name).Pixels);
            }
            catch (ImageFormatException error)
            {
                Assert.True(error.Code == ImageErrorCode.Truncated, $"cut at {length}: {error.Message}");
                CheckError(error, name, length);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_mutated_file_is_refused_or_decoded(string name)
    {
        byte[] file = GoldenJpeg.All[name].File;
        var random = new Random(name.Length * 7919 + file.Length);
        for (int i = 0; i < 250; i++)
        {
            byte[] mutant = Mutate(file, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                JpegDecoder.Decode(mutant, name, Limits);
            }
            catch (ImageFormatException error)
            {
                CheckError(error, name, mutant.Length);
            }
            // Tables, bands of the widest picture, and what JpegFileReader.CheckLength lets through.
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < (30 << 20) + 4000L * mutant.Length, $"{allocated} bytes for a file of {mutant.Length}");
            try
            {
                JpegHeader.Read(mutant, name);
            }
            catch (ImageFormatException error)
            {
                CheckError(error, name, mutant.Length);
            }
        }
    }

    static void CheckError(ImageFormatException error, string name, int length)
    {
        Assert.Equal(name, error.File);
        Assert.InRange(error.Offset, -1, length);
        Assert.NotEmpty(error.Reason);
    }

    static byte[] Mutate(byte[] file, Random random)
    {
        List<byte> mutant = [.. file];
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            int at = random.Next(mutant.Count);
            switch (random.Next(7))
            {
                case 0:
                    mutant[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 2:
                    mutant[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)0;
                    break;
                case 3:
                    mutant.RemoveRange(at, Math.Min(random.Next(1, 20), mutant.Count - at));
                    break;
                case 4:
                    mutant.InsertRange(at, mutant.Skip(random.Next(mutant.Count)).Take(random.Next(1, 40)).ToArray());
                    break;
                case 5:
                    // A marker somewhere.
                    mutant[at] = 0xFF;
                    mutant[Math.Min(at + 1, mutant.Count - 1)] = (byte)random.Next(0xC0, 0xFF);
                    break;
                default:
                    // Any number right behind a marker: lengths, sizes, factors, table numbers.
                    int marker = mutant.FindIndex(at, b => b == 0xFF);
                    if (marker >= 0)
                        mutant[Math.Min(marker + random.Next(2, 14), mutant.Count - 1)] = (byte)random.Next(256);
                    break;
            }
            if (mutant.Count == 0)
                return [];
        }
        return [.. mutant];
    }
}
