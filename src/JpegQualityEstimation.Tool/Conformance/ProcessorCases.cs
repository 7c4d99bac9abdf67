using JpegQualityEstimation.Cuda.Networks;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tool.Conformance;

// The processor against itself: every vector width that this machine has against plain arithmetic, from which it differs by the
// order of sums alone, within the bounds that a device has in floats; and the round trip of pixels, equal to a file that was
// written and read.
static class ProcessorCases
{
    public static IEnumerable<ConformanceCase> All(TrialScale scale)
    {
        (int width, int height) = scale.Pick((45, 38), (201, 163), (201, 163));
        int count = scale.Pick(1, 8, 8), batch = scale.Pick(1, 4, 4);
        foreach (CpuKernelSet set in CpuKernelSets.Available.Where(set => set != CpuKernelSet.Scalar))
        {
            foreach (ConvolutionAlgorithm algorithm in Enum.GetValues<ConvolutionAlgorithm>())
                yield return new($"quality network, {algorithm}, {set}", $"{width}x{height}", run => Quality(run, set, algorithm, width, height));
            yield return new($"DenseNet-40, {set}", $"[{count},64,64,3]", run => DenseNet(run, set, count));
            yield return new($"phase-histogram network, {set}", $"[{count},64,64,3]", run => PhaseHistogram(run, set, count));
            yield return new($"gradient, quality network, {set}", $"[{batch},48,48,3]", run => QualityGradient(run, set, batch));
            yield return new($"gradient, DenseNet-40, {set}", $"[{batch},64,64,3]", run => DenseNetGradient(run, set, batch));
        }
        foreach (ChromaSubsampling sampling in Enum.GetValues<ChromaSubsampling>())
            yield return new($"JPEG round trip beside a file, {sampling}", $"{width}x{height}", run => RoundTrip(run, sampling, width, height));
    }

    static void Quality(ConformanceRun run, CpuKernelSet set, ConvolutionAlgorithm algorithm, int width, int height)
    {
        ImageBuffer picture = TrialNetworks.Picture(width, height);
        float[][] maps = [.. ((CpuKernelSet[])[CpuKernelSet.Scalar, set]).Select(kernels =>
        {
            float[] both = new float[2 * width * height];
            using var inference = new QualityInference(TrialNetworks.Quality, Environment.ProcessorCount, kernels: kernels, algorithm: algorithm);
            inference.Run(picture.View, both.AsSpan(0, width * height), both.AsSpan(width * height), null, default);
            return both;
        })];
        run.Comparison.Near("maps", maps[0], maps[1], QualityBounds.Of(ComputePrecision.Float32) * maps[0].Max(Math.Abs));
    }

    static void DenseNet(ConformanceRun run, CpuKernelSet set, int count)
    {
        DenseNet40Network network = TrialNetworks.DenseNet(PrimaryInput.Rgb, PrimaryBlocks.Outputs);
        byte[] windows = TrialNetworks.Windows(count);
        float[] expected = new float[count * PrimaryBlocks.Outputs], actual = new float[expected.Length];
        new DenseNet40Inference(network, Environment.ProcessorCount, CpuKernelSet.Scalar).Run(windows, count, expected);
        new DenseNet40Inference(network, Environment.ProcessorCount, set).Run(windows, count, actual);
        double scale = Math.Sqrt(expected.Average(value => (double)value * value));
        run.Comparison.Near("logits", expected, actual, PrecisionBounds.DenseNet40(ComputePrecision.Float32, scale));
    }

