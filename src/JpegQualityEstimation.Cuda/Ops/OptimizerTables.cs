using System.Runtime.InteropServices;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>The numbers of a step: struct StepNumbers of kernels/optimizer.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly record struct StepNumbers(double Rate, double ClipNorm, float Keep, float Size, float Root, float Epsilon, float Beta1, float Rest1,
    float Beta2, float Rest2, float Momentum, float Average)
{
    /// <summary>Rounded as AdamOptimizer and MuonOptimizer of the processor round them.</summary>
    public static StepNumbers Of(in OptimizerStep step)
    {
        double adam = step.Muon ? step.LearningRate * step.AdamRate : step.LearningRate;
        long t = step.Step + 1;
        return new(step.LearningRate, step.ClipNorm, (float)(1 - adam * step.WeightDecay), (float)(adam / (1 - Math.Pow(step.Beta1, t))),
            (float)Math.Sqrt(1 - Math.Pow(step.Beta2, t)), (float)step.Epsilon, (float)step.Beta1, (float)(1 - step.Beta1),
            (float)step.Beta2, (float)(1 - step.Beta2), (float)step.Momentum, (float)(1 - step.AverageDecay));
    }
}

/// <summary>What became of a step: struct StepVerdict of kernels/optimizer.cuh.</summary>
/// <param name="Norm">Of the gradient, before it was clipped.</param>
/// <param name="Factor">Of the gradient.</param>
/// <param name="Finite">1: loss and norm are finite; 0: nothing was changed.</param>
[StructLayout(LayoutKind.Sequential)]
readonly record struct StepVerdict(double Norm, float Factor, int Finite);

/// <summary>A run of a flat parameter vector: struct ParameterRun of kernels/optimizer.cuh.</summary>
/// <param name="Offset">First value.</param>
/// <param name="Count">Values, at most <see cref="Longest"/>.</param>
/// <param name="Kind">Number of the matrix, <see cref="Adam"/> or <see cref="Statistics"/>.</param>
/// <param name="Index">Number of the run among those of matrices.</param>
[StructLayout(LayoutKind.Sequential)]
readonly record struct ParameterRun(int Offset, int Count, int Kind, int Index)
{
    public const int Longest = 1024;
    public const int Adam = -1;
    public const int Statistics = -2;

    /// <summary>Cuts the vector: matrices, in rising order, what lies between them, and the statistics behind the trainable part.</summary>
    public static ParameterRun[] Cut(int count, int trainable, IReadOnlyList<ParameterMatrix> matrices)
    {
        var runs = new List<ParameterRun>();
        int done = 0, index = 0;
        for (int m = 0; m < matrices.Count; m++)
        {
            ParameterMatrix matrix = matrices[m];
            if (matrix.Offset < done || matrix.Rows < 1 || matrix.Columns < 1 || matrix.Offset + matrix.Length > trainable)
                throw new ArgumentException($"matrix {m}, [{matrix.Rows},{matrix.Columns}] at {matrix.Offset}, overlaps another or leaves the {trainable} parameters");
            Add(done, matrix.Offset, Adam);
            Add(matrix.Offset, matrix.Offset + matrix.Length, m);
            done = matrix.Offset + matrix.Length;
        }
        Add(done, trainable, Adam);
        Add(trainable, count, Statistics);
        return [.. runs];

        // Runs begin at multiples of four but for the first of a part.
        void Add(int from, int end, int kind)
        {
            for (int at = from; at < end;)
            {
                int to = Math.Min(end, at / 4 * 4 + Longest);
                runs.Add(new ParameterRun(at, to - at, kind, kind >= 0 ? index++ : 0));
                at = to;
            }
        }
    }
}

/// <summary>A weight matrix as kernels/muon.cu reads it: struct MuonMatrix.</summary>
[StructLayout(LayoutKind.Sequential)]
struct MuonMatrix
{
    public int Offset;
    public int Height;
    public int Width;
    public int Rows;
    public int Columns;
    public int X;
    public int Direction;
    public int FirstRun;
    public int RunCount;
}
