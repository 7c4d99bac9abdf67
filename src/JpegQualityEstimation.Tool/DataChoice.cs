using System.CommandLine;

namespace JpegQualityEstimation.Tool;

// --data: folders that have to be there before hours of work begin.
static class DataChoice
{
    public static Option<string[]> Option() => new("--data")
    {
        Description = "Folders of never-compressed pictures, subfolders included; JPEG files in them are skipped.",
        HelpName = "DIR",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    public static string[] Folders(string[] folders) =>
        folders.FirstOrDefault(folder => !Directory.Exists(folder)) is { } absent
            ? throw new UsageException($"--data {absent}: no such folder")
            : folders;
}
