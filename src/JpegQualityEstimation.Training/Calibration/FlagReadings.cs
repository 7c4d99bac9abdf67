using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Calibration;

/// <summary>What is said of one part of a picture, as it is served.</summary>
/// <param name="Sampling">Of the compression; Gray: a grayscale copy.</param>
/// <param name="Quality">Quality factor; 0: never compressed.</param>
/// <param name="Summary">What the network and the grid say.</param>
/// <param name="HasGrid">Whether the grid of a last compression is found.</param>
readonly record struct FlagReading(ChromaSubsampling Sampling, int Quality, QualitySummary Summary, bool HasGrid = false)
{
    /// <summary>Whether there is enough to say anything.</summary>
    public bool IsAnswered => HasGrid || Summary.ReliableShare >= VerdictRule.MinimumReliableShare;
}

// FlagReadings: of each picture and sampling, for each quality factor one part that was compressed and one that never was, so
// that both are as many. Parts are squares of 64 pixels to Largest, even in the logarithm of the side; what is
// compressed loses up to 7 rows and columns afterwards, so that its grid lies anywhere. Randomness is of (seed, picture).
static class FlagReadings
{
    public const int Smallest = 64, Largest = 384;

    public static readonly int[] Qualities = [30, 50, 65, 75, 80, 85, 90, 92, 95, 97, 98, 99, 100];

    public static readonly ChromaSubsampling[] Samplings = [ChromaSubsampling.Samp420, ChromaSubsampling.Samp444, ChromaSubsampling.Gray];

    const ulong Stream = 0x464C4147;

    public static FlagReading[] Collect(
        QualityNetwork network, IReadOnlyList<TrainingPicture> pictures, ulong seed, int threads, IProgress<double>? progress, CancellationToken cancellation)
    {
        using IQualityMapEstimator estimator = QualityMapEstimator.Create(new QualityMapEstimatorOptions { Network = network, Threads = 1 });
        int each = 2 * Qualities.Length * Samplings.Length, done = 0;
        var readings = new FlagReading[each * pictures.Count];
        Parallel.For(0, pictures.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
        {
            int at = i * each;
            var random = new CounterRandom(seed, Stream, (ulong)i);
            foreach (ChromaSubsampling sampling in Samplings)
            {
                ImageBuffer picture = Evaluation.PictureEvaluation.Prepare(pictures[i].Pixels, sampling);
                foreach (int quality in Qualities)
                {
                    foreach (int applied in new[] { 0, quality })
                    {
                        ImageBuffer part = Part(picture, sampling, applied, ref random);
                        QualityMap map = estimator.Estimate(part.View, cancellationToken: cancellation);
                        readings[at++] = new FlagReading(sampling, applied, map.Summary, map.LastCompression is { IsDetected: true });
                    }
                }
            }
            progress?.Report(Interlocked.Increment(ref done) / (double)pictures.Count);
        });
        return readings;
    }

    static ImageBuffer Part(ImageBuffer picture, ChromaSubsampling sampling, int quality, ref CounterRandom random)
    {
        int side = (int)Math.Round(random.NextLogIn(new ValueRange(Smallest, Largest))), cut = quality == 0 ? 0 : 7;
        int width = Math.Min(side + cut, picture.Width), height = Math.Min(side + cut, picture.Height);
        int x = random.NextInt(picture.Width - width + 1), y = random.NextInt(picture.Height - height + 1);
        int left = random.NextInt(cut + 1), top = random.NextInt(cut + 1);
        ImageBuffer part = Copy(picture.View.Crop(x, y, width, height));
        if (quality == 0)
            return part;
        ImageBuffer compressed = JpegRoundTrip.Apply(part.View, JpegCompression.FromQuality(quality, sampling));
        return Copy(compressed.View.Crop(left, top, width - cut, height - cut));
    }

    static ImageBuffer Copy(PixelView view)
    {
        var copy = new ImageBuffer(view.Width, view.Height, PixelFormat.Rgb24);
        for (int y = 0; y < view.Height; y++)
            view.Row(y)[..(3 * view.Width)].CopyTo(copy.Target.Row(y));
        return copy;
    }
}
