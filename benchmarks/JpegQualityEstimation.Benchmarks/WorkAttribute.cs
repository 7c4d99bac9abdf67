namespace JpegQualityEstimation.Benchmarks;

/// <summary>What one call does, in units of its own: "GFLOP" makes a rate of GFLOP/s, "MP" of megapixels a second.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class WorkAttribute(double amount, string unit) : Attribute
{
    /// <summary>Multiply-adds of the quality network's definition a pixel, as operations.</summary>
    public const double QualityPixelGigaFlop = 2 * 187_200 / 1e9;

    /// <summary>The same of a DenseNet-40 window as the paper writes it.</summary>
    public const double DenseNetWindowGigaFlop = 2 * 1.130;

    public double Amount { get; } = amount;

    public string Unit { get; } = unit;

    /// <summary>Arithmetic of one call in 1e9 operations, a multiply-add counted as two, as the definition has it; 0: not counted.</summary>
    public double GigaFlop { get; set; } = unit == "GFLOP" ? amount : 0;

    /// <summary>Threads at work: the peak that it is held to is theirs together.</summary>
    public int Threads { get; set; } = 1;

    /// <summary>Bytes of the arrays that the caller gets and keeps; what is allocated beyond them is garbage.</summary>
    public long ResultBytes { get; set; } = -1;
}
