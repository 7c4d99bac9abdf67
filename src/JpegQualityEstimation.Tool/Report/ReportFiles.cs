using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Tool.Report;

// The files of a report: NAME.KIND.png for each map, NAME.json, NAME.html. Each is written whole or not at all; the page goes
// first and comes last, so that where it is, all are there and of one run.
static class ReportFiles
{
    public const string Page = ".html", Data = ".json";

    static readonly string[] kinds = ["regions", "quality", "compressed", "primary", "confidence", "shift"];

    public static bool Exist(OutputNames names, InputPicture picture) =>
        File.Exists(names.Of(picture, Page)) && File.Exists(names.Of(picture, Data));

    public static IReadOnlyList<ReportMap> Write(string path, PictureFindings findings, ImageBuffer image)
    {
        IReadOnlyList<ReportMap> maps = ReportPictures.Maps(findings, image);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path + Page);
        foreach (string kind in kinds.Except(maps.Select(map => map.Kind)))
            File.Delete(Plate(path, kind));
        foreach (ReportMap map in maps)
            OutputFile.Write(Plate(path, map.Kind), stream => PngWriter.Write(stream, MapPlate.Draw(map, findings.File.Sha256, findings.Origin.Version).View));
        OutputFile.Write(path + Data, stream => stream.Write(ReportJson.File(findings, maps)));
        string[] files = [Path.GetFileName(path) + Data, .. maps.Select(map => Path.GetFileName(Plate(path, map.Kind)))];
        byte[] page = ReportPage.Write(findings, maps, ReportPictures.Picture(image), files);
        OutputFile.Write(path + Page, stream => stream.Write(page));
        return maps;
    }

    static string Plate(string path, string kind) => $"{path}.{kind}.png";
}
