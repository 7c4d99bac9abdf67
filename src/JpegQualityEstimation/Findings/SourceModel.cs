using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Findings;

// SourceModel: what a source's windows are expected to say.
//   A(w) = r 51 sum_q a(q) p_w(q) + 1 - r        p_w: the window's quality factors, a: the source's, widened (Kernel);
//                                                r: how far they can be relied on, at most 1 - e
//   B(w) = (1 - e) 64 sum_s b(s) p_w(s) + e      p_w: the window's grid shifts, b: the source's
//   log L(w) = log A + log B                     0 for a window that says nothing; at most log 51 + log 64
// a and b are fitted by expectation-maximisation: a'(q) ~ sum_w r_w a(q) p_w(q) / A(w), and b alike, then mixed with Broad of
// the uniform distribution. e (Error): a window can be wrong and sure of it.
sealed class SourceModel
{
    public const int Qualities = RegionEvidence.Qualities, Shifts = RegionEvidence.AllShifts;
    const double Error = 0.02, Broad = 0.02;

    // Steps of one source are read as up to a tenth or so finer or coarser ones, and quality factors as their neighbours.
    public const double KernelSteps = 0.15;
    const int KernelNeighbours = 3;
    static readonly float[,] kernel = MakeKernel();

    // exp(-code / Scale)
    static readonly float[] probability = [.. Enumerable.Range(0, 256).Select(code => (float)Math.Exp(-code / RegionEvidence.Scale))];

    readonly float[] a = new float[Qualities], b = new float[Shifts];
    readonly float[] wide = new float[Qualities];

    public SourceModel()
    {
        a.AsSpan().Fill(1f / Qualities);
        b.AsSpan().Fill(1f / Shifts);
        Widen();
    }

    public ReadOnlySpan<float> QualityShares => a;

    public ReadOnlySpan<float> ShiftShares => b;

    /// <summary>The model of windows of one grid shift, or of a range of quality factors (index 0 = 50), that say nothing else.</summary>
    public static SourceModel Of(int? shift, int lowest = 0, int highest = Qualities - 1)
    {
        var model = new SourceModel();
        if (shift is { } s)
        {
            model.b.AsSpan().Clear();
            model.b[s] = 1;
        }
        for (int q = 0; q < Qualities; q++)
            model.a[q] = q >= lowest && q <= highest ? 1f / (highest - lowest + 1) : 0;
        model.Widen();
        return model;
    }

    /// <summary>This model without a grid shift, or without a range of quality factors: what else its windows say.</summary>
    public SourceModel Without(int? shift, int lowest, int highest)
    {
        var model = new SourceModel();
        a.CopyTo(model.a, 0);
        b.CopyTo(model.b, 0);
        if (shift is { } s)
            model.b[s] = 0;
        else
            model.a.AsSpan(lowest, highest - lowest + 1).Clear();
        Normalise(model.a);
        Normalise(model.b);
        model.Widen();
        return model;
    }

    public float Quality(ReadOnlySpan<byte> window)
    {
        float reliance = Math.Min(window[RegionEvidence.RelianceAt] / 255f, (float)(1 - Error));
        return reliance * Qualities * QualitySum(window) + 1 - reliance;
    }

    public float Shift(ReadOnlySpan<byte> window) => (float)((1 - Error) * Shifts * ShiftSum(window) + Error);

    public float LogLikelihood(ReadOnlySpan<byte> window) => MathF.Log(Quality(window)) + MathF.Log(Shift(window));

