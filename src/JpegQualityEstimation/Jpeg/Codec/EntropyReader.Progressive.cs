using System.Numerics;

namespace JpegQualityEstimation.Jpeg;

// Progressive blocks (T.81 G.1.2, G.2). `first`..`last` is the band in zig-zag order, `low` the bit position.
// nonZero: see CoefficientPlane. eobRun counts the blocks, this one included, whose band is over.
ref partial struct EntropyReader
{
    public void DcFirst(HuffmanDecodeTable table, ref int prediction, int low, Span<short> block)
    {
        int size = Symbol(table);
        prediction += Value(size);
        int value = prediction << low;
        if (prediction != (short)prediction || value != (short)value)
            throw Corrupt("a DC coefficient beyond 16 bits");
        block[0] = (short)value;
    }

    public void DcRefine(int low, Span<short> block)
    {
        Fill();
        if (Take(1) != 0)
            block[0] |= (short)(1 << low);
    }

    public void AcFirst(HuffmanDecodeTable table, JpegScan scan, ref int eobRun, ref ulong nonZero, Span<short> block)
    {
        for (int k = scan.First; k <= scan.Last; k++)
        {
            int symbol = Symbol(table);
            int run = symbol >> 4, size = symbol & 15;
            if (size != 0)
            {
                k += run;
                int value = Value(size) << scan.Low;
                if (k > scan.Last || value != (short)value)
                    throw Corrupt("an AC coefficient outside its band or beyond 16 bits");
                block[ZigZag.ToNatural[k]] = (short)value;
                nonZero |= 1UL << k;
            }
            else if (run == 15)
                k += 15;
            else
            {
                eobRun = EobRun(run);
                break;
            }
        }
    }

    public void AcRefine(HuffmanDecodeTable table, JpegScan scan, ref int eobRun, ref ulong nonZero, Span<short> block)
    {
        int k = scan.First;
        if (eobRun == 0)
        {
            for (; k <= scan.Last; k++)
            {
                int symbol = Symbol(table);
                int run = symbol >> 4, size = symbol & 15, value = 0;
                if (size > 1)
                    throw Corrupt("a refinement scan with a new coefficient of more than one bit");
                if (size != 0)
                    value = Take(1) != 0 ? 1 << scan.Low : -1 << scan.Low;
                else if (run != 15)
                {
                    eobRun = EobRun(run);
                    break;
                }
                for (; k <= scan.Last; k++)
                {
                    if ((nonZero >> k & 1) != 0)
                        Correct(scan.Low, ref block[ZigZag.ToNatural[k]]);
                    else if (--run < 0)
                        break;
                }
                if (size == 0)
                    continue;
                if (k > scan.Last)
                    throw Corrupt("an AC coefficient outside its band");
                block[ZigZag.ToNatural[k]] = (short)value;
                nonZero |= 1UL << k;
            }
        }
        if (eobRun == 0 || k > scan.Last)
            return;
        // Corrections to the rest of the band: bits k..last.
        ulong rest = nonZero & (ulong.MaxValue << k) & (ulong.MaxValue >> (63 - scan.Last));
        for (; rest != 0; rest &= rest - 1)
            Correct(scan.Low, ref block[ZigZag.ToNatural[BitOperations.TrailingZeroCount(rest)]]);
    }

    int EobRun(int run)
    {
        if (run == 0)
            return 1;
        return (1 << run) + Take(run);
    }

    void Correct(int low, ref short coefficient)
    {
        Fill();
        if (Take(1) != 0 && (Math.Abs((int)coefficient) & 1 << low) == 0)
            coefficient += (short)(coefficient >= 0 ? 1 << low : -1 << low);
    }
}
