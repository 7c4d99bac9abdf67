using JpegQualityEstimation.Cuda.Jpeg;
using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// JPEG on the device: round trips, whole training patches and the evidence of the phase-histogram network, all of them equal
// to the processor's.
static class JpegCases
{
    const int Side = 64;

    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        int count = scale.Pick(3, 200, 16384);
        foreach (ChromaSubsampling sampling in scale == TrialScale.Timing ? [ChromaSubsampling.Samp420] : Enum.GetValues<ChromaSubsampling>())
            yield return new($"JPEG round trip, {sampling}", $"[{count},64,64,3]", scene => RoundTrip(scene, sampling, count));
        int patches = scale.Pick(6, 512, 4096);
        yield return new("double-JPEG windows, universal recipe", $"[{patches},64,64,3]", scene => DoubleJpeg(scene, "primary", patches));
        yield return new("double-JPEG windows, the paper's recipe", $"[{patches},64,64,3]", scene => DoubleJpeg(scene, "tondi2021-90", patches));
        yield return new("quality patches", $"[{patches},48,48,3]", scene => QualityPatches(scene, patches));
        int windows = scale.Pick(2, 64, 4096);
        yield return new("phase evidence", $"[{windows},64,64]", scene => Evidence(scene, windows));
    }

    /// <summary>Pictures that training patches are cut from, by arithmetic alone.</summary>
    public static TrainingPictures Pictures(int side) => new(
        [.. Enumerable.Range(1, 3).Select(i => new TrainingPicture($"{i}", SyntheticPicture.Create(side + 16 * i, side, (ulong)i), ""))]);

    static OpTrial RoundTrip(DeviceScene scene, ChromaSubsampling sampling, int count)
    {
        const int Bytes = 3 * Side * Side;
        byte[] pixels = new byte[(long)count * Bytes];
        for (int n = 0; n < Math.Min(count, 64); n++)
            SyntheticPicture.Create(Side, Side, (ulong)n + 1).Pixels.CopyTo(pixels.AsSpan(n * Bytes));
        for (int n = 64; n < count; n++)
            pixels.AsSpan(n % 64 * Bytes, Bytes).CopyTo(pixels.AsSpan(n * Bytes));
        JpegCompression[] compressions = [.. Enumerable.Range(0, 32).Select(i => JpegCompression.FromQuality(30 + 2 * i, sampling))];
        ushort[] steps = new ushort[128 * compressions.Length];
        for (int i = 0; i < compressions.Length; i++)
            CudaJpegRoundTrip.WriteTables(compressions[i], steps.AsSpan(128 * i));
        JpegPatch[] patches = [.. Enumerable.Range(0, count).Select(n => new JpegPatch
        {
            Source = (long)n * Bytes, Destination = (long)n * Bytes, SourceStride = 3 * Side, DestinationStride = 3 * Side, Width = Side, Height = Side,
            Sampling = (int)sampling, Luminance = n % 32 * 2, Chrominance = n % 32 * 2 + 1, Rows = Side, Columns = Side,
        })];
        var trip = new CudaJpegRoundTrip(scene.Stream);
        DeviceSpan<JpegPatch> described = scene.Put<JpegPatch>(patches);
        DeviceSpan<ushort> tables = scene.Put<ushort>(steps);
        DeviceSpan<byte> source = scene.Put<byte>(pixels), result = scene.Room<byte>(pixels.Length);
        int shared = CudaJpegRoundTrip.SharedBytes(Side, Side, sampling);
        return new(() => trip.Launch(described, tables, source, 3, result, 3, shared), comparison =>
        {
            byte[] actual = scene.Get(result);
            var cpu = new JpegRoundTrip();
            var expected = new ImageBuffer(Side, Side, PixelFormat.Rgb24);
            for (int n = 0; n < count; n++)
            {
                cpu.Apply(new PixelView(pixels.AsSpan(n * Bytes, Bytes), Side, Side, 3 * Side, PixelFormat.Rgb24), expected.Target, compressions[n % 32]);
                comparison.Equal<byte>("bytes", expected.Pixels, actual.AsSpan(n * Bytes, Bytes));
            }
        })
        { Bytes = 2.0 * pixels.Length };
    }

    static OpTrial DoubleJpeg(DeviceScene scene, string name, int count)
    {
        PrimaryRecipe recipe = PrimaryRecipe.Load(name);
        TrainingPictures pictures = Pictures(224);
        var generator = new DoubleJpegGenerator(recipe, pictures, 7);
        PatchPlan[] plans = [.. Enumerable.Range(0, count).Select(k => generator.Draw(3, k))];
        return Patches(scene, pictures, plans, Side, () =>
        {
            var batch = new PrimaryBatch(count);
            generator.Fill(3, batch);
            return batch.Windows;
        });
    }

    // Patches that are not spliced: that is done on the host, by the same code for both.
    static OpTrial QualityPatches(DeviceScene scene, int count)
    {
        const long Step = 5;
        const ulong Seed = 9;
        QualityRecipe recipe = QualityRecipe.Load("quality");
        int side = recipe.PatchSize, bytes = 3 * side * side;
        TrainingPictures pictures = Pictures(224);
        var generator = new QualityPatchGenerator(recipe, pictures, Seed);
        var plans = new List<PatchPlan>();
        var places = new List<int>();
        for (int k = 0; plans.Count < count; k++)
        {
            var random = new CounterRandom(Seed, Step, (ulong)k);
            PatchPlan plan = generator.Draw(ref random).Plan;
            if (random.NextBool(recipe.SpliceShare))
                continue;
            plans.Add(plan);
            places.Add(k);
        }
        return Patches(scene, pictures, [.. plans], side, () =>
        {
            byte[] expected = new byte[count * bytes];
            for (int i = 0; i < count; i++)
                generator.FillPatch(Step, places[i], expected.AsSpan(i * bytes, bytes), new float[2 * side * side]);
            return expected;
        });
    }

    static OpTrial Patches(DeviceScene scene, TrainingPictures pictures, PatchPlan[] plans, int side, Func<byte[]> expected)
    {
        CudaPatchMaker maker = scene.Own(new CudaPatchMaker(scene.Stream, [.. pictures.Pictures.Select(picture => picture.Pixels)]));
        DeviceSpan<byte> made = scene.Room<byte>(3L * plans.Length * side * side);
        // A crop, the bytes between the compressions, the patch.
        return new(() => maker.Make(plans, side, made), comparison => comparison.Equal<byte>("bytes", expected(), scene.Get(made))) { Bytes = 4.0 * made.Length };
    }

    static OpTrial Evidence(DeviceScene scene, int windows)
    {
        const int Step = 8;
        PhaseEvidenceOptions options = PhaseHistogramOptionsOfBundled().Evidence;
        int columns = Math.Min(windows, 64), rows = windows / columns, width = Side + Step * (columns - 1), height = Side + Step * (rows - 1);
        ImageBuffer picture = SyntheticPicture.Create(width, height, 5);
        float[] luma = new float[width * height];
        LumaRows.Convert(picture.View, luma, width);
        CudaPhaseEvidenceOps ops = scene.Own(new CudaPhaseEvidenceOps(scene.Stream, options));
        DeviceSpan<byte> pixels = scene.Put<byte>(picture.Pixels);
        DeviceSpan<float> samples = scene.Room<float>(luma.Length);
        DeviceSpan<float> evidence = scene.Room<float>((long)columns * options.EvidenceLength), overall = scene.Room<float>((long)columns * options.OverallLength);
        return new(Launch, Compare)
        {
            // A sliding transform of 57x57 places by as many coefficients, two passes of 8 multiply-adds.
            Operations = 2.0 * windows * 57 * 57 * options.Coefficients * 16, Bytes = picture.Pixels.Length + 4.0 * rows * columns * options.EvidenceLength,
        };

        void Launch()
        {
            ops.Luma(pixels, picture.Stride, 3, 0, width, height, samples, width);
            for (int row = 0; row < rows; row++)
                ops.Measure(samples.Slice((long)row * Step * width), Step, width, 0, row * Step, Step, columns, evidence, overall);
        }

        void Compare(Comparison comparison)
        {
            comparison.Equal<float>("luma", luma, scene.Get(samples));
            float[] actual = scene.Get(evidence), actualOverall = scene.Get(overall);
            float[] expected = new float[options.EvidenceLength], expectedOverall = new float[options.OverallLength];
            var cpu = new PhaseEvidence(options);
            int f = options.Features, last = (rows - 1) * Step;
            for (int n = 0; n < columns; n++)
            {
                cpu.Compute(luma.AsSpan(last * width + n * Step), width, expected, expectedOverall, n * Step, last);
                for (int k = 0; k < options.Coefficients; k++)
                {
                    comparison.Equal<float>("evidence overall", expectedOverall.AsSpan(k * f, f), actualOverall.AsSpan((k * columns + n) * f, f));
                    comparison.Equal<float>("evidence", expected.AsSpan(k * 64 * f, 64 * f), actual.AsSpan((k * columns + n) * 64 * f, 64 * f));
                }
            }
        }
    }

    /// <summary>The shape of the bundled model.</summary>
    public static PhaseHistogramOptions PhaseHistogramOptionsOfBundled() => PrimaryRecipe.Load("primary").Histogram;
}
