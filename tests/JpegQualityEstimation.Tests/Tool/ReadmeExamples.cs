using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tests.Tool;

// The C# of README.md, compiled. ReadmeTests compares the two texts; whoever changes one changes the other by hand.
static class ReadmeExamples
{
    public static void QuickStart()
    {
        // README 1
        ImageBuffer photo = ImageFile.Read("photo.jpg");
        using IQualityMapEstimator estimator = QualityMapEstimator.Create();
        QualityMap map = estimator.Estimate(photo.View);

        Console.WriteLine($"{map.Verdict}: quality {map.MeanQuality:0.0}, ever JPEG {map.MeanCompressed:0.00}");
        Console.WriteLine($"{map.ReliableShare:0%} of the pixels have enough texture to tell");

        // Planes are [height, width], row by row.
        float qualityOfOnePixel = map.Quality[20 * map.Width + 10];
        QualitySummary ofOneRegion = map.Summarize(x: 0, y: 0, width: 16, height: 16);

        // The picture and both maps with their legends.
        OutputFile.Write("photo.map.png", stream => PngWriter.Write(stream, QualityMapPicture.Render(map, photo.View).View));
        // README end
        GC.KeepAlive((qualityOfOnePixel, ofOneRegion));
    }

    public static QualityVerdict CallersBuffer(IQualityMapEstimator anyEstimator, byte[] anyBuffer)
    {
        // README 2
        static QualityVerdict Judge(IQualityMapEstimator estimator, byte[] bgra, int width, int height, int stride)
        {
            var view = new PixelView(bgra, width, height, stride, PixelFormat.Bgra32);
            return estimator.Estimate(view).Verdict;
        }
        // README end
        return Judge(anyEstimator, anyBuffer, 20, 10, 88);
    }

    public static void FirstTable()
    {
        // README 3
        byte[] file = File.ReadAllBytes("photo.jpg");
        QuantTable second = JpegHeader.Read(file, "photo.jpg").Components[0].Table;
        ImageBuffer picture = ImageFile.Read(file, "photo.jpg");
        using IPrimaryQuantEstimator primary = PrimaryQuantEstimator.Create();
        PrimaryQuantMap first = primary.EstimateMap(picture.View, second);

        Console.WriteLine($"first quality {first.Pooled.QualityFactor}, steps {string.Join(' ', first.Pooled.Steps.ToArray())}");
        PrimaryQuantEstimate topLeft = first[x: 0, y: 0];
        if (topLeft.Determined && topLeft.GridShift is { IsAligned: false })
            Console.WriteLine("the top left window was cut from another grid");
        // README end
    }
}
