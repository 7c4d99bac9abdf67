namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

/// <summary>Windows whose pixels are transformed; their evidence is measured one coefficient at a time, so that it is read while it is in a cache.</summary>
unsafe interface IPhaseEvidenceSource
{
    /// <summary>One coefficient of the windows first .. first + count - 1 of those loaded.</summary>
    /// <param name="k">Coefficient, zig-zag.</param>
    /// <param name="first">First window, counted from the first that was loaded.</param>
    /// <param name="count">Windows.</param>
    /// <param name="evidence">[window, phase, feature].</param>
    /// <param name="overall">[feature] of a window, the next one's <see cref="PhaseEvidenceOptions.OverallLength"/> floats behind it.</param>
    void Coefficient(int k, int first, int count, float* evidence, float* overall);

    /// <summary>Tells what the measurement of coefficient k will read.</summary>
    void Expect(int k, MemoryAhead ahead);
}
