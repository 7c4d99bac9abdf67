using System.Runtime.InteropServices;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// The files of a quality map: quality and compression flag [h,w].
static class QualityMapFiles
{
    public static MapFiles Files { get; } = new(".quality.npy", ".compressed.npy");

    public static void Write(string path, QualityMap map, ImageBuffer image)
    {
        int[] shape = [map.Height, map.Width];
        Files.Write(path, QualityMapPicture.Render(map, image.View),
            stream => NpyWriter.Write(stream, map.Quality, shape), stream => NpyWriter.Write(stream, map.Compressed, shape));
    }

    // Estimates and writes band by band; the same files, of whose planes only a band is ever held.
    public static QualityBandsEstimate Write(
        string path, IQualityBandEstimator estimator, ImageBuffer image, IProgress<double>? progress, CancellationToken cancellation)
    {
        QualityMapPictureOptions options = QualityMapPictureOptions.Default;
        PanelSums sums = QualityMapPicture.EmptySums(image.Width, image.Height, options);
        QualityBandsEstimate estimate = default;
        Files.Write(path, () => QualityMapPicture.Render(estimate.Summary, sums, image.View, options), streams =>
        {
            foreach (Stream stream in streams)
                NpyWriter.WriteFloatHeader(stream, [image.Height, image.Width]);
            estimate = estimator.EstimateBands(image.View, new Bands(streams[0], streams[1], sums), progress, cancellation);
        });
        return estimate;
    }

    sealed class Bands(Stream qualities, Stream flags, PanelSums sums) : IQualityBandSink
    {
        public void Add(int top, int rows, ReadOnlySpan<float> quality, ReadOnlySpan<float> compressed, ReadOnlySpan<byte> reliability)
        {
            qualities.Write(MemoryMarshal.AsBytes(quality));
            flags.Write(MemoryMarshal.AsBytes(compressed));
            sums.Add(top, rows, quality, compressed, reliability);
        }
    }
}
