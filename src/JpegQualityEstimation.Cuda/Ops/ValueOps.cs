using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

// Values one by one (kernels/values.cu): casts between storage types, sums.
sealed class ValueOps(OpContext context)
{
    readonly KernelFamily combine = new(context.Runtime, "values", "values_combine");
    readonly KernelFamily[] casts =
    [
        new(context.Runtime, "values", "values_cast_f32"),
        new(context.Runtime, "values", "values_cast_f16"),
        new(context.Runtime, "values", "values_cast_bf16"),
    ];

    /// <summary>to = from, rounded to nearest, ties to even.</summary>
    public void Cast(in DeviceValues from, in DeviceValues to)
    {
        OpContext.Require(from.Length == to.Length, "cast", $"{from.Length} and {to.Length} values");
        if (from.Length == 0)
            return;
        if (from.Type == to.Type)
        {
            context.Stream.Copy(new DeviceSpan<byte>(from.Address, from.Length * from.Type.Bytes()), new DeviceSpan<byte>(to.Address, to.Length * to.Type.Bytes()));
            return;
        }
        context.Stream.Launch(casts[(int)from.Type].For(to.Type), Grid(from.Length), new Dim3(256), 0,
            from.Address, to.Address, (ulong)from.Length, (from.Address | to.Address) % 16 == 0 ? 1 : 0);
    }

    /// <summary>out = a + b; out may be either.</summary>
    public void Add(in DeviceValues a, in DeviceValues b, in DeviceValues output) => Combine(a, 1, b, 1, output);

    /// <summary>out = factor a + addend b; out may be either.</summary>
    public void Combine(in DeviceValues a, float factor, in DeviceValues b, float addend, in DeviceValues output)
    {
        const string Op = "sum of values";
        OpContext.Require(a.Length == b.Length && a.Length == output.Length, Op, $"{a.Length}, {b.Length} and {output.Length} values");
        OpContext.RequireType(a.Type, b.Type, Op);
        OpContext.RequireType(a.Type, output.Type, Op);
        if (a.Length != 0)
            context.Stream.Launch(combine.For(a.Type), Grid(a.Length), new Dim3(256), 0, a.Address, b.Address, factor, addend,
                output.Address, (ulong)a.Length, (a.Address | b.Address | output.Address) % 16 == 0 ? 1 : 0);
    }

    // The kernels count in 64 bits.
    Dim3 Grid(long count) => context.Grid(Math.Min(count / 4, 1 << 30), 256);
}