    static void PhaseHistogram(ConformanceRun run, CpuKernelSet set, int count)
    {
        PhaseHistogramNetwork network = TrialNetworks.PhaseHistogram;
        PhaseEvidenceOptions options = network.Options.Evidence;
        ushort[] second = QuantTable.StandardLuminance(85).ZigZagOrder();
        float[] evidence = new float[count * options.EvidenceLength], overall = new float[count * options.OverallLength], luma = new float[64 * 64];
        var measured = new PhaseEvidence(options);
        byte[] windows = TrialNetworks.Windows(count);
        for (int n = 0; n < count; n++)
        {
            LumaRows.Convert(new PixelView(windows.AsSpan(n * 64 * 64 * 3, 64 * 64 * 3), 64, 64, PixelFormat.Rgb24), luma, 64);
            measured.Compute(luma, 64, evidence.AsSpan(n * options.EvidenceLength, options.EvidenceLength), overall.AsSpan(n * options.OverallLength, options.OverallLength));
        }
        float[][] outputs = [.. ((CpuKernelSet[])[CpuKernelSet.Scalar, set]).Select(kernels =>
        {
            float[] both = new float[count * (PrimaryBlocks.Outputs + 64)];
            new PhaseHistogramInference(network, kernels).Run(evidence, overall, second, count, both.AsSpan(0, count * PrimaryBlocks.Outputs), both.AsSpan(count * PrimaryBlocks.Outputs));
            return both;
        })];
        run.Comparison.Equal<float>("logits and phases", outputs[0], outputs[1]);
    }

    static void QualityGradient(ConformanceRun run, CpuKernelSet set, int count)
    {
        QualityRecipe recipe = TrainingCases.QualityRecipeOf(count);
        DeviceBatch batch = TrainingCases.BatchOf(recipe);
        float[] parameters = TrialNetworks.Quality.Parameters;
        float[][] gradients = [.. ((CpuKernelSet[])[CpuKernelSet.Scalar, set]).Select(kernels =>
        {
            float[] gradient = new float[parameters.Length];
            new QualityTrainingStep(count, recipe.PatchSize, Environment.ProcessorCount, kernels).Run(parameters, batch.Pixels.Span, batch.Targets.Span, gradient);
            return gradient;
        })];
        double error = TrainingCases.Error(ComputePrecision.Float32, QualityArchitecture.Layers, Math.Max(9 * QualityArchitecture.Width, (long)count * recipe.PatchSize * recipe.PatchSize));
        run.Comparison.NearInNorm("gradient", gradients[0], gradients[1], TrainingCases.GradientBound(error));
    }

    static void DenseNetGradient(ConformanceRun run, CpuKernelSet set, int count)
    {
        PrimaryRecipe recipe = TrainingCases.PrimaryRecipeOf("tondi2021-90", count);
        PrimaryBatch batch = TrainingCases.BatchOf(recipe);
        DenseNet40Network network = TrialNetworks.DenseNet(recipe.Input, PrimaryBlocks.Outputs);
        float[][] gradients = [.. ((CpuKernelSet[])[CpuKernelSet.Scalar, set]).Select(kernels =>
        {
            float[] gradient = new float[network.Parameters.Length];
            new DenseNet40Gradient(new DenseNet40Architecture(recipe.Input, PrimaryBlocks.Outputs), Environment.ProcessorCount, kernels)
                .Run((float[])network.Parameters.Clone(), batch.Windows, batch.Steps, PrimaryLoss.CrossEntropy(), 0, gradient, new float[count * PrimaryBlocks.Outputs]);
            return gradient;
        })];
        double error = TrainingCases.Error(ComputePrecision.Float32, 40, Math.Max(9 * 444, 64L * 64 * count));
        run.Comparison.NearInNorm("gradient", gradients[0], gradients[1], TrainingCases.GradientBound(error));
    }

    static void RoundTrip(ConformanceRun run, ChromaSubsampling sampling, int width, int height)
    {
        ImageBuffer picture = TrialNetworks.Picture(width, height);
        foreach (int quality in (int[])[30, 75, 97])
        {
            JpegCompression compression = JpegCompression.FromQuality(quality, sampling);
            using var file = new MemoryStream();
            JpegEncoder.Encode(file, picture.View, compression);
            ImageBuffer read = JpegDecoder.Decode(file.ToArray(), "file"), kept = JpegRoundTrip.Apply(picture.View, compression);
            for (int i = 0; i < width * height; i++)
                for (int c = 0; c < 3; c++)
                    run.Comparison.Near("bytes", read.Pixels[read.Format == PixelFormat.Gray8 ? i : 3 * i + c], kept.Pixels[3 * i + c], 0);
        }
    }
}
