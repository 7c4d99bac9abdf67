using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// SlidingDctPlan: the first K zig-zag coefficients sorted by horizontal frequency u, then by the parity of the vertical
// frequency v (even v read sums of mirrored rows, odd v differences). Basis [8,4]: b[v,i] = sqrt(8) * c(v) *
// cos((2i+1) v pi / 16), i < 4, the orthonormal DCT-II times sqrt(8): rows 0 and 4 are +-1 exactly, and both passes
// together give 8 x.
sealed unsafe class SlidingDctPlan
{
    readonly AlignedFloats basis = new(32);

    public SlidingDctPlan(int coefficients)
    {
        for (int v = 0; v < 8; v++)
            for (int i = 0; i < 4; i++)
                basis.Span[4 * v + i] = Basis(v, i);
        Columns = new Column[8];
        for (int u = 0; u < 8; u++)
            Columns[u] = new Column(Terms(coefficients, u, 0), Terms(coefficients, u, 1));
    }

    /// <summary>b[v,i].</summary>
    public float* Pointer => basis.Pointer;

    /// <summary>By horizontal frequency.</summary>
    public Column[] Columns { get; }

    public static float Basis(int frequency, int sample) => frequency switch
    {
        0 => 1,
        4 => sample is 0 or 3 ? 1 : -1,
        _ => (float)(Math.Sqrt(2) * Math.Cos((2 * sample + 1) * frequency * Math.PI / 16)),
    };

    static Term[] Terms(int coefficients, int u, int parity)
    {
        Span<Term> terms = stackalloc Term[4];
        int count = 0;
        for (int k = 0; k < coefficients; k++)
        {
            int natural = ZigZag.ToNatural[k];
            if (natural % 8 == u && natural / 8 % 2 == parity)
                terms[count++] = new Term(k, natural / 8);
        }
        return terms[..count].ToArray();
    }

    /// <summary>Coefficient <see cref="ZigZagIndex"/> has vertical frequency <see cref="Vertical"/>.</summary>
    public readonly record struct Term(int ZigZagIndex, int Vertical);

    /// <summary>The coefficients of one horizontal frequency.</summary>
    public readonly record struct Column(Term[] Even, Term[] Odd)
    {
        public bool IsNeeded => Even.Length + Odd.Length > 0;
    }
}