    /// <summary>[h,w]; 0 where not determined.</summary>
    public float[] LogLikelihoods(RegionEvidence evidence, int rows, int columns, ReadOnlySpan<byte> determined)
    {
        var values = new float[rows * columns];
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = evidence.Row(y);
            for (int x = 0; x < columns; x++)
                if (determined[y * columns + x] != 0)
                    values[y * columns + x] = LogLikelihood(row.Slice(x * RegionEvidence.WindowBytes, RegionEvidence.WindowBytes));
        }
        return values;
    }

    /// <summary>Median of ln(scale of the standard table) over its quality factors.</summary>
    public double MedianLogScale()
    {
        double below = 0;
        int q = 0;
        while (q < Qualities - 1 && (below += a[q]) < 0.5)
            q++;
        return Math.Log(Scale(q));
    }

    /// <summary>The same of a table: its first steps by those of the standard table at quality 50, in percent.</summary>
    public static double LogScale(QuantTable table)
    {
        ushort[] steps = table.ZigZagOrder(), standard = QuantTable.StandardLuminance(50).ZigZagOrder();
        double sum = 0, of = 0;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            (sum, of) = (sum + steps[i], of + standard[i]);
        return Math.Log(Math.Max(Scale(Qualities - 1), 100 * sum / of));
    }

    static int Scale(int q) => Math.Max(4, 200 - 2 * (RegionEvidence.LowestQuality + q));

    /// <summary>Probability that a window of this source and this window have one grid shift.</summary>
    public float SharedShift(ReadOnlySpan<byte> window) => ShiftSum(window);

    float QualitySum(ReadOnlySpan<byte> window)
    {
        float sum = 0;
        for (int q = 0; q < wide.Length; q++)
            sum += wide[q] * probability[window[q]];
        return sum;
    }

    float ShiftSum(ReadOnlySpan<byte> window)
    {
        float rest = probability[window[RegionEvidence.RestAt]], sum = rest;
        for (int k = 0; k < RegionEvidence.Shifts; k++)
        {
            int shift = window[RegionEvidence.ShiftAt + k];
            if (shift != RegionEvidence.NoShift)
                sum += b[shift] * (probability[window[RegionEvidence.CodeAt + k]] - rest);
        }
        return sum;
    }

    /// <summary>One step of expectation-maximisation; windows' weights in order, all rows of the evidence.</summary>
    public void Fit(RegionEvidence evidence, int rows, int columns, ReadOnlySpan<float> weights)
    {
        Span<double> nextA = stackalloc double[Qualities], nextB = stackalloc double[Shifts];
        nextA.Clear();
        nextB.Clear();
        double all = 0;
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = evidence.Row(y);
            for (int x = 0; x < columns; x++)
            {
                float weight = weights[y * columns + x];
                if (weight <= 0)
                    continue;
                ReadOnlySpan<byte> window = row.Slice(x * RegionEvidence.WindowBytes, RegionEvidence.WindowBytes);
                all += weight;
                double share = weight / Math.Max(QualitySum(window), 1e-9);
                for (int q = 0; q < Qualities; q++)
                    nextA[q] += share * wide[q] * probability[window[q]];
                float rest = probability[window[RegionEvidence.RestAt]];
                share = weight / Math.Max(ShiftSum(window), 1e-9);
                for (int s = 0; s < Shifts; s++)
                    nextB[s] += share * b[s] * rest;
                for (int k = 0; k < RegionEvidence.Shifts; k++)
                {
                    int shift = window[RegionEvidence.ShiftAt + k];
                    if (shift != RegionEvidence.NoShift)
                        nextB[shift] += share * b[shift] * (probability[window[RegionEvidence.CodeAt + k]] - rest);
                }
            }
        }
        if (all <= 0)
            return;
        Put(nextA, a);
        Put(nextB, b);
        Widen();
    }

    static void Put(Span<double> next, float[] shares)
    {
        double sum = 0;
        foreach (double value in next)
            sum += value;
        for (int i = 0; i < shares.Length; i++)
            shares[i] = (float)((1 - Broad) * next[i] / sum + Broad / shares.Length);
    }

    static void Normalise(float[] shares)
    {
        float sum = 0;
        foreach (float value in shares)
            sum += value;
        for (int i = 0; i < shares.Length; i++)
            shares[i] = sum > 0 ? shares[i] / sum : 1f / shares.Length;
    }

    void Widen()
    {
        wide.AsSpan().Clear();
        for (int q = 0; q < Qualities; q++)
            for (int k = 0; k < Qualities; k++)
                wide[k] += a[q] * kernel[q, k];
    }

    // [from, to]: triangles in ln(step), the scale of the standard table being 200 - 2 QF, and in QF; rows sum to 1.
    static float[,] MakeKernel()
    {
        var weights = new float[Qualities, Qualities];
        for (int q = 0; q < Qualities; q++)
        {
            double sum = 0;
            for (int k = 0; k < Qualities; k++)
            {
                double steps = Math.Abs(Math.Log((double)Scale(q) / Scale(k))) / KernelSteps, neighbours = (double)Math.Abs(q - k) / KernelNeighbours;
                weights[q, k] = (float)Math.Max(0, 1 - Math.Min(steps, neighbours));
                sum += weights[q, k];
            }
            for (int k = 0; k < Qualities; k++)
                weights[q, k] /= (float)sum;
        }
        return weights;
    }
}
