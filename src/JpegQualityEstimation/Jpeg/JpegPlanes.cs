using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

/// <summary>What the components of a JPEG picture stand for.</summary>
enum JpegColor
{
    Gray,
    YCbCr,
    Rgb,
}

// JpegPlanes: whole pictures between interleaved pixels and component planes.
//   FromPixels: colour conversion, downsampling, padding to whole blocks (encoder side: jccolor, jcsample, jcprepct)
//   ToPixels:   upsampling, colour conversion (decoder side: jdsample, jdcolor)
// Padding: the last real column is repeated at full resolution before downsampling; the last full-resolution row is
// repeated to a multiple of the vertical ratio before it and the last downsampled row after it.
static class JpegPlanes
{
    /// <summary>Luma sampling factors of a subsampling; chroma is 1x1.</summary>
    public static (int Horizontal, int Vertical) LumaFactors(ChromaSubsampling subsampling) => subsampling switch
    {
        ChromaSubsampling.Samp444 or ChromaSubsampling.Gray => (1, 1),
        ChromaSubsampling.Samp422 => (2, 1),
        ChromaSubsampling.Samp420 => (2, 2),
        ChromaSubsampling.Samp440 => (1, 2),
        _ => throw new ArgumentOutOfRangeException(nameof(subsampling), subsampling, "not a chroma subsampling"),
    };

    /// <summary>One (gray) or three (Y, Cb, Cr) padded planes of a picture.</summary>
    public static ComponentPlane[] FromPixels(PixelView source, ChromaSubsampling subsampling)
    {
        var (h, v) = LumaFactors(subsampling);
        var luma = new ComponentPlane(source.Width, source.Height, h, v, h, v);
        if (subsampling == ChromaSubsampling.Gray)
        {
            for (int y = 0; y < source.Height; y++)
            {
                YccConversion.ToLuminance(source.Row(y), source.Format, luma.Row(y));
                ExpandRight(luma.PaddedRow(y), source.Width);
            }
            ExpandBottom(luma, source.Height);
            return [luma];
        }

        var cb = new ComponentPlane(source.Width, source.Height, 1, 1, h, v);
        var cr = new ComponentPlane(source.Width, source.Height, 1, 1, h, v);
        int full = cb.Stride * h;
        byte[] cbRows = new byte[full * v], crRows = new byte[full * v];
        for (int c = 0; c < cb.Height; c++)
        {
            for (int i = 0; i < v; i++)
            {
                int y = c * v + i;
                Span<byte> cbRow = cbRows.AsSpan(i * full, full), crRow = crRows.AsSpan(i * full, full);
                if (y < source.Height)
                {
                    YccConversion.ToYcc(source.Row(y), source.Format, luma.Row(y), cbRow, crRow);
                    ExpandRight(luma.PaddedRow(y), source.Width);
                    ExpandRight(cbRow, source.Width);
                    ExpandRight(crRow, source.Width);
                }
                else
                {
                    cbRows.AsSpan((i - 1) * full, full).CopyTo(cbRow);
                    crRows.AsSpan((i - 1) * full, full).CopyTo(crRow);
                }
            }
            Downsample(cbRows, full, h, v, cb.PaddedRow(c));
            Downsample(crRows, full, h, v, cr.PaddedRow(c));
        }
        ExpandBottom(luma, source.Height);
        ExpandBottom(cb, cb.Height);
        ExpandBottom(cr, cr.Height);
        return [luma, cb, cr];
    }

    /// <summary>Component planes to pixels; planes beyond the third are not looked at.</summary>
    /// <exception cref="ArgumentException">A sampling factor does not divide the largest one.</exception>
    public static void ToPixels(ReadOnlySpan<ComponentPlane> planes, JpegColor color, PixelTarget target)
    {
        int maxH = 1, maxV = 1;
        foreach (ComponentPlane plane in planes)
        {
            maxH = Math.Max(maxH, plane.HorizontalFactor);
            maxV = Math.Max(maxV, plane.VerticalFactor);
        }
        foreach (ComponentPlane plane in planes)
            if (maxH % plane.HorizontalFactor != 0 || maxV % plane.VerticalFactor != 0)
                throw new ArgumentException("a sampling factor that does not divide the largest one", nameof(planes));

        int width = target.Width;
        int needed = color == JpegColor.Gray || (color == JpegColor.YCbCr && target.Format == PixelFormat.Gray8) ? 1 : 3;
        byte[] rows = new byte[needed * width];
        for (int y = 0; y < target.Height; y++)
        {
            for (int i = 0; i < needed; i++)
                ChromaUpsampling.Row(
                    planes[i], maxH / planes[i].HorizontalFactor, maxV / planes[i].VerticalFactor, y, rows.AsSpan(i * width, width));
            ReadOnlySpan<byte> first = rows.AsSpan(0, width);
            if (needed == 1)
                YccConversion.GrayToPixels(first, target.Row(y), target.Format);
            else if (color == JpegColor.YCbCr)
                YccConversion.ToPixels(first, rows.AsSpan(width, width), rows.AsSpan(2 * width, width), target.Row(y), target.Format);
            else
                YccConversion.Interleave(first, rows.AsSpan(width, width), rows.AsSpan(2 * width, width), target.Row(y), target.Format);
        }
    }

    internal static void Downsample(ReadOnlySpan<byte> rows, int stride, int h, int v, Span<byte> output)
    {
        switch (h, v)
        {
            case (1, 1):
                rows[..output.Length].CopyTo(output);
                break;
            case (2, 1):
                ChromaDownsampling.H2V1(rows, output);
                break;
            case (2, 2):
                ChromaDownsampling.H2V2(rows, rows[stride..], output);
                break;
            case (1, 2):
                ChromaDownsampling.H1V2(rows, rows[stride..], output);
                break;
            default:
                ChromaDownsampling.Box(rows, stride, h, v, output);
                break;
        }
    }

    internal static void ExpandRight(Span<byte> row, int width) => row[width..].Fill(row[width - 1]);

    static void ExpandBottom(ComponentPlane plane, int height)
    {
        for (int y = height; y < plane.BlockRows * 8; y++)
            plane.PaddedRow(height - 1).CopyTo(plane.PaddedRow(y));
    }
}
