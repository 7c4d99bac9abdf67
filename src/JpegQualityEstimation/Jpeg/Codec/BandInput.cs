using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// BandInput: rows of a picture -> quantized coefficients of one row of minimum coded units, as libjpeg's compressor
// makes them: colour, downsampling, forward DCT, quantization. Padding (jcprepct, jcsample, jccoefct): the last column
// is repeated before downsampling, the last row up to the vertical ratio before and to whole blocks after it; blocks
// that only fill a unit have no AC, and the DC of the block coded before them.
sealed class BandInput
{
    readonly JpegFrame frame;
    readonly byte[][] samples;
    readonly byte[][] chromaRows;
    readonly Quantizer[] quantizers;

    public BandInput(JpegFrame frame)
    {
        this.frame = frame;
        samples = Array.ConvertAll(frame.Components, c => new byte[c.WidthInBlocks * 8 * c.Vertical * 8]);
        quantizers = Array.ConvertAll(frame.Components, c => c.Table!.Quantizer);
        chromaRows = [];
        if (frame.Components.Length == 3)
            chromaRows = [new byte[FullStride * frame.MaxVertical], new byte[FullStride * frame.MaxVertical]];
    }

    int FullStride => frame.Components[1].WidthInBlocks * 8 * frame.MaxHorizontal;

    public void Read(PixelView picture, int mcuRow, CoefficientPlane[] planes)
    {
        int first = mcuRow * frame.MaxVertical * 8;
        int rows = Math.Min(frame.MaxVertical * 8, frame.Height - first);
        Load(picture, first, rows);
        for (int i = 0; i < planes.Length; i++)
            Transform(i, mcuRow, planes[i]);
    }

    void Load(PixelView picture, int first, int rows)
    {
        int vertical = frame.MaxVertical, width = frame.Width;
        int lumaStride = frame.Components[0].WidthInBlocks * 8;
        bool color = samples.Length == 3;
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> pixels = picture.Row(first + y);
            Span<byte> luma = samples[0].AsSpan(y * lumaStride, lumaStride);
            if (color)
            {
                int sub = y % vertical;
                Span<byte> cb = chromaRows[0].AsSpan(sub * FullStride, FullStride);
                Span<byte> cr = chromaRows[1].AsSpan(sub * FullStride, FullStride);
                YccConversion.ToYcc(pixels, picture.Format, luma[..width], cb, cr);
                ChromaDownsampling.ExpandRight(cb, width);
                ChromaDownsampling.ExpandRight(cr, width);
                if (y == rows - 1)
                    for (sub++; sub < vertical; sub++)
                    {
                        cb.CopyTo(chromaRows[0].AsSpan(sub * FullStride));
                        cr.CopyTo(chromaRows[1].AsSpan(sub * FullStride));
                    }
                if (y == rows - 1 || sub == vertical - 1)
                    Downsample(y / vertical);
            }
            else
                YccConversion.ToLuminance(pixels, picture.Format, luma[..width]);
            ChromaDownsampling.ExpandRight(luma, width);
        }
        ExpandBottom(samples[0], lumaStride, rows);
        for (int i = 1; i < samples.Length; i++)
            ExpandBottom(samples[i], frame.Components[i].WidthInBlocks * 8, (rows + vertical - 1) / vertical);
    }

    void Downsample(int row)
    {
        for (int i = 1; i < samples.Length; i++)
        {
            int stride = frame.Components[i].WidthInBlocks * 8;
            ChromaDownsampling.Row(
                chromaRows[i - 1], FullStride, frame.MaxHorizontal, frame.MaxVertical, samples[i].AsSpan(row * stride, stride),
                JpegKernels.Default);
        }
    }

    static void ExpandBottom(byte[] plane, int stride, int rows)
    {
        Span<byte> last = plane.AsSpan((rows - 1) * stride, stride);
        for (int at = rows * stride; at < plane.Length; at += stride)
            last.CopyTo(plane.AsSpan(at));
    }

    void Transform(int index, int mcuRow, CoefficientPlane plane)
    {
        FrameComponent component = plane.Component;
        int stride = component.WidthInBlocks * 8;
        for (int v = 0; v < component.Vertical; v++)
        {
            int row = mcuRow * component.Vertical + v;
            bool real = row < component.HeightInBlocks;
            if (real)
                JpegKernels.Default.ForwardBlocks(
                    samples[index].AsSpan(v * 8 * stride, 8 * stride), stride, component.WidthInBlocks, quantizers[index],
                    plane.BlockRow(row));
            for (int column = real ? component.WidthInBlocks : 0; column < component.BlocksAcross; column++)
            {
                Span<short> block = plane.Block(row, column);
                block.Clear();
                block[0] = real
                    ? plane.Block(row, column - 1)[0]
                    : plane.Block(row - 1, column - column % component.Horizontal + component.Horizontal - 1)[0];
            }
        }
    }
}
