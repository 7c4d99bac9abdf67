using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// JpegRoundTrip: what a JPEG compression and decompression does to pixels, without the (lossless) entropy coding.
//   colour conversion, chroma downsampling, forward islow DCT, quantize, dequantize, inverse islow DCT, fancy
//   upsampling, colour conversion: bit-exact with libjpeg-turbo 2.1 compress + decompress at default settings.
// Works in bands of one row of luma blocks times the vertical chroma ratio, so that the working set does not grow
// with the picture's height. The last output row of a band needs the chroma row below it when chroma is
// interpolated vertically: it waits, with its chroma, for the next band.
// Aliasing: source and destination may be the same pixels (same first byte, same stride). Deterministic.

/// <summary>Compresses and decompresses pictures in memory, bit-exact with libjpeg-turbo.</summary>
/// <remarks>
/// An instance holds scratch memory that later calls reuse; it is not thread-safe. Forward and inverse DCT are
/// libjpeg's default ("islow"); chroma is upsampled with libjpeg's default triangle filter. Steps above 8191 quantize
/// everything to 0.
/// </remarks>
public sealed class JpegRoundTrip
{
    /// <summary>Makes a round trip without scratch memory yet.</summary>
    public JpegRoundTrip()
        : this(JpegKernels.Default)
    {
    }

    internal JpegRoundTrip(JpegKernels kernels) => this.kernels = kernels;

    /// <summary>Compresses and decompresses <paramref name="source"/> into <paramref name="destination"/>.</summary>
    /// <param name="source">The picture. A gray one has no chroma, whatever the sampling.</param>
    /// <param name="destination">As large as the source; any format. Gray8 receives the first component, alpha becomes 255.</param>
    /// <param name="compression">Tables and sampling.</param>
    /// <exception cref="ArgumentException">The sizes differ, or the two overlap without being the same pixels.</exception>
    public void Apply(PixelView source, PixelTarget destination, JpegCompression compression) =>
        Apply(source, destination, compression, new WantedPixels(0, 0, source.Height, source.Width));

    /// <summary>The same of the wanted pixels; the others of the destination are left as they are.</summary>
    internal void Apply(PixelView source, PixelTarget destination, JpegCompression compression, in WantedPixels wanted)
    {
        ArgumentNullException.ThrowIfNull(compression);
        if (source.Width != destination.Width || source.Height != destination.Height)
            throw new ArgumentException(
                $"a {source.Width}x{source.Height} source and a {destination.Width}x{destination.Height} destination", nameof(destination));
        if (source.Pixels.Overlaps(destination.Pixels, out int offset) && (offset != 0 || source.Stride != destination.Stride))
            throw new ArgumentException("the destination overlaps the source without being the same pixels", nameof(destination));

        bool color = compression.Subsampling != ChromaSubsampling.Gray
            && source.Format != PixelFormat.Gray8 && destination.Format != PixelFormat.Gray8;
        (horizontal, vertical) = color ? compression.Subsampling.LumaFactors() : (1, 1);
        Reserve(source.Width, source.Height, color);
        waits = color && vertical == 2 && ChromaUpsampling.IsFancy(horizontal, vertical, chromaWidth);

        int bandRows = 8 * vertical;
        // Interpolated chroma of a row looks at the rows beside it, which may be a band's before and after.
        int begin = Math.Max(0, wanted.Row - 1) / bandRows * bandRows, end = Math.Min(source.Height, wanted.EndRow + 1);
        for (int first = begin; first < end; first += bandRows)
        {
            int rows = Math.Min(bandRows, source.Height - first);
            Load(source, first, rows, color);
            CompressLuma(first, rows, compression.Luminance.Quantizer, wanted);
            if (color)
            {
                int chromaRows = (rows + vertical - 1) / vertical;
                Compress(cb, chromaStride, chromaRows, compression.Chrominance.Quantizer);
                Compress(cr, chromaStride, chromaRows, compression.Chrominance.Quantizer);
            }
            Emit(destination, first, rows, color, wanted);
        }
    }

    /// <summary>Compresses and decompresses a picture into a new one of the same format; safe from several threads.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="compression">Tables and sampling.</param>
    public static ImageBuffer Apply(PixelView source, JpegCompression compression)
    {
        var result = new ImageBuffer(source.Width, source.Height, source.Format);
        new JpegRoundTrip().Apply(source, result.Target, compression);
        return result;
    }

