using System.Diagnostics;
using System.Runtime.InteropServices;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg.Codec;

// Small files that ask for much work or memory: 100 KB, at most two seconds.
public sealed class JpegBombTests
{
    const int Size = 100_000;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    // One code, the bit 0, symbol 0: a DC difference of 0, or the end of a block.
    static readonly byte[] OneCode = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [Theory]
    [InlineData(0xC0, 65500, 65500, ImageErrorCode.TooLarge)]
    [InlineData(0xC2, 65500, 65500, ImageErrorCode.TooLarge)]
    [InlineData(0xC0, 31000, 31000, ImageErrorCode.Truncated)]
    [InlineData(0xC2, 31000, 31000, ImageErrorCode.Truncated)]
    public void A_tiny_file_of_huge_size_is_refused_before_anything_is_allocated(byte sof, int width, int height, ImageErrorCode expected)
    {
        byte[] file = [.. Head(sof, width, height), .. Scan(0, sof == 0xC2 ? 0 : 63, 0, 0), 0, 0, 0, 0, 0xFF, 0xD9];
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ImageFormatException>(() => JpegDecoder.Decode(file, "bomb"));
        Assert.Equal(expected, error.Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void The_limit_is_the_callers()
    {
        byte[] file = GoldenJpeg.All["no-jfif"].File;
        Assert.Throws<ImageFormatException>(() => JpegDecoder.Decode(file, "test", new ImageReadOptions { MaxPixels = 37 * 30 - 1 }));
        JpegDecoder.Decode(file, "test", new ImageReadOptions { MaxPixels = 37 * 30 });
    }

    // Two bits a block.
    [Fact]
    public void The_largest_sequential_picture_of_100_KB_is_decoded_in_time()
    {
        byte[] data = new byte[Size];
        ImageBuffer picture = InTime([.. Head(0xC0, 5056, 5056), .. Scan(0, 63, 0, 0), .. data, 0xFF, 0xD9]);
        Assert.Equal(-1, picture.Pixels.AsSpan().IndexOfAnyExcept((byte)128));
    }

    // One bit a block for DC; then scans of a few end-of-band runs over all blocks, each a few bytes.
    [Fact]
    public void The_most_progressive_scans_over_the_most_blocks_are_decoded_in_time() =>
        InTime(ManyScans(across: 760, down: 760, scans: 1 + 35 * 14)); // 577 600 blocks, 72 KB

    [Fact]
    public void More_scans_than_any_encoder_writes_are_refused()
    {
        var error = Assert.Throws<ImageFormatException>(() => JpegDecoder.Decode(ManyScans(2, 2, 501), "bomb"));
        Assert.Equal(ImageErrorCode.Unsupported, error.Code);
        Assert.Contains("500 scans", error.Reason);
    }

    static byte[] ManyScans(int across, int down, int scans)
    {
        List<byte> file = [.. Head(0xC2, across * 8, down * 8), .. Scan(0, 0, 0, 0), .. new byte[(across * down + 7) / 8]];
        // AC table: the bit 0 is EOB14, a run of 16384 and 14 more bits.
        file.AddRange(Segment(0xC4, [0x10, .. OneCode[..16], 0xE0]));
        byte[] runs = EndOfBandRuns(across * down);
        // Refinement is the costlier kind: few coefficients, all their bits.
        for (int i = 0; i < scans - 1; i++)
        {
            int k = 1 + i / 14, low = 13 - i % 14;
            file.AddRange([.. Scan(k, k, low == 13 ? 0 : low + 1, low), .. runs]);
        }
        // Coefficients above 9 that no scan mentions are zeros.
        return [.. file, 0xFF, 0xD9];
    }

    // Tables over tables.
    [Fact]
    public void The_most_Huffman_tables_in_100_KB_are_read_in_time()
    {
        List<byte> file = [.. Head(0xC0, 8, 8)];
        while (file.Count < Size)
            file.AddRange(Segment(0xC4, [0, .. OneCode]));
        file.AddRange([.. Scan(0, 63, 0, 0), 0x3F, 0xFF, 0xD9]);
        InTime([.. file]);
    }

    static ImageBuffer InTime(byte[] file)
    {
        Assert.InRange(file.Length, 0, Size * 103 / 100);
        TimeSpan start = ThreadTime();
        ImageBuffer picture = JpegDecoder.Decode(file, "bomb");
        TimeSpan taken = ThreadTime() - start;
        Assert.True(taken < Limit, $"{file.Length} bytes took {taken}");
        return picture;
    }

    // The thread's own time where the system tells it (a test machine does other work too), else the clock's.
    static TimeSpan ThreadTime()
    {
        if (!OperatingSystem.IsLinux() || GetTime(ThreadClock, out Timespec time) != 0)
            return Stopwatch.GetElapsedTime(0);
        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000);
    }

    const int ThreadClock = 3;

    [DllImport("libc", EntryPoint = "clock_gettime")]
    static extern int GetTime(int clock, out Timespec time);

    struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    static byte[] EndOfBandRuns(int blocks)
    {
        var bits = new List<bool>();
        while (blocks > 0)
        {
            int run = Math.Min(blocks, 32767);
            int more = Math.Max(run - 16384, 0); // a run past the last block does no harm
            bits.Add(false);
            for (int bit = 13; bit >= 0; bit--)
                bits.Add((more >> bit & 1) != 0);
            blocks -= run;
        }
        var bytes = new List<byte>();
        for (int i = 0; i < bits.Count; i += 8)
        {
            int value = 0;
            for (int bit = 0; bit < 8; bit++)
                value = value << 1 | (i + bit >= bits.Count || bits[i + bit] ? 1 : 0);
            bytes.Add((byte)value);
            if (value == 0xFF)
                bytes.Add(0);
        }
        return [.. bytes];
    }

    // Gray, quantization steps of 1, tables 0 of one code each.
    static byte[] Head(byte sof, int width, int height) =>
    [
        0xFF, 0xD8,
        .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]),
        .. Segment(sof, [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0]),
        .. Segment(0xC4, [0, .. OneCode]),
        .. Segment(0xC4, [0x10, .. OneCode]),
    ];

    static byte[] Scan(int first, int last, int high, int low) =>
        Segment(0xDA, [1, 1, 0, (byte)first, (byte)last, (byte)(high << 4 | low)]);

    static byte[] Segment(byte marker, byte[] payload) =>
        [0xFF, marker, (byte)(payload.Length + 2 >> 8), (byte)(payload.Length + 2), .. payload];
}
