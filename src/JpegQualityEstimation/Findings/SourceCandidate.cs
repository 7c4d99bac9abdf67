namespace JpegQualityEstimation.Findings;

// SourceCandidate: what another source could be told by: a grid shift, or a range of quality factors (index 0 = 50).
readonly record struct SourceCandidate(int? Shift, int Lowest, int Highest)
{
    const int Band = 5, Step = 2;
    static ReadOnlySpan<int> TraceFree => [30, 35, 40];

    public static readonly SourceCandidate[] All = MakeAll();

    public SourceModel Model() => SourceModel.Of(Shift, Lowest, Highest);

    /// <summary>Log likelihood ratio of a window's answer, of the kind that this candidate is about.</summary>
    public float Against(SourceModel own, SourceModel other, ReadOnlySpan<byte> window) => Shift is null
        ? MathF.Log(own.Quality(window) / other.Quality(window))
        : MathF.Log(own.Shift(window) / other.Shift(window));

    /// <summary>Share of a source that is this already.</summary>
    public float Within(SourceModel source)
    {
        if (Shift is { } shift)
            return source.ShiftShares[shift];
        float sum = 0;
        for (int q = Lowest; q <= Highest; q++)
            sum += source.QualityShares[q];
        return sum;
    }

    static SourceCandidate[] MakeAll()
    {
        var all = new List<SourceCandidate>();
        for (int s = 0; s < SourceModel.Shifts; s++)
            all.Add(new(s, 0, SourceModel.Qualities - 1));
        for (int q = 0; q + Band <= SourceModel.Qualities; q += Step)
            all.Add(new(null, q, q + Band - 1));
        foreach (int q in TraceFree)
            all.Add(new(null, q, SourceModel.Qualities - 1));
        return [.. all];
    }
}