    /// <summary>Compresses and decompresses a picture several times, shifting the block grid by cropping in between.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="rounds">First compression first; no rounds copy the picture.</param>
    /// <returns>A picture of the same format, smaller by the sum of the shifts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A shift is negative or leaves no pixels.</exception>
    public static ImageBuffer Apply(PixelView source, ReadOnlySpan<JpegRound> rounds)
    {
        long top = 0, left = 0;
        foreach (JpegRound round in rounds)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(round.ShiftRows, nameof(rounds));
            ArgumentOutOfRangeException.ThrowIfNegative(round.ShiftColumns, nameof(rounds));
            top += round.ShiftRows;
            left += round.ShiftColumns;
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(top, source.Height, nameof(rounds));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(left, source.Width, nameof(rounds));

        // Every round runs in place on what is left of one buffer.
        var whole = new ImageBuffer(source.Width, source.Height, source.Format);
        for (int y = 0; y < source.Height; y++)
            source.Row(y).CopyTo(whole.Target.Row(y));
        int x0 = 0, y0 = 0, bytes = source.Format.BytesPerPixel();
        var trip = new JpegRoundTrip();
        foreach (JpegRound round in rounds)
        {
            x0 += round.ShiftColumns;
            y0 += round.ShiftRows;
            var target = new PixelTarget(
                whole.Pixels.AsSpan(y0 * whole.Stride + x0 * bytes), source.Width - x0, source.Height - y0, whole.Stride, source.Format);
            trip.Apply(target.AsView(), target, round.Compression);
        }
        if (x0 == 0 && y0 == 0)
            return whole;
        var result = new ImageBuffer(source.Width - x0, source.Height - y0, source.Format);
        for (int y = 0; y < result.Height; y++)
            whole.View.Row(y0 + y).Slice(x0 * bytes, result.Stride).CopyTo(result.Target.Row(y));
        return result;
    }

    readonly JpegKernels kernels;
    int horizontal, vertical;
    bool waits;
    int width, chromaWidth, chromaHeight;

    // Row 0 of luma, cb and cr is the last row of the band before; rows 1.. are the band.
    byte[] luma = [], cb = [], cr = [];
    int lumaStride, chromaStride;

    // Full-resolution chroma: the vertical ratio times one row on the way in, one row on the way out.
    byte[] fullCb = [], fullCr = [];
    int fullStride;

    void Reserve(int pictureWidth, int pictureHeight, bool color)
    {
        width = pictureWidth;
        chromaWidth = (int)(((long)width + horizontal - 1) / horizontal);
        chromaHeight = (int)(((long)pictureHeight + vertical - 1) / vertical);
        lumaStride = Padded(width);
        Grow(ref luma, checked((8 * vertical + 1) * lumaStride));
        if (!color)
            return;
        chromaStride = Padded(chromaWidth);
        fullStride = checked(chromaStride * horizontal);
        Grow(ref cb, checked(9 * chromaStride));
        Grow(ref cr, 9 * chromaStride);
        Grow(ref fullCb, checked(fullStride * vertical));
        Grow(ref fullCr, fullStride * vertical);
    }

    // A row of blocks is filled up to the widest group of blocks, which is no slower than a rest of single ones.
    static int Padded(int samples) => checked(samples + 31) & ~31;

