namespace JpegQualityEstimation.Networks;

// The output blocks of Tondi, Costanzo, Huang, Li 2021 (section 4.1): one softmax for each of the first 15 zig-zag
// steps of the primary luminance table, block c with one output for each step 1..Sizes[c]; the sizes are the steps of
// the standard table at quality 50. 226 outputs side by side.

/// <summary>The 15 softmax blocks, one per zig-zag coefficient, that primary-quantization networks end in.</summary>
static class PrimaryBlocks
{
    public const int Count = 15;

    /// <summary>Outputs of all blocks together.</summary>
    public const int Outputs = 226;

    /// <summary>Outputs of each block = the largest step it can say.</summary>
    public static ReadOnlySpan<int> Sizes => [16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24];

    /// <summary>First output of each block.</summary>
    public static ReadOnlySpan<int> Offsets => [0, 16, 27, 39, 53, 65, 75, 91, 105, 118, 132, 150, 167, 183, 202];

    /// <summary>steps[15] = argmax + 1 of each block of outputs[226] (logits or probabilities); the first of equals.</summary>
    public static void Decode(ReadOnlySpan<float> outputs, Span<byte> steps)
    {
        if (outputs.Length != Outputs || steps.Length != Count)
            throw new ArgumentException($"{Outputs} outputs give {Count} steps, not {outputs.Length} and {steps.Length}");
        for (int c = 0; c < Count; c++)
            steps[c] = (byte)(ArgMax(outputs.Slice(Offsets[c], Sizes[c])) + 1);
    }

    /// <summary>Index of the largest value; the first of equals.</summary>
    public static int ArgMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int j = 1; j < values.Length; j++)
            if (values[j] > values[best])
                best = j;
        return best;
    }
}
