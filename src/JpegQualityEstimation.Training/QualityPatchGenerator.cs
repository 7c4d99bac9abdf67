using System.Collections.Concurrent;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training;

// QualityPatchGenerator: training patches of the quality network.
//   patches [n,h,w,3] RGB bytes, targets [n,h,w,2]: (1 - quality/100, 1) where compressed, (0, 0) where never.
// Patch k of step t depends on (recipe, pictures, seed, t, k) alone. Thread-safe.

sealed class QualityPatchGenerator
{
    // Luma of 4:2:0 lies on a grid of 8, its chroma on one of 16.
    const int GridPeriod = 16;

    readonly QualityRecipe recipe;
    readonly PicturePreparation preparation;
    readonly ulong seed;
    readonly QualityDistribution qualities;
    readonly QualityDistribution earlierQualities;
    readonly SamplingDistribution samplings;
    readonly JpegCompression[,] compressions = new JpegCompression[5, 101];
    readonly ConcurrentBag<Workspace> workspaces = [];

    public QualityPatchGenerator(QualityRecipe recipe, TrainingPictures pictures, ulong seed)
    {
        this.recipe = recipe;
        preparation = new PicturePreparation(recipe, pictures);
        this.seed = seed;
        qualities = new QualityDistribution(recipe.Quality, recipe.QualityWeights);
        earlierQualities = new QualityDistribution(recipe.EarlierQuality, [1, 1]);
        samplings = new SamplingDistribution(recipe);
        foreach (ChromaSubsampling sampling in Enum.GetValues<ChromaSubsampling>())
        {
            for (int quality = 1; quality <= 100; quality++)
                compressions[(int)sampling, quality] = JpegCompression.FromQuality(quality, sampling);
        }
    }

    /// <summary>Shortest picture side that every patch of the recipe can be cut from.</summary>
    public static int LeastPictureSide(QualityRecipe recipe) => CropSide(recipe, earlier: recipe.EarlierShare > 0);

    /// <summary>Makes all patches of a step, on a device where there is one: the same bytes.</summary>
    public void Fill(long step, Span<byte> patches, Span<float> targets, IDevicePatches? device = null)
    {
        int area = recipe.PatchSize * recipe.PatchSize;
        if (device is not null)
        {
            FillOnDevice(step, patches, targets, device);
            return;
        }
        for (int k = 0; k < recipe.BatchSize; k++)
            FillPatch(step, k, patches.Slice(3 * area * k, 3 * area), targets.Slice(2 * area * k, 2 * area));
    }

    /// <summary>Makes one patch: pixels [h,w,3], targets [h,w,2].</summary>
    public PatchHistory FillPatch(long step, int index, Span<byte> pixels, Span<float> targets)
    {
        if (!workspaces.TryTake(out Workspace? workspace))
            workspace = new Workspace(recipe.PatchSize);
        var random = new CounterRandom(seed, (ulong)step, (ulong)index);
        (PatchPlan plan, PatchHistory history) = Draw(ref random);
        Make(workspace, plan, pixels);
        Label(history, targets);
        if (random.NextBool(recipe.SpliceShare))
        {
            (PatchPlan donor, PatchHistory donorHistory) = Draw(ref random);
            Make(workspace, donor, workspace.Donor);
            Splice(ref random, workspace.Donor, donorHistory, pixels, targets);
        }
        workspaces.Add(workspace);
        return history;
    }

    // Pixels come from the device; targets and the cuts of splices are the host's.
    void FillOnDevice(long step, Span<byte> patches, Span<float> targets, IDevicePatches device)
    {
        int area = recipe.PatchSize * recipe.PatchSize;
        var plans = new PatchPlan[recipe.BatchSize];
        var donors = new List<(int Index, PatchPlan Plan, PatchHistory History, CounterRandom Random)>();
        for (int k = 0; k < plans.Length; k++)
        {
            var random = new CounterRandom(seed, (ulong)step, (ulong)k);
            (plans[k], PatchHistory history) = Draw(ref random);
            Label(history, targets.Slice(2 * area * k, 2 * area));
            if (!random.NextBool(recipe.SpliceShare))
                continue;
            (PatchPlan plan, PatchHistory donorHistory) = Draw(ref random);
            donors.Add((k, plan, donorHistory, random));
        }
        device.Make(plans, recipe.PatchSize, patches);
        if (donors.Count == 0)
            return;
        byte[] pixels = new byte[3 * area * donors.Count];
        device.Make(donors.Select(donor => donor.Plan).ToArray(), recipe.PatchSize, pixels);
        for (int i = 0; i < donors.Count; i++)
        {
            (int k, _, PatchHistory history, CounterRandom random) = donors[i];
            Splice(ref random, pixels.AsSpan(3 * area * i, 3 * area), history, patches.Slice(3 * area * k, 3 * area), targets.Slice(2 * area * k, 2 * area));
        }
    }