    static void Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new byte[length];
    }

    void Load(PixelView source, int first, int rows, bool color)
    {
        int paddedRows = (rows + vertical - 1) / vertical * vertical;
        for (int y = 0; y < paddedRows; y++)
        {
            Span<byte> lumaRow = luma.AsSpan((1 + y) * lumaStride, lumaStride);
            int sub = y % vertical;
            Span<byte> cbRow = color ? fullCb.AsSpan(sub * fullStride, fullStride) : default;
            Span<byte> crRow = color ? fullCr.AsSpan(sub * fullStride, fullStride) : default;
            if (y < rows && color)
            {
                kernels.ToYcc(source.Row(first + y), source.Format, lumaRow[..width], cbRow, crRow);
                ChromaDownsampling.ExpandRight(lumaRow, width);
                ChromaDownsampling.ExpandRight(cbRow, width);
                ChromaDownsampling.ExpandRight(crRow, width);
            }
            else if (y < rows)
            {
                kernels.ToLuminance(source.Row(first + y), source.Format, lumaRow[..width]);
                ChromaDownsampling.ExpandRight(lumaRow, width);
            }
            else
            {
                fullCb.AsSpan((sub - 1) * fullStride, fullStride).CopyTo(cbRow);
                fullCr.AsSpan((sub - 1) * fullStride, fullStride).CopyTo(crRow);
            }
            if (color && sub == vertical - 1)
            {
                int target = (1 + y / vertical) * chromaStride;
                ChromaDownsampling.Row(fullCb, fullStride, horizontal, vertical, cb.AsSpan(target, chromaStride), kernels);
                ChromaDownsampling.Row(fullCr, fullStride, horizontal, vertical, cr.AsSpan(target, chromaStride), kernels);
            }
        }
    }

    // The blocks that wanted pixels lie in, and those beside them in a group.
    void CompressLuma(int first, int rows, Quantizer quantizer, in WantedPixels wanted)
    {
        const int Group = 4;
        int all = lumaStride / 8, block = wanted.Column / 8;
        int blocks = ((wanted.EndColumn + 7) / 8 - block + Group - 1) / Group * Group;
        block = Math.Min(block, all - blocks);
        Repeat(luma, lumaStride, rows);
        for (int y = 0; y < rows; y += 8)
            if (first + y < wanted.EndRow && first + y + 8 > wanted.Row)
                kernels.RoundTripBlocks(luma.AsSpan((1 + y) * lumaStride + 8 * block, 8 * lumaStride - 8 * block), lumaStride, blocks, quantizer);
    }

    void Compress(byte[] band, int stride, int rows, Quantizer quantizer)
    {
        Repeat(band, stride, rows);
        for (int y = 0; y < rows; y += 8)
            kernels.RoundTripBlocks(band.AsSpan((1 + y) * stride, 8 * stride), stride, stride / 8, quantizer);
    }

    // The last row of a band fills its blocks.
    static void Repeat(byte[] band, int stride, int rows)
    {
        ReadOnlySpan<byte> last = band.AsSpan(rows * stride, stride);
        for (int y = rows + 1; y <= (rows + 7) / 8 * 8; y++)
            last.CopyTo(band.AsSpan(y * stride));
    }

    void Emit(PixelTarget destination, int first, int rows, bool color, in WantedPixels wanted)
    {
        bool last = first + rows == destination.Height;
        int from = Math.Max(wanted.Row, waits && first > 0 ? first - 1 : first);
        int to = Math.Min(wanted.EndRow, waits && !last ? first + rows - 1 : first + rows);
        int bytes = destination.Format.BytesPerPixel(), column = wanted.Column, columns = wanted.Columns;
        Span<byte> cbRow = color ? fullCb.AsSpan(0, width) : default, crRow = color ? fullCr.AsSpan(0, width) : default;
        for (int y = from; y < to; y++)
        {
            ReadOnlySpan<byte> lumaRow = luma.AsSpan((1 + y - first) * lumaStride + column, columns);
            Span<byte> pixels = destination.Row(y).Slice(bytes * column, bytes * columns);
            if (color)
            {
                Upsample(cb, first / vertical, y, cbRow);
                Upsample(cr, first / vertical, y, crRow);
                kernels.ToPixels(lumaRow, cbRow.Slice(column, columns), crRow.Slice(column, columns), pixels, destination.Format);
            }
            else
                kernels.Join(lumaRow, lumaRow, lumaRow, pixels, destination.Format);
        }
        if (waits && !last)
        {
            luma.AsSpan(rows * lumaStride, lumaStride).CopyTo(luma);
            cb.AsSpan(8 * chromaStride, chromaStride).CopyTo(cb);
            cr.AsSpan(8 * chromaStride, chromaStride).CopyTo(cr);
        }
    }

    void Upsample(byte[] plane, int bandFirst, int y, Span<byte> output)
    {
        int near = y / vertical, far = ChromaUpsampling.FarRow(vertical, y, chromaHeight);
        // A far row outside the band is one that replication does not look at.
        if (!waits)
            far = near;
        ReadOnlySpan<byte> nearRow = plane.AsSpan((1 + near - bandFirst) * chromaStride, chromaWidth);
        ReadOnlySpan<byte> farRow = plane.AsSpan((1 + far - bandFirst) * chromaStride, chromaWidth);
        ChromaUpsampling.Row(horizontal, vertical, y, nearRow, farRow, output, kernels);
    }
}
