using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Training.Evaluation;

// PictureEvaluation: everything that is measured on one picture, for all models. Randomness is of (seed, picture).

sealed class PictureEvaluation
{
    readonly QualityEvaluationOptions options;
    readonly EvaluatedMaps maps;
    readonly CancellationToken cancellation;
    readonly Action step;
    readonly JpegRoundTrip trip = new();

    public PictureEvaluation(
        QualityEvaluationOptions options, EvaluatedMaps maps, IReadOnlyList<TrainingPicture> pictures, int index,
        Action step, CancellationToken cancellation)
    {
        this.options = options;
        this.maps = maps;
        this.step = step;
        this.cancellation = cancellation;
        ChromaSubsampling? colour = null;
        foreach (ChromaSubsampling sampling in options.Samplings)
        {
            ImageBuffer picture = Prepare(pictures[index].Pixels, sampling);
            NeverCompressed(picture, sampling, ref colour);
            foreach (int quality in options.Qualities)
                Estimate(Compress(picture.View, quality, sampling), (model, map) => Single[(sampling, quality, model)] = map.Summary);
            if (options.SplicesPerPicture > 0)
                Splice(picture, Prepare(pictures[(index + 1) % pictures.Count].Pixels, sampling), sampling, index);
        }
        int pair = 0;
        foreach (TwoCompressions two in QualityEvaluation.Doubles(options))
        {
            var random = new CounterRandom(options.Seed, 0x444F55424C45, (ulong)(index * 1000 + pair++));
            ImageBuffer once = Compress(pictures[index].Pixels.View, two.First, two.Sampling);
            // Any of the 63 shifts that move the grid.
            int shift = two.Aligned ? 0 : 1 + random.NextInt(63), x = shift % 8, y = shift / 8;
            ImageBuffer twice = Compress(once.View.Crop(x, y, once.Width - x, once.Height - y), two.Last, two.Sampling);
            Estimate(twice, (model, map) => Double[(two, model)] = map.Summary);
        }
    }

    public Dictionary<(ChromaSubsampling Sampling, int Quality, int Model), QualitySummary> Single { get; } = [];

    public Dictionary<(TwoCompressions Two, int Model), QualitySummary> Double { get; } = [];

    public Dictionary<(SpliceKind Kind, int Band, ChromaSubsampling Sampling, int Model), List<SpliceFigures>> Splices { get; } = [];

    /// <summary>Calls of the step action that one picture makes.</summary>
    public static int Steps(QualityEvaluationOptions options) =>
        options.Samplings.Count * (1 + options.Qualities.Count + Enum.GetValues<SpliceKind>().Sum(kind => QualitySplice.BandsOf(kind).Count) * options.SplicesPerPicture)
        + QualityEvaluation.Doubles(options).Count();

    // A colour picture that was never compressed is the same in every sampling.
    void NeverCompressed(ImageBuffer picture, ChromaSubsampling sampling, ref ChromaSubsampling? colour)
    {
        if (sampling != ChromaSubsampling.Gray && colour is { } same)
        {
            for (int model = 0; model < options.Models.Count; model++)
                Single[(sampling, 0, model)] = Single[(same, 0, model)];
            step();
            return;
        }
        Estimate(picture, (model, map) => Single[(sampling, 0, model)] = map.Summary);
        if (sampling != ChromaSubsampling.Gray)
            colour = sampling;
    }

    void Splice(ImageBuffer host, ImageBuffer donor, ChromaSubsampling sampling, int index)
    {
        foreach (SpliceKind kind in Enum.GetValues<SpliceKind>())
        {
            for (int band = 0; band < QualitySplice.BandsOf(kind).Count; band++)
            {
                for (int n = 0; n < options.SplicesPerPicture; n++)
                {
                    var random = new CounterRandom(options.Seed, 0x53504C494345, (ulong)((((index * 5 + (int)sampling) * 3 + (int)kind) * 10 + band) * 100 + n));
                    var splice = QualitySplice.Create(host, donor, kind, QualitySplice.BandsOf(kind)[band], sampling, trip, ref random);
                    Estimate(splice.Picture, (model, map) =>
                    {
                        if (!Splices.TryGetValue((kind, band, sampling, model), out List<SpliceFigures>? list))
                            Splices[(kind, band, sampling, model)] = list = [];
                        list.Add(SpliceFigures.Of(map, splice.Mask, splice.DonorIsLower));
                    });
                }
            }
        }
    }

    void Estimate(ImageBuffer picture, Action<int, QualityMap> take)
    {
        maps.Estimate(picture.View, take, cancellation);
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
