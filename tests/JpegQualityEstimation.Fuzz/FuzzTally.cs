namespace JpegQualityEstimation.Fuzz;

/// <summary>What became of the inputs of one format.</summary>
sealed class FuzzTally(string format)
{
    public string Format { get; } = format;

    public int Inputs { get; set; }

    public int Accepted { get; set; }

    /// <summary>Inputs refused, by code ("weights" for weight files, "recipe" for recipes).</summary>
    public SortedDictionary<string, int> Refused { get; } = new(StringComparer.Ordinal);

    public double SlowestMilliseconds { get; set; }

    public long LargestAllocation { get; set; }

    public List<string> Failures { get; } = [];
}
