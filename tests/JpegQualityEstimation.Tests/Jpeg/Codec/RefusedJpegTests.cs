using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg.Codec;

// What is refused, under which code and name; and the harmless faults that are not.
public sealed class RefusedJpegTests
{
    static byte[] Base => [.. GoldenJpeg.All["no-jfif"].File];

    [Theory]
    [InlineData(0xC3, "lossless")]
    [InlineData(0xC5, "hierarchical")]
    [InlineData(0xC7, "hierarchical")]
    [InlineData(0xC8, "JPG")]
    [InlineData(0xC9, "arithmetic")]
    [InlineData(0xCA, "arithmetic")]
    [InlineData(0xCB, "arithmetic")]
    [InlineData(0xCC, "arithmetic")]
    [InlineData(0xCF, "hierarchical")]
    [InlineData(0xDC, "DNL")]
    [InlineData(0xDE, "hierarchical")]
    [InlineData(0xF7, "reserved marker FFF7")]
    [InlineData(0x02, "reserved marker FF02")]
    public void Kinds_that_are_not_read_are_named(byte marker, string reason)
    {
        byte[] file = Base;
        file[Find(file, JpegMarker.Sof0) + 1] = marker;
        Expect(ImageErrorCode.Unsupported, reason, file);
    }

    // Behind SOF: length(2) precision height(2) width(2) count id sampling table ...
    [Theory]
    [InlineData(2, 12, ImageErrorCode.Unsupported, "12-bit")]
    [InlineData(4, 0, ImageErrorCode.Unsupported, "DNL")]
    [InlineData(6, 0, ImageErrorCode.Corrupt, "width 0")]
    [InlineData(7, 2, ImageErrorCode.Unsupported, "2 components")]
    [InlineData(7, 0, ImageErrorCode.Unsupported, "0 components")]
    [InlineData(7, 1, ImageErrorCode.Corrupt, "too many")]
    [InlineData(9, 0x51, ImageErrorCode.Corrupt, "sampling factors 5x1")]
    [InlineData(9, 0x01, ImageErrorCode.Corrupt, "sampling factors 0x1")]
    [InlineData(9, 0x44, ImageErrorCode.Corrupt, "18 blocks")]
    [InlineData(10, 4, ImageErrorCode.Corrupt, "quantization table 4")]
    [InlineData(10, 3, ImageErrorCode.Corrupt, "quantization table 3 is not defined")]
    [InlineData(11, 9, ImageErrorCode.Corrupt, "component 2")]
    [InlineData(12, 0x31, ImageErrorCode.Unsupported, "ratio")]
    public void Frames_that_make_no_sense_are_refused(int offset, byte value, ImageErrorCode code, string reason)
    {
        byte[] file = Base;
        file[Find(file, JpegMarker.Sof0) + 2 + offset] = value;
        Expect(code, reason, file);
    }

    // Behind SOS: length(2) count id tables ...
    [Theory]
    [InlineData(2, 4, "4 components")]
    [InlineData(3, 9, "component 9")]
    [InlineData(5, 1, "component 1")]
    [InlineData(4, 0x50, "Huffman tables 5 and 0")]
    [InlineData(4, 0x03, "AC 3 is not defined")]
    public void Scans_that_make_no_sense_are_refused(int offset, byte value, string reason)
    {
        byte[] file = Base;
        file[Find(file, JpegMarker.Sos) + 2 + offset] = value;
        Expect(ImageErrorCode.Corrupt, reason, file);
    }

    [Fact]
    public void Tables_that_make_no_sense_are_refused()
    {
        byte[] file = Base;
        file[Find(file, JpegMarker.Dqt) + 10] = 0;
        Expect(ImageErrorCode.Corrupt, "step of 0", file);
        file = Base;
        file[Find(file, JpegMarker.Dqt) + 4] = 0x20;
        Expect(ImageErrorCode.Corrupt, "precision 2", file);
        file = Base;
        file[Find(file, JpegMarker.Dht) + 5] = 200;
        Expect(ImageErrorCode.Corrupt, "too short", file);
        file = Base;
        file[Find(file, JpegMarker.Dht) + 5] = 2;
        file[Find(file, JpegMarker.Dht) + 7]--;
        file[Find(file, JpegMarker.Dht) + 8]--;
        Expect(ImageErrorCode.Corrupt, "prefix code", file);
    }

    [Fact]
    public void Repeated_and_misplaced_markers_are_refused()
    {
        byte[] file = Base;
        Expect(ImageErrorCode.Corrupt, "second SOI", [.. file[..2], .. file]);
        int sof = Find(file, JpegMarker.Sof0), sos = Find(file, JpegMarker.Sos);
        Expect(ImageErrorCode.Corrupt, "second SOF", [.. file[..sof], .. file[sof..(sof + 19)], .. file[sof..]]);
        Expect(ImageErrorCode.Corrupt, "before the frame", [.. file[..2], .. file[sos..]]);
        Expect(ImageErrorCode.Truncated, "first scan", [.. file[..sos], 0xFF, JpegMarker.Eoi]);
        Expect(ImageErrorCode.UnknownFormat, "SOI", [0xFF, 0xE0, 0, 2]);
    }

