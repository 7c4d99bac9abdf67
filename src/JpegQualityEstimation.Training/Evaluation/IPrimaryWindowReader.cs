namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>Whatever reads the first 15 zig-zag steps of the first luminance table from 64x64 windows: a network, or a formula.</summary>
/// <remarks>Used by one thread at a time. The same windows must give the same steps.</remarks>
public interface IPrimaryWindowReader : IDisposable
{
    /// <summary>Whether the phase of the first grid is told too.</summary>
    bool GivesPhase { get; }

    /// <summary>Reads windows.</summary>
    /// <param name="windows">[n,64,64,3] RGB, in phase with the second grid.</param>
    /// <param name="n">Windows, 1 or more.</param>
    /// <param name="secondZigZag">The 64 steps of the second luminance table, zig-zag.</param>
    /// <param name="steps">[n,15], overwritten.</param>
    /// <param name="phase">[n,64] scores of where the blocks of the first grid begin, row * 8 + column, overwritten; empty where not given.</param>
    void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phase);
}
