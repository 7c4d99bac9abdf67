using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

/// <summary>Pixels under sixteen windows side by side, in tiles; columns behind the picture are zero.</summary>
sealed unsafe class StripPixels(PrimaryInput kind)
{
    const int Size = DenseNet40Architecture.WindowSize;
    readonly int channels = kind == PrimaryInput.Rgb ? 3 : 1;
    byte[] bytes = [];
    float[] values = [];

    public SharedTiles Tiles { get; } = new(Size / 4, DenseNet40Strip.Stride / 4, DenseNet40Strip.FirstBlockEdge, kind == PrimaryInput.Rgb ? 3 : 1);

    /// <summary>Takes in what is new under windows at (top, left).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(PixelView picture, int top, int left, bool fresh)
    {
        int width = 4 * Tiles.StripLanes;
        if (bytes.Length == 0)
            (bytes, values) = (new byte[3 * width], new float[channels * width]);
        int pixels = Math.Min(width, picture.Width - left);
        fixed (byte* rgb = bytes)
        fixed (float* row = values)
            for (int i = 0; i < Tiles.RowCount(fresh, 0); i++)
            {
                int tiles = Tiles.Row(i, fresh, 0);
                for (int y = 0; y < 4; y++)
                {
                    WindowByWindowSource.CopyRow(picture.Crop(left, top + 4 * tiles + y, pixels, 1), bytes.AsSpan(0, 3 * pixels));
                    bytes.AsSpan(3 * pixels).Clear();
                    WindowPixels.Row(rgb, width, kind, row, width);
                    for (int c = 0; c < channels; c++)
                        for (int x = 0; x < width; x++)
                            Tiles.At(0, c, tiles, 4 * y + x % 4)[x / 4] = row[c * width + x];
                }
                for (int part = 1; part < SharedTiles.Parts; part++)
                    Tiles.CopyInner(part, 0, channels, 0, tiles);
            }
    }
}
