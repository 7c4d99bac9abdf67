namespace JpegQualityEstimation.Jpeg;

// OptimalHuffman: the table that codes counted symbols in the fewest bits (T.81 K.2), no code longer than 16 bits,
// none all ones. Ties go to the larger symbol, as in libjpeg, so that files come out the same, byte by byte.
static class OptimalHuffman
{
    // 256 real symbols and one that keeps the code of all ones free.
    const int Reserved = 256;
    const int LongestBeforeLimit = 64;

    // Counts: how often each of the 256 symbols occurs.
    public static HuffmanSpec Build(ReadOnlySpan<long> counts)
    {
        Span<int> lengths = stackalloc int[Reserved + 1];
        CodeLengths(counts, lengths);
        Span<int> ofLength = stackalloc int[LongestBeforeLimit + 1];
        ofLength.Clear();
        foreach (int length in lengths)
            if (length > 0)
                ofLength[length]++;
        LimitTo16(ofLength);

        // The reserved symbol has one of the longest codes; leaving it out frees the last of them.
        int longest = 16;
        while (ofLength[longest] == 0)
            longest--;
        ofLength[longest]--;

        var perLength = new byte[16];
        for (int i = 0; i < 16; i++)
            perLength[i] = (byte)ofLength[i + 1];
        var symbols = new List<byte>();
        for (int length = 1; length <= LongestBeforeLimit; length++)
            for (int symbol = 0; symbol < 256; symbol++)
                if (lengths[symbol] == length)
                    symbols.Add((byte)symbol);
        return new HuffmanSpec(perLength, [.. symbols]);
    }

    // Figure K.1: join the two rarest trees until one is left; every join lengthens the codes in both.
    static void CodeLengths(ReadOnlySpan<long> counts, Span<int> lengths)
    {
        Span<long> weights = stackalloc long[Reserved + 1];
        Span<int> nextInTree = stackalloc int[Reserved + 1];
        counts.CopyTo(weights);
        weights[Reserved] = 1;
        nextInTree.Fill(-1);
        lengths.Clear();
        while (true)
        {
            int first = Rarest(weights, except: -1);
            int second = Rarest(weights, except: first);
            if (second < 0)
                return;
            weights[first] += weights[second];
            weights[second] = 0;
            int last = Lengthen(first, nextInTree, lengths);
            nextInTree[last] = second;
            Lengthen(second, nextInTree, lengths);
        }
    }

    static int Rarest(ReadOnlySpan<long> weights, int except)
    {
        int found = -1;
        for (int i = 0; i < weights.Length; i++)
            if (weights[i] != 0 && i != except && (found < 0 || weights[i] <= weights[found]))
                found = i;
        return found;
    }

    static int Lengthen(int symbol, ReadOnlySpan<int> nextInTree, Span<int> lengths)
    {
        lengths[symbol]++;
        while (nextInTree[symbol] >= 0)
        {
            symbol = nextInTree[symbol];
            lengths[symbol]++;
        }
        return symbol;
    }

    // Figure K.3: of two codes that are too long one takes their prefix, the other shares a shorter code's place.
    static void LimitTo16(Span<int> ofLength)
    {
        for (int length = LongestBeforeLimit; length > 16; length--)
            while (ofLength[length] > 0)
            {
                int shorter = length - 2;
                while (ofLength[shorter] == 0)
                    shorter--;
                ofLength[length] -= 2;
                ofLength[length - 1]++;
                ofLength[shorter + 1] += 2;
                ofLength[shorter]--;
            }
    }
}
