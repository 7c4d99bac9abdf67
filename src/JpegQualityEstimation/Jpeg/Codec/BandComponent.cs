namespace JpegQualityEstimation.Jpeg;

// BandComponent: the decoded samples of one component, two rows of minimum coded units of them: the newest and the
// one before, which interpolation still looks at. Sample row r lies at row r mod (2 * 8 * Vertical).
sealed class BandComponent
{
    readonly FrameComponent component;
    readonly Quantizer quantizer;
    readonly int horizontalRatio;
    readonly int verticalRatio;
    readonly int stride;
    readonly int rows;
    readonly byte[] samples;
    readonly byte[] upsampled;

    public BandComponent(JpegFrame frame, FrameComponent component)
    {
        this.component = component;
        quantizer = component.Table!.Quantizer;
        horizontalRatio = frame.MaxHorizontal / component.Horizontal;
        verticalRatio = frame.MaxVertical / component.Vertical;
        stride = component.WidthInBlocks * 8;
        rows = 16 * component.Vertical;
        samples = new byte[stride * rows];
        upsampled = horizontalRatio == 1 && verticalRatio == 1 ? [] : new byte[frame.Width];
    }

    /// <summary>Whether a row of the picture may need the sample row below its own.</summary>
    public bool LooksBelow => verticalRatio == 2 && Interpolates;

    bool Interpolates => ChromaUpsampling.IsFancy(horizontalRatio, verticalRatio, component.Width);

    /// <summary>Dequantizes and transforms the blocks of one row of minimum coded units.</summary>
    public void Transform(CoefficientPlane plane, int mcuRow)
    {
        int end = Math.Min((mcuRow + 1) * component.Vertical, component.HeightInBlocks);
        for (int row = mcuRow * component.Vertical; row < end; row++)
        {
            Span<byte> target = samples.AsSpan(row * 8 % rows * stride, 8 * stride);
            JpegKernels.Default.InverseBlocks(plane.BlockRow(row), quantizer, target, stride, component.WidthInBlocks);
        }
    }

    /// <summary>Row <paramref name="y"/> of the picture, as wide as the picture, valid until the next call.</summary>
    public ReadOnlySpan<byte> Row(int y)
    {
        int near = y / verticalRatio;
        ReadOnlySpan<byte> nearRow = SampleRow(near);
        if (upsampled.Length == 0)
            return nearRow;
        int far = LooksBelow ? ChromaUpsampling.FarRow(verticalRatio, y, component.Height) : near;
        ChromaUpsampling.Row(horizontalRatio, verticalRatio, y, nearRow, SampleRow(far), upsampled, JpegKernels.Default);
        return upsampled;
    }

    ReadOnlySpan<byte> SampleRow(int row) => samples.AsSpan(row % rows * stride, component.Width);
}
