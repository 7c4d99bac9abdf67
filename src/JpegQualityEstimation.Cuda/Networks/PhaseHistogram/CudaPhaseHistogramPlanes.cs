using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.PhaseHistogram;

// CudaPhaseHistogramPlanes: what the windows that go through the network together hold on the device, n of them. Names as in
// PhaseHistogramArchitecture; a coefficient's windows lie together.
//   Luma [n,64,64]   Evidence [K,n,64,F]   Overall [K,n,F]   Seconds [n,K,2]   Starts [K,n,H]   Hidden [K,n,64,H]
//   Phases [n,64,V]  Pooled [n,64,D]   Alpha [n,64,16]   Posterior [n,64]   Inputs [n,X]   Trunk [n,G]
//   Attended [n,15,H]   Paths [n,15,Z]   Logits [n,226]
sealed class CudaPhaseHistogramPlanes : IDisposable
{
    public const int AlphaRow = 16;

    readonly List<IDisposable> buffers = [];
    readonly CudaStream stream;

    public CudaPhaseHistogramPlanes(CudaStream stream, PhaseHistogramOptions o, int windows)
    {
        this.stream = stream;
        Windows = windows;
        const int Phases = PhaseHistogramArchitecture.Phases;
        try
        {
            Evidence = Rent((long)o.Coefficients * Phases * o.Features);
            Overall = Rent(o.Coefficients * o.Features);
            Seconds = Rent(2 * o.Coefficients);
            Starts = Rent(o.Coefficients * o.Hidden);
            Hidden = Rent((long)o.Coefficients * Phases * o.Hidden);
            Phase = Rent(Phases * o.PhaseWidth);
            Pooled = Rent(Phases * o.PooledWidth);
            Alpha = Rent(Phases * AlphaRow);
            Posterior = Rent(Phases);
            Inputs = Rent(o.TrunkInputs);
            Trunk = Rent(o.Trunk);
            Attended = Rent(PrimaryBlocks.Count * o.Hidden);
            Paths = Rent(PrimaryBlocks.Count * o.CoefficientWidth);
            Logits = Rent(PrimaryBlocks.Outputs);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Most windows at a time.</summary>
    public int Windows { get; }

    public DeviceSpan<float> Evidence { get; }

    public DeviceSpan<float> Overall { get; }

    public DeviceSpan<float> Seconds { get; }

    public DeviceSpan<float> Starts { get; }

    public DeviceSpan<float> Hidden { get; }

    public DeviceSpan<float> Phase { get; }

    public DeviceSpan<float> Pooled { get; }

    public DeviceSpan<float> Alpha { get; }

    public DeviceSpan<float> Posterior { get; }

    public DeviceSpan<float> Inputs { get; }

    public DeviceSpan<float> Trunk { get; }

    public DeviceSpan<float> Attended { get; }

    public DeviceSpan<float> Paths { get; }

    public DeviceSpan<float> Logits { get; }

    /// <summary>u = (s / 8, 2 / s) of the first K zig-zag steps, s clipped to 1..64, of each window's table [n,64]; one table serves all windows.</summary>
    public static void SecondsOf(PhaseHistogramOptions options, ReadOnlySpan<ushort> tables, int windows, Span<float> seconds)
    {
        if (!options.SecondTable)
        {
            seconds.Clear();
            return;
        }
        for (int n = 0; n < windows; n++)
        {
            ReadOnlySpan<ushort> steps = tables.Length == 64 * windows ? tables.Slice(64 * n, 64) : tables;
            for (int c = 0; c < options.Coefficients; c++)
            {
                float s = Math.Clamp(steps[c], (ushort)1, (ushort)64);
                seconds[2 * (n * options.Coefficients + c)] = s / 8;
                seconds[2 * (n * options.Coefficients + c) + 1] = 2 / s;
            }
        }
    }

    public void Dispose()
    {
        foreach (IDisposable buffer in buffers)
            buffer.Dispose();
        buffers.Clear();
    }

    DeviceSpan<float> Rent(long floatsOfAWindow)
    {
        DeviceBuffer<float> buffer = stream.Rent<float>(floatsOfAWindow * Windows);
        buffers.Add(buffer);
        return buffer;
    }
}
