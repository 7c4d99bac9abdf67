using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// PrimaryMapPlanes: the arrays behind a PrimaryQuantMap, filled a row of windows at a time, each row by one thread. Probabilities are
// kept as the network gives them and scaled whenever they are asked for, so that both are there to the bit.
sealed class PrimaryMapPlanes
{
    readonly int count;

    /// <param name="rows">Rows of windows.</param>
    /// <param name="columns">Windows a row.</param>
    /// <param name="hasGridShifts">Whether the model gives them.</param>
    /// <param name="keepProbabilities">Whether to keep all of them.</param>
    /// <param name="scaling">How probabilities are scaled; null: not at all.</param>
    /// <exception cref="ArgumentException">A plane, or the probabilities of a row, would not fit an array.</exception>
    public PrimaryMapPlanes(int rows, int columns, bool hasGridShifts, bool keepProbabilities, PrimaryScaling? scaling = null)
    {
        long count = (long)rows * columns, longest = count * (keepProbabilities ? PrimaryBlocks.Outputs : PrimaryBlocks.Count);
        if (Math.Max(longest, (long)columns * PrimaryBlocks.Outputs) > Array.MaxLength)
            throw new ArgumentException($"a map of {rows}x{columns} windows does not fit an array: take a larger stride or keep no probabilities");
        this.count = (int)count;
        HasGridShifts = hasGridShifts;
        Scaling = scaling ?? PrimaryScaling.None;
        Steps = new short[PrimaryBlocks.Count * this.count];
        StepConfidence = new float[PrimaryBlocks.Count * this.count];
        Confidence = new float[count];
        QualityFactor = new byte[count];
        Determined = new byte[count];
        GridShifts = new byte[count];
        GridShiftProbability = new float[count];
        Probabilities = keepProbabilities ? new float[longest] : [];
        Shifts = keepProbabilities && hasGridShifts ? new float[64 * this.count] : [];
        Array.Fill(GridShifts, PrimaryQuantMap.NoGridShift);
    }

    public short[] Steps { get; }

    public float[] StepConfidence { get; }

    public float[] Confidence { get; }

    public byte[] QualityFactor { get; }

    public byte[] Determined { get; }

    public bool HasGridShifts { get; }

    public byte[] GridShifts { get; }

    public float[] GridShiftProbability { get; }

    public PrimaryScaling Scaling { get; }

    // [count,226] and [count,64], or empty; as the network gives them.
    public float[] Probabilities { get; }

    public float[] Shifts { get; }

    /// <summary>Whether the pixels of a window hold enough to answer; its planes are 0 where not.</summary>
    public bool IsLegible(int index) => QualityFactor[index] != 0;

    /// <summary>Takes one window's probabilities [226] and shifts [64] or none, scales them in place, and adds it to the pool where
    /// its pixels hold enough.</summary>
    public void Put(int index, bool isLegible, Span<float> probabilities, Span<float> shifts, PrimaryPool pool)
    {
        if (Probabilities.Length > 0)
            probabilities.CopyTo(Probabilities.AsSpan(index * PrimaryBlocks.Outputs));
        if (Shifts.Length > 0)
            shifts.CopyTo(Shifts.AsSpan(64 * index));
        Scaling.ScaleSteps(probabilities);
        Scaling.ScaleShifts(shifts);
        if (!isLegible)
            return;
        Span<short> steps = stackalloc short[PrimaryBlocks.Count];
        Span<float> confidence = stackalloc float[PrimaryBlocks.Count];
        Span<double> logarithms = stackalloc double[PrimaryBlocks.Outputs];
        PrimaryPosterior.Logarithms(probabilities, logarithms);
        Confidence[index] = PrimaryPosterior.Steps(probabilities, steps, confidence);
        Determined[index] = (byte)(Confidence[index] >= Scaling.LeastConfidence ? 1 : 0);
        QualityFactor[index] = (byte)PrimaryPosterior.QualityFactor(logarithms);
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            (Steps[i * count + index], StepConfidence[i * count + index]) = (steps[i], confidence[i]);
        if (HasGridShifts)
        {
            GridShift shift = PrimaryPosterior.Shift(shifts);
            (GridShifts[index], GridShiftProbability[index]) = ((byte)(8 * shift.Row + shift.Column), shift.Probability);
        }
        pool.Add(logarithms, shifts, Confidence[index]);
    }

    public PrimaryQuantEstimate At(int index)
    {
        var steps = new short[PrimaryBlocks.Count];
        var confidence = new float[PrimaryBlocks.Count];
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            (steps[i], confidence[i]) = (Steps[i * count + index], StepConfidence[i * count + index]);
        int shift = GridShifts[index];
        return new PrimaryQuantEstimate(
            steps, confidence, Confidence[index], QualityFactor[index], Determined[index] != 0,
            shift == PrimaryQuantMap.NoGridShift ? null : new GridShift(shift / 8, shift % 8, GridShiftProbability[index]),
            Probabilities.Length == 0 ? null : Scaled(index));
    }

    float[] Scaled(int index)
    {
        float[] probabilities = Probabilities.AsSpan(index * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs).ToArray();
        Scaling.ScaleSteps(probabilities);
        return probabilities;
    }

    public PrimaryQuantEstimate Pool(ReadOnlySpan<bool> windows, int columns)
    {
        if (Probabilities.Length == 0)
            throw new InvalidOperationException($"the map keeps no probabilities; {nameof(PrimaryMapOptions)}.{nameof(PrimaryMapOptions.KeepProbabilities)} does");
        var all = new PrimaryPool();
        Span<double> logarithms = stackalloc double[PrimaryBlocks.Outputs];
        Span<float> probabilities = stackalloc float[PrimaryBlocks.Outputs], shifts = stackalloc float[Shifts.Length == 0 ? 0 : 64];
        for (int first = 0; first < count; first += columns)
        {
            var row = new PrimaryPool();
            for (int i = first; i < first + columns; i++)
            {
                if (!windows[i] || !IsLegible(i))
                    continue;
                Probabilities.AsSpan(i * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs).CopyTo(probabilities);
                Shifts.AsSpan(shifts.Length * i, shifts.Length).CopyTo(shifts);
                Scaling.ScaleSteps(probabilities);
                Scaling.ScaleShifts(shifts);
                PrimaryPosterior.Logarithms(probabilities, logarithms);
                row.Add(logarithms, shifts, Confidence[i]);
            }
            all.Merge(row);
        }
        return all.ToEstimate();
    }
}
