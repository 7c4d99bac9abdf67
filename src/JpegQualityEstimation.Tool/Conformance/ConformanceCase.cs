namespace JpegQualityEstimation.Tool.Conformance;

/// <summary>One line of the self-test.</summary>
/// <param name="Name">What is tried.</param>
/// <param name="Size">Of what goes in.</param>
/// <param name="Run">Does it and compares; NotSupportedException where this device or library has no such thing.</param>
sealed record ConformanceCase(string Name, string Size, Action<ConformanceRun> Run)
{
    /// <summary>Takes more than a moment on an emulated device.</summary>
    public bool Slow { get; init; }

    public static ConformanceCase Of(OpCase op) => new(op.Name, op.Size, run =>
    {
        OpTrial trial = op.Prepare(run.Scene);
        trial.Launch();
        trial.Compare(run.Comparison);
    });
}

/// <summary>What a case works with: a device's scene where there is one, and where differences are noted.</summary>
sealed class ConformanceRun(DeviceScene? scene)
{
    public Comparison Comparison { get; } = new();

    public DeviceScene Scene => scene ?? throw new InvalidOperationException("this case runs on a device");
}

/// <summary>How a case ended.</summary>
enum ConformanceVerdict
{
    Equal,
    WithinBound,
    NotThere,
    Failed,
}

/// <summary>A line of the self-test's table.</summary>
/// <param name="Name">What was tried.</param>
/// <param name="Size">Of what went in.</param>
/// <param name="Error">Difference nearest to its bound.</param>
/// <param name="Bound">Of that difference.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="Note">Where it failed, or why it is not there.</param>
/// <param name="Milliseconds">All of it, reference and all.</param>
sealed record ConformanceOutcome(string Name, string Size, double Error, double Bound, ConformanceVerdict Verdict, string Note, double Milliseconds);
