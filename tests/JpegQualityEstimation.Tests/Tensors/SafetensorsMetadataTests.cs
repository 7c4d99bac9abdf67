using System.Buffers.Binary;
using JpegQualityEstimation.Tensors;
using Xunit;

namespace JpegQualityEstimation.Tests.Tensors;

public sealed class SafetensorsMetadataTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ValuesStayByteForByteInTheirType(bool halves)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, [new Tensor("a", [3], [1, 2.5f, -3]), new Tensor("b", [1, 2], [0.1f, 7])], new Dictionary<string, string> { ["old"] = "1" }, halves);
        byte[] file = stream.ToArray();
        byte[] other = Safetensors.WithMetadata(file, new Dictionary<string, string> { ["new \"é\""] = "2\n" }, "x");
        Assert.Equal(Values(file), Values(other));
        SafetensorsContent content = Safetensors.Read(other, "x");
        Assert.Equal("2\n", Assert.Single(content.Metadata).Value);
        Assert.Equal(["a", "b"], content.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(halves ? 10 : 20, Values(other).Length);
        Assert.Equal(0, (other.Length - Values(other).Length) % 8);
        // The same metadata give the same file.
        Assert.Equal(file, Safetensors.WithMetadata(other, new Dictionary<string, string> { ["old"] = "1" }, "x"));
    }

    [Fact]
    public void WhatIsNoFileIsRefused()
    {
        Assert.Throws<WeightsFormatException>(() => Safetensors.WithMetadata([1, 2, 3], new Dictionary<string, string>(), "x"));
        Assert.Throws<WeightsFormatException>(() => Safetensors.WithMetadata([8, 0, 0, 0, 0, 0, 0, 0, 1], new Dictionary<string, string>(), "x"));
    }

    static byte[] Values(byte[] file) => file[(8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(file))..];
}
