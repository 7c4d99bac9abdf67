namespace JpegQualityEstimation.Cuda.Tests;

/// <summary>The checkout that the tests were built in: the folder of the solution.</summary>
static class RepositoryFolder
{
    /// <summary>The folder, null where the tests run elsewhere.</summary>
    public static string? Found { get; } = Find();

    public static string Root => Found ?? throw new DirectoryNotFoundException("the solution is not above the tests");

    static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "JpegQualityEstimation.sln")))
                return folder.FullName;
        }
        return null;
    }
}
