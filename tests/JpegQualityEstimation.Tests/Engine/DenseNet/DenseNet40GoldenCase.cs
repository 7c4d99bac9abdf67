using System.Text.Json;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tests.Engine.DenseNet;

/// <summary>Weights, windows and steps by the formulas of tests/golden/make_densenet_golden.py.</summary>
sealed class DenseNet40GoldenCase
{
    public static readonly JsonElement Golden = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "densenet40.json"))).RootElement;

    public DenseNet40GoldenCase(PrimaryInput input)
    {
        Expected = Golden.GetProperty("cases")[input == PrimaryInput.Rgb ? 0 : 1];
        DenseNet40Network start = DenseNet40Network.CreateInitialized(7, input);
        Architecture = start.Architecture;
        Parameters = (float[])start.Parameters.Clone();
        foreach (TensorPlace place in DenseNet40Network.Places(Architecture))
            if (place.Name.EndsWith(".gamma", StringComparison.Ordinal) || place.Name.EndsWith(".beta", StringComparison.Ordinal) || place.Name == "head.bias")
                for (int i = place.Offset; i < place.Offset + place.Length; i++)
                    Parameters[i] = (float)((((i * 2654435761L) & 0xFFFF) / 65536.0 - 0.5) * 0.2 + (place.Name.EndsWith(".gamma", StringComparison.Ordinal) ? 1 : 0));
        int windows = Golden.GetProperty("windows").GetInt32();
        Windows = new byte[windows * 64 * 64 * 3];
        for (int i = 0; i < Windows.Length; i++)
            Windows[i] = (byte)(SplitMix(5, i) >> 56);
        Steps = new byte[windows * 15];
        for (int i = 0; i < Steps.Length; i++)
            Steps[i] = (byte)(SplitMix(6, i) % (ulong)PrimaryBlocks.Sizes[i % 15] + 1);
    }

    public JsonElement Expected { get; }

    public DenseNet40Architecture Architecture { get; }

    public float[] Parameters { get; }

    public byte[] Windows { get; }

    public byte[] Steps { get; }

    public static double[] Numbers(JsonElement values) => [.. values.EnumerateArray().Select(value => value.GetDouble())];

    static ulong SplitMix(ulong seed, int index)
    {
        ulong z = seed + (ulong)(index + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>Sum of fifteen cross-entropies.</summary>
sealed class BlockCrossEntropy : IBlockLoss
{
    public double Apply(ReadOnlySpan<float> logits, ReadOnlySpan<byte> steps, Span<float> dLogits)
    {
        double loss = 0;
        int at = 0;
        for (int b = 0; b < 15; at += PrimaryBlocks.Sizes[b++])
        {
            double sum = 0;
            for (int j = 0; j < PrimaryBlocks.Sizes[b]; j++)
                sum += Math.Exp(logits[at + j]);
            for (int j = 0; j < PrimaryBlocks.Sizes[b]; j++)
                dLogits[at + j] = (float)(Math.Exp(logits[at + j]) / sum - (j == steps[b] - 1 ? 1 : 0));
            loss += Math.Log(sum) - logits[at + steps[b] - 1];
        }
        return loss;
    }
}
