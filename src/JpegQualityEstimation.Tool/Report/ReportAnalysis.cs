using System.Reflection;
using System.Runtime.InteropServices;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Report;

// ReportAnalysis: one picture through all analyses.
//   file -> facts, pixels; pixels -> quality map; file or pixels -> last compression -> primary map -> regions
// Memory: 3 bytes a pixel for the picture, 9 for the quality map, and at most MaxWindows windows of 0.2 KB: where a picture
// has more at stride 8, the stride grows. An analysis that cannot be made is told with its reason, not a failure.
sealed class ReportAnalysis(
    ToolConsole console, IQualityMapEstimator quality, IPrimaryQuantEstimator? primary, SecondTableChoice second, ComputePrecision precision,
    ReportModels models, ReportCommand command, TimeProvider clock)
{
    public const int MaxWindows = 1_000_000;

    const int Side = 64;

    public PictureFindings Run(string path, ReadOnlySpan<byte> file, ImageBuffer image)
    {
        long start = clock.GetTimestamp();
        DateTimeOffset made = clock.GetUtcNow();
        FileFacts facts = FileFacts.Read(file, path);
        QualityMap map = ProgressBar.Show(console, $"{ProgressBar.Label(path)} quality", progress => quality.Estimate(image.View, progress, console.Cancellation));
        LastCompressionEstimate? last = SecondTableChoice.IsJpeg(file) ? null : LastCompressionEstimator.Estimate(image.View, cancellation: console.Cancellation);
        SecondTable? table = null;
        PrimaryQuantMap? first = null;
        Failure? missing = null;
        var evidence = new RegionEvidence();
        int stride = command.Stride;
        try
        {
            table = second.Of(file, path, last);
            GridOrigin origin = table.Origin;
            stride = command.Stride > 0 ? command.Stride : StrideFor(image.Width - origin.Column, image.Height - origin.Row);
            first = PrimaryMap(path, image, table, stride, evidence);
        }
        catch (InputException e)
        {
            missing = Failure.Of(e);
        }
        return new PictureFindings(path, facts, image.Width, image.Height, image.Format == PixelFormat.Gray8, map)
        {
            Last = last,
            Second = table,
            Primary = first,
            Regions = first is null ? null : RegionFinder.Find(first, evidence, map),
            PrimaryMissing = missing,
            Origin = Origin(path, table, first, stride) with { Made = made, Milliseconds = clock.GetElapsedTime(start).TotalMilliseconds },
        };
    }

    PrimaryQuantMap PrimaryMap(string path, ImageBuffer image, SecondTable table, int stride, RegionEvidence evidence)
    {
        if (primary is null)
            throw new InputException("no-model", "this build carries no model for primary quantization and --primary-model names none");
        if (image.Width - table.Origin.Column < Side || image.Height - table.Origin.Row < Side)
            throw new InputException("too-small", $"{image.Width}x{image.Height} pixels, no 64x64 window fits on the grid of the last compression");
        var options = new PrimaryMapOptions
        {
            Stride = stride, OriginRow = table.Origin.Row, OriginColumn = table.Origin.Column, RowReceiver = evidence.Receive,
        };
        return ProgressBar.Show(console, $"{ProgressBar.Label(path)} primary", progress =>
            primary.EstimateMap(image.View, table.Table, options, progress, console.Cancellation));
    }

    /// <summary>The least multiple of 8 at which a picture has at most MaxWindows windows.</summary>
    public static int StrideFor(int width, int height)
    {
        int stride = 8;
        while ((Math.Max(0, width - Side) / stride + 1L) * (Math.Max(0, height - Side) / stride + 1L) > MaxWindows)
            stride += 8;
        return stride;
    }

    ReportOrigin Origin(string path, SecondTable? table, PrimaryQuantMap? first, int stride) => new(
        default, 0, ToolVersion, RuntimeInformation.FrameworkDescription, CpuKernelSets.Chosen.ToString(),
        quality.Device.ToString(), quality.Device.Kind == ComputeDeviceKind.Cpu ? "Float32" : precision.ToString(),
        models.Quality(quality.ModelName), first is null ? null : models.Primary(first.ModelName, table!.Table), stride, command.For(path, first is null ? 0 : stride));

    static string ToolVersion { get; } =
        typeof(ReportAnalysis).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
