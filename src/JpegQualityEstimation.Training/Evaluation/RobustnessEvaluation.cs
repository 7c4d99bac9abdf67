using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Training.Evaluation;

// RobustnessEvaluation: the middle square of every picture, compressed once (quality maps) or twice on shifted grids
// (primary quantization), then altered. Pictures are worked on side by side; numbers lie at places of their own and are
// summed in order, so the report is the same for any number of threads.

/// <summary>Measures what is left after alterations that follow the last compression.</summary>
public static class RobustnessEvaluation
{
    // Half of it, the strongest shrinking, still holds a window.
    const int LeastSide = 160, WindowStride = 32;
    const ulong Stream = 0x524F42555354;

    /// <summary>Runs the evaluation.</summary>
    /// <param name="options">Pictures, networks, extent.</param>
    /// <param name="progress">Told the share done, 0..1, from several threads.</param>
    /// <param name="cancellation">Looked at between estimates.</param>
    /// <exception cref="DirectoryNotFoundException">A data folder is not there.</exception>
    /// <exception cref="InvalidDataException">No usable picture.</exception>
    /// <exception cref="OperationCanceledException">The token says so.</exception>
    public static RobustnessEvaluationReport Run(
        RobustnessEvaluationOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        TrainingPictures pictures = TrainingPictures.Load(options.DataFolders, LeastSide, options.Skipped);
        if (options.MaxPictures > 0)
            pictures = pictures.First(options.MaxPictures);
        using IPrimaryQuantEstimator primary = PrimaryQuantEstimator.Create(
            new PrimaryQuantEstimatorOptions { Network = options.Primary, Device = ComputeDevice.Cpu, Threads = 1 });
        IQualityMapEstimator quality = QualityMapEstimator.Create(
            new QualityMapEstimatorOptions { Network = options.Quality, Device = ComputeDevice.Cpu, Threads = 1 });
        var results = new AlteredPicture[Alteration.All.Count, pictures.Pictures.Count];
        int done = 0;
        Parallel.For(0, pictures.Pictures.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, i =>
        {
            ImageBuffer square = MiddleSquare(pictures.Pictures[i].Pixels);
            ImageBuffer[] once = [.. options.Qualities.Select(q => Compressed(square, q)), square];
            (ImageBuffer Pixels, int Quality, int Shift)[] twice = [.. options.FirstQualities.Select((q, n) => Twice(square, q, n, options, i))];
            for (int a = 0; a < Alteration.All.Count; a++)
            {
                results[a, i] = Read(Alteration.All[a], once, twice, (ulong)i, options, quality, primary, cancellation);
                progress?.Report(Interlocked.Increment(ref done) / (double)results.Length);
            }
        });
        return new RobustnessEvaluationReport(
            pictures.Pictures.Count, pictures.ManifestHash, options.Seed, options.FirstQualities, options.SecondQuality,
            [
                .. Alteration.All.Select((alteration, a) =>
                    AlteredPicture.Summarize(alteration.Name, options, [.. Enumerable.Range(0, pictures.Pictures.Count).Select(i => results[a, i])])),
            ]);
    }

    static AlteredPicture Read(
        Alteration alteration, ImageBuffer[] once, (ImageBuffer Pixels, int Quality, int Shift)[] twice, ulong index,
        RobustnessEvaluationOptions options, IQualityMapEstimator quality, IPrimaryQuantEstimator primary, CancellationToken cancellation)
    {
        QuantTable second = QuantTable.StandardLuminance(options.SecondQuality);
        var summaries = new QualitySummary[once.Length];
        PrimaryCount told = new(), found = new();
        bool unchanged = true;
        for (int k = 0; k < once.Length; k++)
        {
            ImageBuffer altered = alteration.Apply(once[k], options.Seed + index);
            unchanged &= altered.Pixels.AsSpan().SequenceEqual(once[k].Pixels);
            summaries[k] = quality.Estimate(altered.View, cancellationToken: cancellation).Summary;
        }
        foreach ((ImageBuffer pixels, int first, int shift) in twice)
        {
            ImageBuffer altered = alteration.Apply(pixels, options.Seed + index);
            unchanged &= altered.Pixels.AsSpan().SequenceEqual(pixels.Pixels);
            told.Add(Map(second, default), first, shift, right: true);
            LastCompressionEstimate last = LastCompressionEstimator.Estimate(altered.View, cancellation: cancellation);
            if (last is { IsDetected: true, Table: { } table })
                found.Add(Map(table, last.GridOrigin), first, shift, right: table.Equals(second) && last.GridOrigin == default);
            else
                found.AddNone();

            PrimaryQuantMap Map(QuantTable assumed, GridOrigin origin) => primary.EstimateMap(
                altered.View, assumed, new PrimaryMapOptions { Stride = WindowStride, OriginRow = origin.Row, OriginColumn = origin.Column }, cancellationToken: cancellation);
        }
        return new AlteredPicture(summaries, told, found, unchanged);
    }

    static (ImageBuffer Pixels, int Quality, int Shift) Twice(ImageBuffer square, int first, int number, RobustnessEvaluationOptions options, int index)
    {
        var random = new CounterRandom(options.Seed, Stream, (ulong)(index * 64 + number));
        int shift = 1 + random.NextInt(63), side = square.Width - 7;
        ImageBuffer once = Compressed(square, first);
        ImageBuffer cut = Cut(once, shift % 8, shift / 8, side);
        return (Compressed(cut, options.SecondQuality), first, shift);
    }

    static ImageBuffer Compressed(ImageBuffer picture, int quality) =>
        JpegRoundTrip.Apply(picture.View, JpegCompression.FromQuality(quality, ChromaSubsampling.Samp420));

    static ImageBuffer MiddleSquare(ImageBuffer picture)
    {
        int side = Math.Min(picture.Width, picture.Height);
        return Cut(picture, (picture.Width - side) / 2, (picture.Height - side) / 2, side);
    }

    static ImageBuffer Cut(ImageBuffer picture, int left, int top, int side)
    {
        var result = new ImageBuffer(side, side, picture.Format);
        PixelView view = picture.View.Crop(left, top, side, side);
        for (int y = 0; y < side; y++)
            view.Row(y).CopyTo(result.Target.Row(y));
        return result;
    }
}
