using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace JpegQualityEstimation.Engine;

/// <summary>Where a network is to run: the processor, one CUDA device, or whichever works.</summary>
/// <param name="Kind">The kind of device.</param>
/// <param name="Index">Number of the CUDA device, 0 for the other kinds.</param>
public readonly record struct ComputeDevice(ComputeDeviceKind Kind, int Index)
{
    /// <summary>Whatever works best here; the estimator says what it took and why.</summary>
    public static ComputeDevice Auto => default;

    /// <summary>The processor.</summary>
    public static ComputeDevice Cpu => new(ComputeDeviceKind.Cpu, 0);

    /// <summary>CUDA device <paramref name="index"/>, counted from 0. An explicit wish: no other device stands in.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public static ComputeDevice Cuda(int index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new ComputeDevice(ComputeDeviceKind.Cuda, index);
    }

    /// <summary>Reads "auto", "cpu", "cuda" or "cuda:N", in any case.</summary>
    /// <returns>False where the text is none of these.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out ComputeDevice device)
    {
        device = default;
        switch (text?.ToLowerInvariant())
        {
            case "auto":
                return true;
            case "cpu":
                device = Cpu;
                return true;
            case "cuda":
                device = Cuda();
                return true;
            case { } name when name.StartsWith("cuda:", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index):
                device = Cuda(index);
                return true;
            default:
                return false;
        }
    }

    /// <summary>"auto", "cpu" or "cuda:N".</summary>
    public override string ToString() => Kind switch
    {
        ComputeDeviceKind.Auto => "auto",
        ComputeDeviceKind.Cpu => "cpu",
        _ => string.Create(CultureInfo.InvariantCulture, $"cuda:{Index}"),
    };
}

/// <summary>Kinds of <see cref="ComputeDevice"/>.</summary>
public enum ComputeDeviceKind
{
    /// <summary>Whatever works best here.</summary>
    Auto,
    /// <summary>The processor.</summary>
    Cpu,
    /// <summary>A CUDA device.</summary>
    Cuda,
}
