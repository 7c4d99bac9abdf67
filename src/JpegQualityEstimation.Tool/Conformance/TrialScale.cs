namespace JpegQualityEstimation.Tool.Conformance;

/// <summary>How large the cases are.</summary>
enum TrialScale
{
    /// <summary>For an emulated device: tails and seams, a second in all.</summary>
    Quick,

    /// <summary>For a device: many blocks, sizes of the networks.</summary>
    Full,

    /// <summary>For timing: past every cache and launch.</summary>
    Timing,
}

static class TrialScales
{
    public static T Pick<T>(this TrialScale scale, T quick, T full, T timing) => scale switch
    {
        TrialScale.Quick => quick,
        TrialScale.Full => full,
        _ => timing,
    };
}