    static int CropSide(QualityRecipe recipe, bool earlier) =>
        recipe.PatchSize + (recipe.Phase == GridPhase.Random ? GridPeriod - 1 : 0) + (earlier ? GridPeriod - 1 : 0);

    void Make(Workspace workspace, in PatchPlan plan, Span<byte> pixels)
    {
        int side = plan.Preparation.Side;
        PatchCrop crop = workspace.Crop(side);
        preparation.Apply(crop, plan.Preparation);
        crop.Store(workspace.Bytes);
        var target = new PixelTarget(workspace.Bytes, side, side, 3 * side, PixelFormat.Rgb24);
        if (plan.First is not null)
            workspace.Trip.Apply(target.AsView(), target, plan.First);
        target = Inside(target, plan.StartRow, plan.StartColumn, plan.SecondRows);
        if (plan.Second is not null)
            workspace.Trip.Apply(target.AsView(), target, plan.Second);
        target = Inside(target, plan.Row, plan.Column, recipe.PatchSize);
        for (int y = 0; y < recipe.PatchSize; y++)
            target.Row(y).CopyTo(pixels[(3 * recipe.PatchSize * y)..]);
    }

    /// <summary>Draws a patch: all that is done to its pixels before splicing, without doing it.</summary>
    public (PatchPlan Plan, PatchHistory History) Draw(ref CounterRandom random)
    {
        bool compressed = !random.NextBool(recipe.NeverCompressed);
        bool earlier = compressed && random.NextBool(recipe.EarlierShare);
        int side = CropSide(recipe, earlier);
        ChromaSubsampling sampling = samplings.Draw(ref random);
        PatchPreparation prepared = preparation.Draw(side, ref random, sampling == ChromaSubsampling.Gray);
        int earlierQuality = 0, quality = 0, startRow = 0, startColumn = 0, rest = side;
        JpegCompression? first = null, second = null;
        if (earlier)
        {
            earlierQuality = earlierQualities.Draw(ref random);
            // A gray picture stays one; a colour picture need not keep its sampling.
            ChromaSubsampling before = sampling == ChromaSubsampling.Gray ? sampling : samplings.DrawColour(ref random);
            first = compressions[(int)before, earlierQuality];
            (startRow, startColumn) = (random.NextInt(GridPeriod), random.NextInt(GridPeriod));
            rest = side - (GridPeriod - 1);
        }
        if (compressed)
        {
            quality = qualities.Draw(ref random);
            second = compressions[(int)sampling, quality];
        }
        int row = 0, column = 0;
        if (recipe.Phase == GridPhase.Random)
            (row, column) = (random.NextInt(GridPeriod), random.NextInt(GridPeriod));
        return (new PatchPlan(prepared, first, side, side, second, startRow, startColumn, rest, rest, row, column),
            new PatchHistory(quality, sampling, earlierQuality, row, column));
    }

    void Splice(ref CounterRandom random, ReadOnlySpan<byte> donor, PatchHistory history, Span<byte> pixels, Span<float> targets)
    {
        // A straight cut through a random point of the inner half, at a random angle.
        int size = recipe.PatchSize;
        double centreX = size * (0.25 + 0.5 * random.NextDouble()), centreY = size * (0.25 + 0.5 * random.NextDouble());
        (double sin, double cos) = Math.SinCos(2 * Math.PI * random.NextDouble());
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                if ((x - centreX) * cos + (y - centreY) * sin <= 0)
                    continue;
                int at = y * size + x;
                donor.Slice(3 * at, 3).CopyTo(pixels[(3 * at)..]);
                Label(history, targets.Slice(2 * at, 2));
            }
        }
    }

    static void Label(PatchHistory history, Span<float> targets)
    {
        float degradation = history.Quality == 0 ? 0 : (100 - history.Quality) / 100f;
        float flag = history.Quality == 0 ? 0 : 1;
        for (int i = 0; i < targets.Length; i += 2)
            (targets[i], targets[i + 1]) = (degradation, flag);
    }

    static PixelTarget Inside(PixelTarget target, int row, int column, int side) =>
        new(target.Pixels[(row * target.Stride + 3 * column)..], side, side, target.Stride, PixelFormat.Rgb24);

    sealed class Workspace(int patchSize)
    {
        readonly Dictionary<int, PatchCrop> crops = [];

        public JpegRoundTrip Trip { get; } = new();

        public byte[] Bytes { get; } = new byte[3 * (patchSize + 2 * GridPeriod) * (patchSize + 2 * GridPeriod)];

        public byte[] Donor { get; } = new byte[3 * patchSize * patchSize];

        public PatchCrop Crop(int side) =>
            crops.TryGetValue(side, out PatchCrop? crop) ? crop : crops[side] = new PatchCrop(side);
    }
}

/// <summary>What happened to a patch: quality 0 = never compressed; row and column = where it lies on the 16x16 grid of the crop.</summary>
readonly record struct PatchHistory(int Quality, ChromaSubsampling Sampling, int EarlierQuality, int Row, int Column);
