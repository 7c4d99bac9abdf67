using System.Text;
using JpegQualityEstimation.Images;
using Xunit;

namespace JpegQualityEstimation.Tests.Images;

public sealed class NpyTests
{
    [Fact]
    public void FloatsComeBack()
    {
        float[] values = [.. Enumerable.Range(0, 24).Select(i => i * 0.37f - 3)];
        NpyArray array = NpyArray.Read(Bytes(s => NpyWriter.Write(s, values.AsSpan(), [2, 3, 4])), "memory");
        Assert.Equal("<f4", array.Type);
        Assert.Equal([2, 3, 4], array.Shape);
        Assert.Equal(values, array.Values<float>().ToArray());
    }

    [Fact]
    public void ShortsComeBack()
    {
        short[] values = [1, -2, 32767, -32768, 0];
        NpyArray array = NpyArray.Read(Bytes(s => NpyWriter.Write(s, values.AsSpan(), [5])), "memory");
        Assert.Equal([5], array.Shape);
        Assert.Equal(values, array.Values<short>().ToArray());
    }

    [Fact]
    public void HeaderIsThatOfNumPy()
    {
        // numpy 1.24: np.save(f, np.zeros((2, 3), np.uint8)) writes these 128 bytes and the values.
        byte[] file = Bytes(s => NpyWriter.Write(s, new byte[6].AsSpan(), [2, 3]));
        string dictionary = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }";
        byte[] expected = [0x93, .. "NUMPY"u8, 1, 0, 0x76, 0, .. Encoding.ASCII.GetBytes(dictionary.PadRight(117)), (byte)'\n', 0, 0, 0, 0, 0, 0];
        Assert.Equal(expected, file);
    }

    [Fact]
    public void ScalarsAndEmptyArraysHaveShapes()
    {
        Assert.Empty(NpyArray.Read(Bytes(s => NpyWriter.Write(s, new byte[] { 7 }.AsSpan(), [])), "memory").Shape);
        Assert.Equal([0, 4], NpyArray.Read(Bytes(s => NpyWriter.Write(s, ReadOnlySpan<float>.Empty, [0, 4])), "memory").Shape);
    }

    [Fact]
    public void AShapeThatDoesNotFitIsRefused() =>
        Assert.Throws<ArgumentException>(() => NpyWriter.Write(Stream.Null, new byte[5].AsSpan(), [2, 3]));

    static byte[] Bytes(Action<Stream> write)
    {
        using MemoryStream stream = new();
        write(stream);
        return stream.ToArray();
    }
}
