using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tests.Maps;

// An engine whose answers follow from the pixels by a rule that a test can repeat: every block's step, and the phase, are
// hashes of the window's bytes and the second table; the probability of the chosen step is Sure.
sealed class FakePrimaryEngine(bool givesPhase = true) : IPrimaryEngine
{
    public const double Sure = 0.9;

    public int Disposed { get; private set; }

    public bool GivesPhase => givesPhase;

    public float PhaseProbability { get; init; } = 0.8f;

    public Action? Called { get; init; }

    // Fixed steps instead of hashed ones, where a test wants to know the sum of things.
    public Func<byte[], int[]>? StepsOf { get; init; }

    public PrimaryNetwork Network => new("fake", "fake", new Dictionary<string, string>(), () => this);

    public void RunWindows(ReadOnlySpan<byte> windows, int count, ReadOnlySpan<ushort> secondZigZag, Span<float> logits, Span<float> phase)
    {
        Called?.Invoke();
        int bytes = windows.Length / count;
        for (int n = 0; n < count; n++)
        {
            byte[] window = windows.Slice(n * bytes, bytes).ToArray();
            int[] steps = Steps(window, secondZigZag);
            for (int i = 0; i < PrimaryBlocks.Count; i++)
            {
                Span<float> block = logits.Slice(n * PrimaryBlocks.Outputs + PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]);
                block.Clear();
                block[steps[i] - 1] = (float)Math.Log(Sure * (block.Length - 1) / (1 - Sure));
            }
            if (!givesPhase)
                continue;
            Span<float> p = phase.Slice(64 * n, 64);
            p.Fill((1 - PhaseProbability) / 63);
            p[Phase(window)] = PhaseProbability;
        }
    }

    public int[] Steps(byte[] window, ReadOnlySpan<ushort> secondZigZag)
    {
        if (StepsOf is not null)
            return StepsOf(window);
        var steps = new int[PrimaryBlocks.Count];
        for (int i = 0; i < steps.Length; i++)
            steps[i] = 1 + (int)(Hash(window, (uint)(i + secondZigZag[i])) % PrimaryBlocks.Sizes[i]);
        return steps;
    }

    public static int Phase(byte[] window) => (int)(Hash(window, 1000) % 64);

    public void Dispose() => Disposed++;

    // FNV-1a.
    static uint Hash(byte[] window, uint salt)
    {
        uint hash = 2166136261 ^ salt;
        foreach (byte b in window)
            hash = (hash ^ b) * 16777619;
        return hash;
    }
}
