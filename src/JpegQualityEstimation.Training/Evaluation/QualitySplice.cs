using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Training.Evaluation;

// QualitySplice: a region of one picture pasted into another, where one or both were JPEG, and saved losslessly. The donor's
// grid is shifted by 0 to 7 rows and columns; the region covers 5 to 40 % of the picture.
sealed class QualitySplice
{
    const double LeastArea = 0.05, MostArea = 0.4;

    // How far two JPEGs differ, and the qualities that they are drawn from.
    const int LeastDifference = 15;

    static readonly QualityBand[] Bands = [new(50, 89), new(90, 96), new(97, 100)];
    static readonly QualityBand[] Both = [new(50, 95)];

    QualitySplice(ImageBuffer picture, bool[] mask, bool donorIsLower)
    {
        Picture = picture;
        Mask = mask;
        DonorIsLower = donorIsLower;
    }

    public ImageBuffer Picture { get; }

    /// <summary>Where the region is, [height, width].</summary>
    public bool[] Mask { get; }

    /// <summary>Whether the region is what was compressed, or compressed more.</summary>
    public bool DonorIsLower { get; }

    /// <summary>Bands of the JPEG part's quality; one where both parts are JPEG.</summary>
    public static IReadOnlyList<QualityBand> BandsOf(SpliceKind kind) => kind == SpliceKind.JpegInJpeg ? Both : Bands;

    /// <summary>Makes a splice.</summary>
    /// <param name="host">Never compressed, RGB.</param>
    /// <param name="donor">Never compressed, RGB, 8 pixels or more both ways.</param>
    /// <param name="kind">Which part is JPEG.</param>
    /// <param name="band">Where qualities are drawn from.</param>
    /// <param name="sampling">Of all compressions.</param>
    /// <param name="trip">Compresses.</param>
    /// <param name="random">All else.</param>
    public static QualitySplice Create(
        ImageBuffer host, ImageBuffer donor, SpliceKind kind, QualityBand band, ChromaSubsampling sampling, JpegRoundTrip trip, ref CounterRandom random)
    {
        // Room for the donor's grid shift.
        int width = Math.Min(host.Width, donor.Width - 7), height = Math.Min(host.Height, donor.Height - 7);
        (int hostQuality, int donorQuality) = DrawQualities(kind, band, ref random);
        int x = random.NextInt(8), y = random.NextInt(8);
        bool[] mask = SpliceMask.Create(width, height, LeastArea, MostArea, ref random);
        ImageBuffer back = Compress(host, hostQuality), front = Compress(donor, donorQuality);
        var spliced = new ImageBuffer(width, height, PixelFormat.Rgb24);
        for (int i = 0; i < mask.Length; i++)
        {
            ImageBuffer from = mask[i] ? front : back;
            int row = i / width + (mask[i] ? y : 0), column = i % width + (mask[i] ? x : 0);
            from.Pixels.AsSpan(row * from.Stride + 3 * column, 3).CopyTo(spliced.Pixels.AsSpan(3 * i));
        }
        return new QualitySplice(spliced, mask, donorQuality != 0 && (hostQuality == 0 || donorQuality < hostQuality));

        ImageBuffer Compress(ImageBuffer picture, int quality)
        {
            if (quality == 0)
                return picture;
            var result = new ImageBuffer(picture.Width, picture.Height, PixelFormat.Rgb24);
            trip.Apply(picture.View, result.Target, JpegCompression.FromQuality(quality, sampling));
            return result;
        }
    }

    static (int Host, int Donor) DrawQualities(SpliceKind kind, QualityBand band, ref CounterRandom random)
    {
        int one = band.Draw(ref random), other = band.Draw(ref random);
        while (kind == SpliceKind.JpegInJpeg && Math.Abs(one - other) < LeastDifference)
            other = band.Draw(ref random);
        return kind switch
        {
            SpliceKind.JpegInNeverCompressed => (0, one),
            SpliceKind.NeverCompressedInJpeg => (one, 0),
            _ => (one, other),
        };
    }
}

/// <summary>Quality factors, both ends among them.</summary>
readonly record struct QualityBand(int From, int To)
{
    public int Draw(ref CounterRandom random) => From + random.NextInt(To - From + 1);

    public override string ToString() => $"{From}-{To}";
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
        (double flagAuc, double flagBest) = PixelMetrics.Ranking(flag, mask);
        (double qualityAuc, double qualityBest) = PixelMetrics.Ranking(quality, mask);
        return new SpliceFigures(flagAuc, flagBest, PixelMetrics.F1(flag, mask, 0.5f), qualityAuc, qualityBest);
    }
}
