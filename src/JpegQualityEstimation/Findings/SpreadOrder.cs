namespace JpegQualityEstimation.Findings;

// SpreadOrder: 0 .. count-1 in an order of which every beginning is spread evenly: multiples of a step near the golden
// section of count, modulo count, the step prime to count.
readonly struct SpreadOrder
{
    readonly long count;
    readonly long step;

    public SpreadOrder(int count)
    {
        this.count = count;
        step = Math.Max(1, (long)Math.Round(count * 0.6180339887498949));
        while (Gcd(step, count) != 1)
            step++;
    }

    public int this[int index] => (int)(index * step % count);

    static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
