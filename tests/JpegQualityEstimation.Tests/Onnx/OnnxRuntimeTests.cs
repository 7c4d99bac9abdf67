using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Onnx;
using JpegQualityEstimation.Tests.Maps;
using Xunit;
using Xunit.Abstractions;

namespace JpegQualityEstimation.Tests.Onnx;

// The files, run by ONNX Runtime, against this library's own engine on the processor.
public sealed class OnnxRuntimeTests(ITestOutputHelper log)
{
    const double Tolerance = 1e-4;
    const int Pictures = 2;

    [SkippableFact]
    public void QualityMapsAreOurs() => CompareQuality(QualityNetwork.Bundled, 83, 61);

    [SkippableFact]
    public void QualityMapsOfAnUntrainedNetworkAreOurs() => CompareQuality(QualityNetwork.CreateInitialized(3), 9, 40);

    [SkippableTheory]
    [InlineData(PrimaryInput.Rgb, 226)]
    [InlineData(PrimaryInput.Luma, 226)]
    [InlineData(PrimaryInput.Rgb, 15)]
    public void DenseNet40OutputsAreOurs(PrimaryInput input, int outputs)
    {
        OnnxRuntime.SkipWithout();
        DenseNet40Network network = WithLivelyStatistics(DenseNet40Network.CreateInitialized(7, input, outputs));
        const int Count = 3, Window = DenseNet40Inference.WindowBytes;
        byte[] windows = new byte[Count * Window];
        for (int i = 0; i < Count; i++)
            TestScenes.Waves(64, 64, i + 1).Pixels.CopyTo(windows.AsSpan(i * Window));
        float[] expected = new float[Count * outputs];
        new DenseNet40Inference(network, 1).Run(windows, Count, expected);
        int channels = network.Architecture.InputChannels;
        float[] values = [.. Enumerable.Range(0, Count).SelectMany(i => input == PrimaryInput.Rgb
            ? Planes(windows.AsSpan(i * Window, Window)) : Luma(windows.AsSpan(i * Window, Window)))];
        bool classes = outputs == PrimaryBlocks.Outputs;
        float[][] found = OnnxRuntime.Run(stream => OnnxExport.Write(stream, network), values, [Count, channels, 64, 64],
            classes ? ["logits", "probabilities"] : ["steps"]);
        RequireClose($"DenseNet-40, {input}, {outputs} outputs", expected, found[0]);
        if (classes)
            RequireClose("its probabilities", Softmaxes(expected), found[1]);
    }

    void CompareQuality(QualityNetwork network, int width, int height)
    {
        OnnxRuntime.SkipWithout();
        int pixels = width * height;
        float[] expected = new float[Pictures * 2 * pixels], values = new float[Pictures * 3 * pixels];
        var inference = new QualityInference(network, 1);
        for (int i = 0; i < Pictures; i++)
        {
            ImageBuffer picture = TestScenes.Waves(width, height, i + 4);
            Span<float> maps = expected.AsSpan(i * 2 * pixels, 2 * pixels);
            inference.Run(picture.View, maps[..pixels], maps[pixels..], null, default);
            Planes(picture.Pixels).CopyTo(values, i * 3 * pixels);
        }
        float[] found = OnnxRuntime.Run(stream => OnnxExport.Write(stream, network), values, [Pictures, 3, height, width], "maps")[0];
        RequireClose(network.Name, expected, found);
    }

    void RequireClose(string what, float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        double largest = expected.Zip(found, (a, b) => (double)Math.Abs(a - b)).Max(), magnitude = expected.Max(Math.Abs);
        log.WriteLine($"{what}: largest difference {largest:E2}, largest output {magnitude:G4}");
        Assert.InRange(largest, 0, Tolerance);
    }

    // Means and variances as after training: not 0 and 1.
    static DenseNet40Network WithLivelyStatistics(DenseNet40Network network)
    {
        float[] parameters = [.. network.Parameters];
        var random = new Random(5);
        foreach (TensorPlace place in DenseNet40Network.Places(network.Architecture).Where(p => !p.Name.EndsWith(".weight", StringComparison.Ordinal)))
            foreach (ref float value in parameters.AsSpan(place.Offset, place.Length))
                value += 0.2f * random.NextSingle();
        return new DenseNet40Network(network.Architecture, parameters, network.Name, network.Metadata);
    }

    // [h,w,3] bytes to [3,h,w], divided by 255.
    static float[] Planes(ReadOnlySpan<byte> pixels)
    {
        int plane = pixels.Length / 3;
        float[] planes = new float[pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
            planes[i % 3 * plane + i / 3] = pixels[i] / 255f;
        return planes;
    }

    // JFIF's luma, rounded to a byte.
    static float[] Luma(ReadOnlySpan<byte> pixels)
    {
        float[] luma = new float[pixels.Length / 3];
        for (int i = 0; i < luma.Length; i++)
            luma[i] = (float)Math.Floor(0.299 * pixels[3 * i] + 0.587 * pixels[3 * i + 1] + 0.114 * pixels[3 * i + 2] + 0.5) / 255f;
        return luma;
    }

    static float[] Softmaxes(float[] logits)
    {
        float[] all = new float[logits.Length];
        for (int from = 0; from < logits.Length; from += PrimaryBlocks.Outputs)
            for (int c = 0; c < PrimaryBlocks.Count; c++)
            {
                Span<float> block = logits.AsSpan(from + PrimaryBlocks.Offsets[c], PrimaryBlocks.Sizes[c]);
                double[] powers = [.. block.ToArray().Select(v => Math.Exp(v))];
                for (int j = 0; j < powers.Length; j++)
                    all[from + PrimaryBlocks.Offsets[c] + j] = (float)(powers[j] / powers.Sum());
            }
        return all;
    }
}
