using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Networks;

// The published weights of Uchida 2019 on two pictures, against outputs computed by an independent framework.
public sealed class QualityReferenceTests
{
    [SkippableTheory]
    [InlineData("tampered", 512, 2)]
    [InlineData("tampered", 100, 1)]
    [InlineData("crop61x77", 512, 1)]
    [InlineData("crop61x77", 16, 2)]
    public void PublishedWeightsGiveThePublishedOutputs(string name, int tileSize, int threads)
    {
        var network = QualityNetwork.Load(SharedFolder.Require("reference", "uchida2019", "published.safetensors"));
        ImageBuffer picture = ImageFile.Read(SharedFolder.Require("reference", "uchida2019", name + ".png"));
        byte[] npy = File.ReadAllBytes(SharedFolder.Require("reference", "uchida2019", name + ".output.npy"));
        float[] expected = new float[2 * picture.Width * picture.Height];
        Buffer.BlockCopy(npy, npy.Length - expected.Length * 4, expected, 0, expected.Length * 4);
        float[] degradation = new float[picture.Width * picture.Height];
        float[] flag = new float[degradation.Length];

        new QualityInference(network, threads, tileSize).Run(picture.View, degradation, flag, null, default);

        double worst = 0;
        for (int i = 0; i < degradation.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(degradation[i] - expected[i]));
            worst = Math.Max(worst, Math.Abs(flag[i] - (1 - expected[degradation.Length + i])));
        }
        Assert.InRange(worst, 0, 1e-4);
    }
}
