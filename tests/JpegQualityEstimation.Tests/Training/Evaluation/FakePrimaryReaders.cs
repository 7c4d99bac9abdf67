using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

// Always the same answer, and a phase that is always the same.
sealed class ConstantReader(int[] answer, int? phase = null) : IPrimaryWindowReader
{
    public bool GivesPhase => phase is not null;

    public void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phases)
    {
        for (int i = 0; i < n; i++)
        {
            answer.CopyTo(steps[(15 * i)..]);
            if (phase is int known)
            {
                phases.Slice(64 * i, 64).Clear();
                phases[64 * i + known] = 1;
            }
        }
    }

    public void Dispose()
    {
    }
}

// Answers with the second table that it is told.
sealed class EchoReader : IPrimaryWindowReader
{
    public bool GivesPhase => false;

    public void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phases)
    {
        for (int i = 0; i < 15 * n; i++)
            steps[i] = secondZigZag[i % 15];
    }

    public void Dispose()
    {
    }
}

// Answers that depend on every byte of a window and on nothing else.
sealed class HashReader : IPrimaryWindowReader
{
    public bool GivesPhase => true;

    public void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phases)
    {
        phases.Clear();
        for (int i = 0; i < n; i++)
        {
            ulong hash = 14695981039346656037;
            foreach (byte value in windows.Slice(i * 64 * 64 * 3, 64 * 64 * 3))
                hash = (hash ^ value) * 1099511628211;
            for (int k = 0; k < 15; k++)
                steps[15 * i + k] = 1 + (int)(hash >> k & 7);
            phases[64 * i + (int)(hash & 63)] = 1;
        }
    }

    public void Dispose()
    {
    }
}
