using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Ops;

// WindowByWindowSource: the map source of any engine: cuts a few windows at a time and runs them as if they were alone,
// then counts their phases from the second grid.
sealed class WindowByWindowSource(IPrimaryEngine engine, PinnedPixels picture, ReadOnlySpan<ushort> secondZigZag, WindowGrid grid)
    : IPrimaryMapSource
{
    /// <summary>Windows cut at a time where the engine does not ask for others.</summary>
    public const int Batch = 16;

    // Three megabytes of pixels, whatever the engine asks for.
    const int MostCut = 256;

    /// <summary>Bytes of one window.</summary>
    public const int WindowBytes = WindowGrid.Side * WindowGrid.Side * 3;

    readonly ushort[] second = secondZigZag.ToArray();
    readonly byte[] windows = new byte[Math.Clamp(Math.Min(engine.Together, grid.Columns), 1, MostCut) * WindowBytes];

    public void FillRow(int row, int first, int count, Span<float> logits, Span<float> phase)
    {
        int batch = windows.Length / WindowBytes;
        for (int done = 0; done < count; done += batch)
        {
            int taken = Math.Min(batch, count - done);
            for (int i = 0; i < taken; i++)
                Cut(picture.View.Crop(grid.Left(first + done + i), grid.Top(row), WindowGrid.Side, WindowGrid.Side), windows.AsSpan(i * WindowBytes));
            engine.RunWindows(
                windows.AsSpan(0, taken * WindowBytes), taken, second,
                logits.Slice(done * PrimaryBlocks.Outputs, taken * PrimaryBlocks.Outputs),
                engine.GivesPhase ? phase.Slice(done * 64, taken * 64) : default);
            if (!engine.GivesPhase)
                continue;
            for (int i = done; i < done + taken; i++)
                Turn(phase.Slice(64 * i, 64), row * grid.Stride, (first + i) * grid.Stride);
        }
    }

    // From the corner of a window that lies (down, right) of the second grid's.
    static void Turn(Span<float> phase, int down, int right)
    {
        if ((down & 7) == 0 && (right & 7) == 0)
            return;
        Span<float> turned = stackalloc float[64];
        for (int p = 0; p < 64; p++)
            turned[(p / 8 + down & 7) * 8 + (p + right & 7)] = phase[p];
        turned.CopyTo(phase);
    }

    public void Dispose()
    {
    }

    /// <summary>A 64x64 view of any format as [64,64,3] RGB; gray becomes three equal channels.</summary>
    public static void Cut(PixelView window, Span<byte> rgb)
    {
        for (int y = 0; y < WindowGrid.Side; y++)
            CopyRow(window.Crop(0, y, WindowGrid.Side, 1), rgb.Slice(y * WindowGrid.Side * 3, WindowGrid.Side * 3));
    }

    /// <summary>The only row of a view of any format as RGB; gray becomes three equal channels.</summary>
    public static void CopyRow(PixelView view, Span<byte> rgb)
    {
        ReadOnlySpan<byte> row = view.Row(0);
        if (view.Format != PixelFormat.Gray8)
        {
            PixelOrder.CopyRow(row, view.Format, rgb);
            return;
        }
        for (int x = 0; x < row.Length; x++)
            rgb.Slice(3 * x, 3).Fill(row[x]);
    }
}
