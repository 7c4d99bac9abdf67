using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

/// <summary>The quantized coefficients of a JPEG file, all of them, without inverse transform.</summary>
sealed class JpegCoefficients
{
    readonly CoefficientPlane[] planes;

    JpegCoefficients(JpegFrame frame, CoefficientPlane[] planes)
    {
        Frame = frame;
        this.planes = planes;
    }

    public JpegFrame Frame { get; }

    /// <summary>Blocks of 64 in natural order, BlocksAcross x BlocksDown of them, row by row.</summary>
    public ReadOnlySpan<short> Component(int index) => planes[index].Values;

    /// <inheritdoc cref="JpegDecoder.Decode"/>
    public static JpegCoefficients Read(ReadOnlySpan<byte> bytes, string name, ImageReadOptions? options = null)
    {
        var reader = new JpegFileReader(bytes, name, options);
        return new JpegCoefficients(reader.Frame, reader.ReadAll());
    }
}
