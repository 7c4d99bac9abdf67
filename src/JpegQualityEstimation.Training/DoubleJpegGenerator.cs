using System.Collections.Concurrent;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// DoubleJpegGenerator: training windows that were compressed twice, with a shift of the grid between (Tondi 2021, 4.2).
//   windows [n,64,64,3] RGB bytes, steps [n,15] first steps from 1, second [n,64] second table in zig-zag order,
//   phases [n]: (row mod 8) * 8 + (column mod 8) of the places in the window where blocks of the FIRST compression begin.
// A shift (r,c) crops r rows and c columns between the compressions: a window in phase with the second grid then has
// phase ((8-r) mod 8) * 8 + (8-c) mod 8. Windows compressed once have steps 1 and phase NoPhase.
// Around the window as much is compressed as its pixels depend on (whole 16x16 units and the chroma samples that
// interpolation looks at), so that it is byte for byte a window of two compressions of the whole photograph.
// Window k of step t depends on (recipe, pictures, seed, t, k) alone. Thread-safe.

sealed class DoubleJpegGenerator
{
    public const int Side = 64;

    /// <summary>The phase of a window that has no first grid.</summary>
    public const byte NoPhase = 255;

    /// <summary>Shortest picture side that every window can be cut from.</summary>
    public const int LeastPictureSide = 128;

    // Rows and columns of the largest subsampled block.
    const int Unit = 16;

    readonly PrimaryRecipe recipe;
    readonly PicturePreparation preparation;
    readonly SamplingDistribution samplings;
    readonly DoubleJpegTables tables;
    readonly ulong seed;
    readonly ConcurrentBag<Workspace> workspaces = [];

    public DoubleJpegGenerator(PrimaryRecipe recipe, TrainingPictures pictures, ulong seed)
    {
        this.recipe = recipe;
        this.seed = seed;
        preparation = new PicturePreparation(recipe, pictures);
        samplings = new SamplingDistribution(recipe);
        tables = new DoubleJpegTables(recipe);
    }

    /// <summary>Makes all windows of a step; neither the number of threads nor a device changes them.</summary>
    public void Fill(long step, PrimaryBatch batch, int threads = 1, IDevicePatches? device = null)
    {
        batch.Step = step;
        if (device is null)
        {
            Each(batch.Count, threads, k => FillWindow(step, k, batch));
            return;
        }
        var plans = new PatchPlan[batch.Count];
        Each(batch.Count, threads, k => Label(plans[k] = Draw(step, k), batch, k));
        device.Make(plans, Side, batch.Windows);
    }

    static void Each(int count, int threads, Action<int> work)
    {
        if (threads == 1)
        {
            for (int k = 0; k < count; k++)
                work(k);
        }
        else
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
    }

    /// <summary>Makes window k of a step and its labels.</summary>
    public WindowHistory FillWindow(long step, int index, PrimaryBatch batch)
    {
        if (!workspaces.TryTake(out Workspace? workspace))
            workspace = new Workspace();
        PatchPlan plan = Draw(step, index);
        Make(workspace, plan, batch.Window(index));
        workspaces.Add(workspace);
        return Label(plan, batch, index);
    }

    /// <summary>Draws window k of a step: all that <see cref="FillWindow"/> does to pixels, without doing it.</summary>
    public PatchPlan Draw(long step, int index)
    {
        var random = new CounterRandom(seed, (ulong)step, (ulong)index);
        bool single = random.NextBool(recipe.SingleShare);
        ChromaSubsampling firstSampling = samplings.Draw(ref random);
        ChromaSubsampling secondSampling = random.NextBool(recipe.OtherSamplingShare) && firstSampling != ChromaSubsampling.Gray
            ? samplings.DrawColour(ref random) : firstSampling;
        (JpegCompression second, int secondQuality) = tables.DrawSecond(ref random, secondSampling);
        JpegCompression? first = single ? null : tables.DrawFirst(ref random, firstSampling, secondQuality);
        (int shiftRow, int shiftColumn) = DrawShift(ref random);
        Axis rows = DrawAxis(ref random, shiftRow), columns = DrawAxis(ref random, shiftColumn);
        PatchPreparation prepared = preparation.Draw(
            Math.Max(rows.FirstLength, columns.FirstLength), ref random, firstSampling == ChromaSubsampling.Gray);
        return new PatchPlan(
            prepared, first, rows.FirstLength, columns.FirstLength, second, rows.SecondStart, columns.SecondStart,
            rows.SecondLength, columns.SecondLength, rows.Window, columns.Window);
    }

