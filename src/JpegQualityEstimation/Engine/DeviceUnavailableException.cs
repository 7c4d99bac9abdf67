namespace JpegQualityEstimation.Engine;

/// <summary>A device that was asked for by name and cannot be had; nothing else was taken in its place.</summary>
public sealed class DeviceUnavailableException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="device">The device that was asked for.</param>
    /// <param name="tried">What was tried and how each try ended, in order.</param>
    public DeviceUnavailableException(ComputeDevice device, IReadOnlyList<string> tried)
        : base($"{device} is not available; tried: {string.Join("; ", tried)}")
    {
        Device = device;
        Tried = tried;
    }

    /// <summary>The device that was asked for.</summary>
    public ComputeDevice Device { get; }

    /// <summary>What was tried and how each try ended, in order.</summary>
    public IReadOnlyList<string> Tried { get; }
}
