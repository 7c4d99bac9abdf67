using System.Buffers.Binary;
using System.Text;
using JpegQualityEstimation.Tensors;
using Xunit;

namespace JpegQualityEstimation.Tests.Tensors;

public sealed class SafetensorsTests
{
    static readonly Tensor[] Two =
    [
        new("b.weight", [2, 3], [1, -2, 3.5f, float.MaxValue, float.Epsilon, -0f]),
        new("a.bias", [2], [0.1f, 0.2f]),
    ];

    [Fact]
    public void What_is_written_is_read()
    {
        byte[] bytes = Write(Two, new() { ["z"] = "last \"quoted\" é", ["a"] = "first" });
        SafetensorsContent content = Safetensors.Read(bytes, "memory");
        Assert.Equal(["b.weight", "a.bias"], content.Tensors.Select(t => t.Name));
        Assert.Equal([2, 3], content.Tensors[0].Shape);
        Assert.Equal(Two[0].Values.Select(BitConverter.SingleToInt32Bits), content.Tensors[0].Values.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal("last \"quoted\" é", content.Metadata["z"]);
        Assert.Same(content.Tensors[1], content.Require("a.bias", [2]));
    }

    [Fact]
    public void Writing_is_deterministic_and_values_start_at_a_multiple_of_8()
    {
        byte[] one = Write(Two, new() { ["z"] = "1", ["a"] = "2" });
        byte[] other = Write(Two, new() { ["a"] = "2", ["z"] = "1" });
        Assert.Equal(one, other);
        Assert.Equal(0ul, BinaryPrimitives.ReadUInt64LittleEndian(one) % 8);
    }

    [Fact]
    public void Zero_extents_scalars_and_no_tensors_are_files_too()
    {
        SafetensorsContent content = Safetensors.Read(Write([new("none", [0, 5], []), new("scalar", [], [7])]), "memory");
        Assert.Empty(content.Require("none", [0, 5]).Values);
        Assert.Equal([7f], content.Require("scalar", []).Values);
        Assert.Empty(Safetensors.Read(Write([]), "memory").Tensors);
    }

    [Fact]
    public void Halves_are_widened_exactly()
    {
        byte[] values = [0x00, 0x3C, 0x01, 0x00, 0x80, 0x3F, 0x80, 0xFF];
        byte[] bytes = Raw("""{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}}""", values);
        SafetensorsContent content = Safetensors.Read(bytes, "memory");
        Assert.Equal([1f, (float)BitConverter.UInt16BitsToHalf(1)], content.Require("h", [2]).Values);
        Assert.Equal([1f, float.NegativeInfinity], content.Require("b", [2]).Values);
    }

    [Fact]
    public void Writing_refuses_names_that_clash()
    {
        Assert.Throws<ArgumentException>(() => Write([new("a", [1], [1]), new("a", [1], [1])]));
        Assert.Throws<ArgumentException>(() => Write([new("__metadata__", [1], [1])]));
    }

    [Fact]
    public void Halves_are_written_rounded_and_beyond_their_range_refused()
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, [new Tensor("a", [3], [1f, -65504f, 1 + 1 / 4096f])], halves: true);
        stream.Position = 0;
        Assert.Equal([1f, -65504f, 1f], Safetensors.Read(stream, "halves").Require("a", [3]).Values);
        Assert.Throws<ArgumentException>(() => Safetensors.Write(new MemoryStream(), [new Tensor("a", [1], [1e6f])], halves: true));
    }

    [Theory]
    [InlineData("", "empty header")]
    [InlineData(" {}", "leading space")]
    [InlineData("[]", "array")]
    [InlineData("{", "cut")]
    [InlineData("{}{}", "two objects")]
    [InlineData("""{"a":1}""", "entry is a number")]
    [InlineData("""{"a":{}}""", "entry without keys")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", "no offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "one offset")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", "three offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "backwards")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "beyond the end")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}""", "huge end")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}""", "end over int64")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", "negative")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "negative extent")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", "fraction")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,4],"data_offsets":[0,4]}}""", "product overflows")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", "rank 9")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,4]}}""", "type F64")]
    [InlineData("""{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,4]}}""", "size of another type")]
    [InlineData("""{"a":{"dtype":3,"shape":[1],"data_offsets":[0,4]}}""", "type is a number")]
    [InlineData("""{"a":{"dtype":"F32","shape":"1","data_offsets":[0,4]}}""", "shape is text")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":0}}""", "unknown key")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "key twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "name twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "overlap")]
    [InlineData("""{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "metadata number")]
    [InlineData("""{"__metadata__":{"a":"","a":""},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "metadata twice")]
    [InlineData("""{"__metadata__":{}}""", "bytes of no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", "bytes after the last tensor")]
    [InlineData("""{"a":{"dtype":"\ud800","shape":[1],"data_offsets":[0,4]}}""", "half a surrogate pair")]
    public void Bad_headers_are_refused(string header, string what)
    {
        var error = Assert.Throws<WeightsFormatException>(() => Safetensors.Read(Raw(header, new byte[4]), "bad.safetensors"));
        Assert.Equal("bad.safetensors", error.File);
        Assert.True(error.Reason.Length > 5, what);
    }

    [Fact]
    public void Lengths_of_the_header_are_hostile()
    {
        foreach (ulong length in new[] { 9ul, 100_000_001ul, ulong.MaxValue, 1ul << 63, uint.MaxValue })
        {
            byte[] bytes = new byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
            Assert.Throws<WeightsFormatException>(() => Safetensors.Read(bytes, "bad"));
        }
        for (int length = 0; length < 8; length++)
            Assert.Throws<WeightsFormatException>(() => Safetensors.Read(new byte[length], "short"));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] bytes = Write(Two, new() { ["a"] = "2" });
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<WeightsFormatException>(() => Safetensors.Read(bytes.AsSpan(0, length), "cut"));
    }

    [Fact]
    public void Mutated_files_are_read_or_refused()
    {
        byte[] bytes = Write(Two, new() { ["a"] = "2" });
        var random = new Random(1);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] mutant = (byte[])bytes.Clone();
            for (int n = random.Next(1, 6); n > 0; n--)
                mutant[random.Next(mutant.Length - 32)] = (byte)random.Next(256);
            try
            {
                Safetensors.Read(mutant, "mutant");
            }
            catch (WeightsFormatException)
            {
            }
        }
    }

    [Fact]
    public void Require_names_what_is_missing_or_misshapen()
    {
        SafetensorsContent content = Safetensors.Read(Write(Two), "memory");
        Assert.Contains("'c'", Assert.Throws<WeightsFormatException>(() => content.Require("c", [1])).Message);
        Assert.Contains("[2,3]", Assert.Throws<WeightsFormatException>(() => content.Require("b.weight", [3, 2])).Message);
        Assert.False(content.TryGet("c", out _));
    }

    [Fact]
    public void A_stream_without_length_is_read()
    {
        var large = new Tensor("large", [50_000], [.. Enumerable.Range(0, 50_000).Select(i => (float)i)]);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Write([large]));
            Assert.Equal(large.Values, Safetensors.Read(path).Tensors[0].Values);
        }
        finally
        {
            File.Delete(path);
        }
    }

    static byte[] Write(IReadOnlyList<Tensor> tensors, Dictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    static byte[] Raw(string header, byte[] values)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + text.Length + values.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        values.CopyTo(bytes, 8 + text.Length);
        return bytes;
    }
}