    [Fact]
    public void Restart_markers_must_be_where_they_belong()
    {
        byte[] whole = GoldenJpeg.All["restart-1B-baseline"].File;
        int first = Find(whole, JpegMarker.Rst0), second = Find(whole, JpegMarker.Rst0 + 1);
        byte[] file = [.. whole];
        file[first + 1]++;
        Expect(ImageErrorCode.Corrupt, "RST0", file);
        Expect(ImageErrorCode.Corrupt, "RST0", [.. whole[..first], .. whole[second..]]); // an interval lost
        Expect(ImageErrorCode.Corrupt, "RST1", [.. whole[..second], .. whole[first..]]); // an interval doubled
        Expect(ImageErrorCode.Corrupt, "RST0", [.. whole[..first], 0x12, .. whole[first..]]); // a byte too many
        Expect(ImageErrorCode.Corrupt, "inside the entropy-coded data", [.. whole[..(first - 4)], 0xFF, 0xE0, .. whole[first..]]);
        // Fill bytes before a marker are part of the format.
        Assert.Equal(JpegDecoder.Decode(whole, "whole").Pixels,
            JpegDecoder.Decode([.. whole[..first], 0xFF, 0xFF, .. whole[first..]], "filled").Pixels);
    }

    [Fact]
    public void Progressive_scans_must_be_complete_and_in_order()
    {
        byte[] file = GoldenJpeg.All["jpegtran-progressive"].File;
        int last = file.AsSpan().LastIndexOf([(byte)0xFF, JpegMarker.Sos]);
        Expect(ImageErrorCode.Truncated, "all bits", [.. file[..last], 0xFF, JpegMarker.Eoi]);
        file = [.. file];
        file[last + 9] = 0x31; // bits 3 to 1
        Expect(ImageErrorCode.Corrupt, "progressive scan of coefficients", file);
        file = [.. GoldenJpeg.All["spectral-1x1"].File];
        int first = Find(file, JpegMarker.Sos);
        int next = file.AsSpan(first + 2).IndexOf([(byte)0xFF, JpegMarker.Sos]) + first + 2;
        file[next + 7] = file[next + 8] = 0; // DC again
        Expect(ImageErrorCode.Corrupt, "does not continue", file);
    }

    [Fact]
    public void A_component_without_a_scan_or_with_two_is_refused()
    {
        byte[] file = GoldenJpeg.All["planes-1x1"].File;
        int last = file.AsSpan().LastIndexOf([(byte)0xFF, JpegMarker.Sos]);
        Expect(ImageErrorCode.Truncated, "component 3", [.. file[..last], 0xFF, JpegMarker.Eoi]);
        file = [.. file];
        file[last + 5] = 1;
        Expect(ImageErrorCode.Corrupt, "does not continue", file);
    }

    [Fact]
    public void Entropy_coded_data_that_makes_no_sense_is_refused()
    {
        byte[] file = Base;
        int data = Find(file, JpegMarker.Sos) + 14;
        byte[] ones = [.. file[..data], .. Enumerable.Repeat((byte[])[0xFF, 0], 400).SelectMany(b => b), 0xFF, JpegMarker.Eoi];
        Expect(ImageErrorCode.Corrupt, "no Huffman code", ones);
    }

    [Fact]
    public void A_missing_end_marker_does_no_harm()
    {
        foreach (GoldenJpeg golden in GoldenJpeg.All.Values.Where(g => g.File[^1] == JpegMarker.Eoi))
            Assert.Equal(JpegDecoder.Decode(golden.File, "whole").Pixels,
                JpegDecoder.Decode(golden.File.AsSpan(0, golden.File.Length - 2), "cut").Pixels);
    }

    [Fact]
    public void Errors_carry_the_callers_name()
    {
        var error = Assert.Throws<ImageFormatException>(() => JpegDecoder.Decode([], "folder/name.jpg"));
        Assert.Equal("folder/name.jpg", error.File);
        Assert.StartsWith("folder/name.jpg: at byte 0: ", error.Message);
    }

    static int Find(byte[] file, int marker) => file.AsSpan().IndexOf([(byte)0xFF, (byte)marker]);

    static void Expect(ImageErrorCode code, string reason, byte[] file)
    {
        var error = Assert.Throws<ImageFormatException>(() => JpegDecoder.Decode(file, "test"));
        Assert.Contains(reason, error.Reason);
        Assert.Equal(code, error.Code);
    }
}
