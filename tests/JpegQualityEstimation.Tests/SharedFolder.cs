using Xunit;

namespace JpegQualityEstimation.Tests;

/// <summary>The corpus and reference models beside the project, where they are.</summary>
static class SharedFolder
{
    public static string? Root { get; } = Find();

    /// <summary>The path below the folder; skips the test with a reason where it is absent.</summary>
    public static string Require(params string[] parts)
    {
        string path = Path.Combine([Root ?? "../shared", .. parts]);
        Skip.IfNot(Root is not null && Path.Exists(path), $"{Path.Combine(["../shared", .. parts])} is not beside the project (JQE_SHARED names it elsewhere)");
        return path;
    }

    static string? Find()
    {
        if (Environment.GetEnvironmentVariable("JQE_SHARED") is { Length: > 0 } named)
            return named;
        if (RepositoryFolder.Found is not { } root)
            return null;
        string beside = Path.Combine(root, "..", "shared");
        return Directory.Exists(beside) ? beside : null;
    }
}
