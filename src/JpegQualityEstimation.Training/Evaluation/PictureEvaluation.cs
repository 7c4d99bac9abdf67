using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Training.Evaluation;

// PictureEvaluation: everything that is measured on one picture, for all models. Randomness is of (seed, picture).

sealed class PictureEvaluation
{
    const double LeastArea = 0.05, MostArea = 0.4;

    readonly QualityEvaluationOptions options;
    readonly IQualityMapEstimator[] estimators;
    readonly CancellationToken cancellation;
    readonly Action step;
    readonly JpegRoundTrip trip = new();

    public PictureEvaluation(
        QualityEvaluationOptions options, IQualityMapEstimator[] estimators, IReadOnlyList<TrainingPicture> pictures, int index,
        Action step, CancellationToken cancellation)
    {
        this.options = options;
        this.estimators = estimators;
        this.step = step;
        this.cancellation = cancellation;
        foreach (ChromaSubsampling sampling in options.Samplings)
        {
            ImageBuffer picture = Prepare(pictures[index].Pixels, sampling);
            Estimate(picture, (model, map) => Single[(sampling, 0, model)] = map.Summary);
            foreach (int quality in options.Qualities)
                Estimate(Compress(picture.View, quality, sampling), (model, map) => Single[(sampling, quality, model)] = map.Summary);
            if (options.SplicesPerPicture > 0)
                Splice(picture, Prepare(pictures[(index + 1) % pictures.Count].Pixels, sampling), sampling, index);
        }
        int pair = 0;
        foreach ((ChromaSubsampling sampling, int first, int last) in QualityEvaluation.Doubles(options))
        {
            var random = new CounterRandom(options.Seed, 0x444F55424C45, (ulong)(index * 1000 + pair++));
            ImageBuffer once = Compress(pictures[index].Pixels.View, first, sampling);
            (int x, int y) = NextShift(ref random);
            ImageBuffer twice = Compress(once.View.Crop(x, y, once.Width - x, once.Height - y), last, sampling);
            Estimate(twice, (model, map) => Double[(sampling, first, last, model)] = map.Summary);
        }
    }

    public Dictionary<(ChromaSubsampling Sampling, int Quality, int Model), QualitySummary> Single { get; } = [];

    public Dictionary<(ChromaSubsampling Sampling, int First, int Last, int Model), QualitySummary> Double { get; } = [];

    public Dictionary<(SpliceKind Kind, ChromaSubsampling Sampling, int Model), List<SpliceFigures>> Splices { get; } = [];

    /// <summary>Calls of the step action that one picture makes.</summary>
    public static int Steps(QualityEvaluationOptions options) =>
        options.Samplings.Count * (1 + options.Qualities.Count + 3 * options.SplicesPerPicture) + QualityEvaluation.Doubles(options).Count();

    void Splice(ImageBuffer host, ImageBuffer donor, ChromaSubsampling sampling, int index)
    {
        // Room for the donor's grid shift.
        int width = Math.Min(host.Width, donor.Width - 7), height = Math.Min(host.Height, donor.Height - 7);
        foreach (SpliceKind kind in Enum.GetValues<SpliceKind>())
        {
            for (int n = 0; n < options.SplicesPerPicture; n++)
            {
                var random = new CounterRandom(options.Seed, 0x53504C494345, (ulong)(((index * 5 + (int)sampling) * 3 + (int)kind) * 1000 + n));
                (int hostQuality, int donorQuality) = DrawQualities(kind, ref random);
                (int x, int y) = NextShift(ref random);
                bool[] mask = SpliceMask.Create(width, height, LeastArea, MostArea, ref random);
                ImageBuffer back = hostQuality == 0 ? host : Compress(host.View, hostQuality, sampling);
                ImageBuffer front = donorQuality == 0 ? donor : Compress(donor.View, donorQuality, sampling);
                var spliced = new ImageBuffer(width, height, PixelFormat.Rgb24);
                for (int i = 0; i < mask.Length; i++)
                {
                    ImageBuffer from = mask[i] ? front : back;
                    int row = i / width + (mask[i] ? y : 0), column = i % width + (mask[i] ? x : 0);
                    from.Pixels.AsSpan(row * from.Stride + 3 * column, 3).CopyTo(spliced.Pixels.AsSpan(3 * i));
                }
                bool lower = donorQuality != 0 && (hostQuality == 0 || donorQuality < hostQuality);
                Estimate(spliced, (model, map) =>
                {
                    if (!Splices.TryGetValue((kind, sampling, model), out List<SpliceFigures>? list))
                        Splices[(kind, sampling, model)] = list = [];
                    list.Add(SpliceFigures.Of(map, mask, donorIsLower: lower));
                });
            }
        }
    }

    static (int Host, int Donor) DrawQualities(SpliceKind kind, ref CounterRandom random)
    {
        // 50..95; two JPEGs differ by 15 or more.
        int one = 50 + random.NextInt(46), other = 50 + random.NextInt(46);
        while (Math.Abs(one - other) < 15)
            other = 50 + random.NextInt(46);
        return kind switch
        {
            SpliceKind.JpegInNeverCompressed => (0, one),
            SpliceKind.NeverCompressedInJpeg => (one, 0),
            _ => (one, other),
        };
    }

    static (int X, int Y) NextShift(ref CounterRandom random)
    {
        int x = random.NextInt(8), y = random.NextInt(8);
        return (x, y);
    }

    void Estimate(ImageBuffer picture, Action<int, QualityMap> take)
    {
        for (int model = 0; model < estimators.Length; model++)
            take(model, estimators[model].Estimate(picture.View, cancellationToken: cancellation));
        step();
    }

    ImageBuffer Compress(PixelView picture, int quality, ChromaSubsampling sampling)
    {
        var result = new ImageBuffer(picture.Width, picture.Height, PixelFormat.Rgb24);
        trip.Apply(picture, result.Target, JpegCompression.FromQuality(quality, sampling));
        return result;
    }

    public static ImageBuffer Prepare(ImageBuffer picture, ChromaSubsampling sampling)
    {
        if (sampling != ChromaSubsampling.Gray)
            return picture;
        var gray = new ImageBuffer(picture.Width, picture.Height, PixelFormat.Rgb24);
        for (int i = 0; i < gray.Pixels.Length; i += 3)
        {
            ReadOnlySpan<byte> rgb = picture.Pixels.AsSpan(i, 3);
            gray.Pixels.AsSpan(i, 3).Fill((byte)(0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] + 0.5));
        }
        return gray;
    }
}

/// <summary>How well the two maps of one splice find the foreign region.</summary>
readonly record struct SpliceFigures(double FlagAuc, double FlagBestF1, double FlagF1, double QualityAuc, double QualityBestF1)
{
    /// <summary>Scores rise towards the foreign region: its side of the flag and of the quality is known.</summary>
    public static SpliceFigures Of(QualityMap map, bool[] mask, bool donorIsLower)
    {
        float[] flag = map.Compressed.ToArray(), quality = map.Quality.ToArray();
        for (int i = 0; i < flag.Length; i++)
        {
            flag[i] = donorIsLower ? flag[i] : 1 - flag[i];
            quality[i] = donorIsLower ? -quality[i] : quality[i];
        }
        return new SpliceFigures(
            PixelMetrics.Auc(flag, mask), PixelMetrics.BestF1(flag, mask), PixelMetrics.F1(flag, mask, 0.5f),
            PixelMetrics.Auc(quality, mask), PixelMetrics.BestF1(quality, mask));
    }
}
