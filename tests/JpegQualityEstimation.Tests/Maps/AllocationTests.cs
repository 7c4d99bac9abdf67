using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

// What calls allocate once a call has been made before, on one thread, whose count nobody else touches: what the caller keeps, and
// next to nothing beside it.
public sealed class AllocationTests
{
    // Objects around arrays, the second table in zig-zag order, the list of threads of a framework call: kilobytes, whatever the picture.
    const int Slack = 2048;

    // Steps, confidences, all probabilities, three array headers and the estimate itself.
    const int Estimate = 15 * 2 + 15 * 4 + 4 * PrimaryBlocks.Outputs + 3 * 24 + 64;

    // Of a grid, or of the search for one: the estimate with 64 steps of 24 bytes, its table and some it is compared with, closures.
    const int LastCompression = 6144;

    static readonly QuantTable Second = QuantTable.StandardLuminance(90);

    public static TheoryData<string> Networks => new("densenet40", "phase-histogram");

    [Theory]
    [MemberData(nameof(Networks))]
    public void PatchAllocatesItsEstimate(string architecture)
    {
        using IPrimaryQuantEstimator estimator = Open(architecture);
        ImageBuffer patch = TestScenes.Waves(64, 64, 1);
        AssertAllocates(Estimate, () => estimator.EstimatePatch(patch.View, Second));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void PatchesAllocateTheirEstimates(string architecture)
    {
        const int Count = 4;
        using IPrimaryQuantEstimator estimator = Open(architecture);
        byte[] patches = new byte[Count * 64 * 64 * 3];
        new Random(1).NextBytes(patches);
        AssertAllocates(Count * (Estimate + 8), () => estimator.EstimatePatches(patches, Second));
    }

    public static TheoryData<string, int, int, int> QualityMaps => new()
    {
        { "network only", 300, 120, 0 }, { "no grid", 300, 120, LastCompression }, { "grid", 300, 120, LastCompression },
        { "no grid", 530, 300, LastCompression }, { "grid", 530, 300, LastCompression }, { "two grids", 530, 300, 2 * LastCompression },
    };

    [Theory]
    [MemberData(nameof(QualityMaps))]
    public void QualityMapAllocatesItsPlanes(string kind, int width, int height, int beside)
    {
        using IQualityMapEstimator estimator = QualityMapEstimator.Create(
            new() { NetworkOnly = kind == "network only", Threads = 1, Device = JpegQualityEstimation.Engine.ComputeDevice.Cpu });
        ImageBuffer picture = SyntheticPicture.Create(width, height, 3);
        if (kind is "grid" or "two grids")
            picture = JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(93));
        if (kind == "two grids")
            Paste(JpegRoundTrip.Apply(SyntheticPicture.Create(width, height, 8).View, JpegCompression.FromQuality(98)), picture);
        QualityMap? map = null;
        // A sum over bands of 64 rows beside them.
        AssertAllocates(9 * width * height + height + beside, () => map = estimator.Estimate(picture.View));
        Assert.Equal(kind.Contains("grid") && kind != "no grid", map!.LastCompression is { IsDetected: true });
    }

    // The left third, three columns to the left.
    static void Paste(ImageBuffer from, ImageBuffer to)
    {
        for (int y = 0; y < to.Height; y++)
            from.Pixels.AsSpan(y * from.Stride + 9, from.Stride / 3).CopyTo(to.Pixels.AsSpan(y * to.Stride));
    }

    [Theory]
    [InlineData("phase-histogram", 13)]
    [InlineData("densenet40", 4)]
    public void MapAllocatesItsPlanes(string architecture, int rows)
    {
        int side = 64 + 8 * (rows - 1);
        using IPrimaryQuantEstimator estimator = Open(architecture);
        ImageBuffer picture = TestScenes.Waves(side, side, 1);
        // A reference to the pool of every row beside them.
        AssertAllocates(rows * rows * 101 + Estimate + 8 * rows, () => estimator.EstimateMap(picture.View, Second));
    }

    static IPrimaryQuantEstimator Open(string architecture)
    {
        PrimaryNetwork network = PrimaryNetworks.BundledNames.Count > 0 && architecture == "phase-histogram"
            ? PrimaryNetworks.Bundled(PrimaryNetworks.BundledNames[0])
            : DenseNet();
        return PrimaryQuantEstimator.Create(new() { Network = network, Threads = 1, Device = JpegQualityEstimation.Engine.ComputeDevice.Cpu });
    }

    static PrimaryNetwork DenseNet()
    {
        DenseNet40Network network = DenseNet40Network.CreateInitialized(1);
        return new PrimaryNetwork("untrained", "densenet40", network.Metadata, () => new DenseNet40Engine(network), network);
    }

    // The least of several calls: a collection on another thread ends the block that this one allocates from, and counts its rest.
    static void AssertAllocates(long kept, Action call)
    {
        call();
        long least = long.MaxValue;
        for (int i = 0; i < 6; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            call();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.InRange(least, 0, kept + Slack);
    }
}
