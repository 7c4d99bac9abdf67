using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// PrimaryPool: many windows of one history as one estimate.
//   log P[i,j] = sum_w c_w log p_w[i,j] / sum_w c_w, normalised in each block i: the product of the windows' block
//                softmaxes, weighted by their confidence c and taken to the mean
//   shift       = sum_w c_w s_w / sum_w c_w
// Sums are doubles in the order of the windows; rows are pooled apart and merged in their order.
sealed class PrimaryPool
{
    readonly double[] logarithms = new double[PrimaryBlocks.Outputs];
    readonly double[] shifts = new double[64];
    double weight;
    bool hasShifts;

    public void Clear()
    {
        logarithms.AsSpan().Clear();
        shifts.AsSpan().Clear();
        (weight, hasShifts) = (0, false);
    }

    public void Add(ReadOnlySpan<double> windowLogarithms, ReadOnlySpan<float> windowShifts, float confidence)
    {
        weight += confidence;
        for (int j = 0; j < logarithms.Length; j++)
            logarithms[j] += confidence * windowLogarithms[j];
        hasShifts |= !windowShifts.IsEmpty;
        for (int s = 0; s < windowShifts.Length; s++)
            shifts[s] += (double)confidence * windowShifts[s];
    }

    public void Merge(PrimaryPool other)
    {
        weight += other.weight;
        hasShifts |= other.hasShifts;
        for (int j = 0; j < logarithms.Length; j++)
            logarithms[j] += other.logarithms[j];
        for (int s = 0; s < shifts.Length; s++)
            shifts[s] += other.shifts[s];
    }

    public PrimaryQuantEstimate ToEstimate()
    {
        var steps = new short[PrimaryBlocks.Count];
        var confidence = new float[PrimaryBlocks.Count];
        if (weight <= 0)
            return new PrimaryQuantEstimate(steps, confidence, 0, 0, false, null, new float[PrimaryBlocks.Outputs]);
        var probabilities = new float[PrimaryBlocks.Outputs];
        Span<double> means = stackalloc double[PrimaryBlocks.Outputs];
        for (int j = 0; j < means.Length; j++)
            means[j] = logarithms[j] / weight;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            int at = PrimaryBlocks.Offsets[i], end = at + PrimaryBlocks.Sizes[i];
            double largest = double.NegativeInfinity, sum = 0;
            for (int j = at; j < end; j++)
                largest = Math.Max(largest, means[j]);
            for (int j = at; j < end; j++)
                sum += Math.Exp(means[j] - largest);
            for (int j = at; j < end; j++)
                probabilities[j] = (float)(Math.Exp(means[j] - largest) / sum);
        }
        float mean = PrimaryPosterior.Steps(probabilities, steps, confidence);
        Span<float> mostly = stackalloc float[64];
        for (int s = 0; s < mostly.Length; s++)
            mostly[s] = (float)(shifts[s] / weight);
        GridShift? shift = hasShifts ? PrimaryPosterior.Shift(mostly) : null;
        return new PrimaryQuantEstimate(steps, confidence, mean, PrimaryPosterior.QualityFactor(means), true, shift, probabilities);
    }
}
