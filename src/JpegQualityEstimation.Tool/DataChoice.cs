namespace JpegQualityEstimation.Tool;

// --data: folders that have to be there before hours of work begin.
static class DataChoice
{
    public static string[] Folders(string[] folders) =>
        folders.FirstOrDefault(folder => !Directory.Exists(folder)) is { } absent
            ? throw new UsageException($"--data {absent}: no such folder")
            : folders;
}