    void Make(Workspace workspace, in PatchPlan plan, Span<byte> pixels)
    {
        PatchCrop crop = workspace.Crop(plan.Preparation.Side);
        preparation.Apply(crop, plan.Preparation, workspace.Bytes);
        var target = new PixelTarget(workspace.Bytes, plan.FirstColumns, plan.FirstRows, 3 * crop.Side, PixelFormat.Rgb24);
        if (plan.First is not null)
            workspace.Trip.Apply(target.AsView(), target, plan.First, new WantedPixels(plan.StartRow, plan.StartColumn, plan.SecondRows, plan.SecondColumns));
        target = Inside(target, plan.StartRow, plan.StartColumn, plan.SecondColumns, plan.SecondRows);
        workspace.Trip.Apply(target.AsView(), target, plan.Second!, new WantedPixels(plan.Row, plan.Column, Side, Side));
        target = Inside(target, plan.Row, plan.Column, Side, Side);
        for (int y = 0; y < Side; y++)
            target.Row(y).CopyTo(pixels[(3 * Side * y)..]);
    }

    (int Row, int Column) DrawShift(ref CounterRandom random)
    {
        // 1..63 are the shifts of the luma grids that are not aligned.
        int shift = random.NextBool(recipe.AlignedShare) ? 0 : 1 + random.NextInt(63);
        int chroma = recipe.ShiftPeriod == 8 ? 0 : random.NextInt(4);
        return (shift / 8 + 8 * (chroma / 2), shift % 8 + 8 * (chroma % 2));
    }

    // Along one axis: the first compression covers FirstLength pixels, the second those of them that begin at SecondStart,
    // and the window begins at Window in the second. Interpolated chroma of pixel p looks at the sample of p - 1 where p is
    // even and of p + 1 where it is odd, so a place from 1 to 15 in a unit needs no unit before it, and the last pixel
    // needs the next unit only where it is the last of its own.
    Axis DrawAxis(ref CounterRandom random, int shift)
    {
        int window = recipe.Phase == WindowPhase.Second ? 8 + 8 * random.NextInt(2) : 1 + random.NextInt(Unit);
        int secondLength = RoundUp(window + Side);
        int start = shift == 0 ? Unit : shift;
        return new Axis(RoundUp(start + secondLength), start, secondLength, window);
    }

    static int RoundUp(int length) => (length + Unit) / Unit * Unit;

    /// <summary>Writes the labels of a window.</summary>
    public static WindowHistory Label(in PatchPlan plan, PrimaryBatch batch, int index)
    {
        var history = new WindowHistory(plan.First, plan.Second!, plan.StartRow, plan.StartColumn, plan.Row, plan.Column);
        Span<byte> steps = batch.StepsOf(index);
        if (history.First is { } first)
        {
            for (int k = 0; k < PrimaryBlocks.Count; k++)
                steps[k] = (byte)first.Luminance.NaturalOrder[ZigZag.ToNatural[k]];
        }
        else
            steps.Fill(1);
        Span<ushort> second = batch.SecondOf(index);
        for (int k = 0; k < 64; k++)
            second[k] = history.Second.Luminance.NaturalOrder[ZigZag.ToNatural[k]];
        batch.Phases[index] = history.Phase;
        return history;
    }

    static PixelTarget Inside(PixelTarget target, int row, int column, int width, int height) =>
        new(target.Pixels[(row * target.Stride + 3 * column)..], width, height, target.Stride, PixelFormat.Rgb24);

    readonly record struct Axis(int FirstLength, int SecondStart, int SecondLength, int Window);

    sealed class Workspace
    {
        readonly Dictionary<int, PatchCrop> crops = [];

        public JpegRoundTrip Trip { get; } = new();

        public byte[] Bytes { get; } = new byte[3 * LeastPictureSide * LeastPictureSide];

        public PatchCrop Crop(int side) =>
            crops.TryGetValue(side, out PatchCrop? crop) ? crop : crops[side] = new PatchCrop(side);
    }
}

/// <summary>What happened to a window: both compressions (first null: there was none), where the second began in the first, and the window in the second.</summary>
readonly record struct WindowHistory(
    JpegCompression? First, JpegCompression Second, int StartRow, int StartColumn, int WindowRow, int WindowColumn)
{
    /// <summary>Row mod 8, times 8, plus column mod 8, of the first grid in the window.</summary>
    public byte Phase => First is null ? DoubleJpegGenerator.NoPhase : (byte)(8 * (-(StartRow + WindowRow) & 7) + (-(StartColumn + WindowColumn) & 7));
}
