namespace JpegQualityEstimation.Findings;

// WindowField: mean-field labels of a Potts model on the windows [h,w], eight neighbours (Koller, Friedman 2009, 11.5).
//   Q_w(s) ~ exp(Tempering log L_s(w) + Coupling sum_n c_n Q_n(s)),  c = 1 beside, 1/sqrt(2) across a corner
// Sweeps go through all windows in place, forwards and backwards by turns: the same numbers whatever the machine.
sealed class WindowField(int rows, int columns, ReadOnlyMemory<byte> determined)
{
    const int Sweeps = 12;
    const float Diagonal = 0.70710678f;

    /// <summary>Of a window's log likelihood: neighbours share most of their pixels.</summary>
    public float Tempering { get; init; } = 0.3f;

    public float Coupling { get; init; } = 0.4f;

    /// <summary>Probabilities [s][h,w] of the labels; 0 where undetermined.</summary>
    public float[][] Labels(IReadOnlyList<float[]> logLikelihoods)
    {
        int sources = logLikelihoods.Count;
        ReadOnlySpan<byte> known = determined.Span;
        var q = new float[sources][];
        for (int s = 0; s < sources; s++)
            q[s] = new float[rows * columns];
        Span<float> energy = stackalloc float[sources];
        for (int i = 0; i < known.Length; i++)
        {
            if (known[i] == 0)
                continue;
            for (int s = 0; s < sources; s++)
                energy[s] = Tempering * logLikelihoods[s][i];
            Put(q, i, energy);
        }
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            for (int step = 0; step < known.Length; step++)
            {
                int i = sweep % 2 == 0 ? step : known.Length - 1 - step;
                if (known[i] == 0)
                    continue;
                int y = i / columns, x = i % columns;
                for (int s = 0; s < sources; s++)
                    energy[s] = Tempering * logLikelihoods[s][i] + Coupling * Around(q[s], y, x);
                Put(q, i, energy);
            }
        }
        return q;
    }

    float Around(float[] q, int y, int x)
    {
        float sum = 0;
        for (int dy = -1; dy <= 1; dy++)
        {
            if ((uint)(y + dy) >= (uint)rows)
                continue;
            for (int dx = -1; dx <= 1; dx++)
                if ((dy | dx) != 0 && (uint)(x + dx) < (uint)columns)
                    sum += (dy == 0 || dx == 0 ? 1 : Diagonal) * q[(y + dy) * columns + x + dx];
        }
        return sum;
    }

    static void Put(float[][] q, int window, ReadOnlySpan<float> energy)
    {
        float largest = float.NegativeInfinity, sum = 0;
        foreach (float value in energy)
            largest = MathF.Max(largest, value);
        foreach (float value in energy)
            sum += MathF.Exp(value - largest);
        for (int s = 0; s < energy.Length; s++)
            q[s][window] = MathF.Exp(energy[s] - largest) / sum;
    }
}
