using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool.Conformance;

// OpTrial: one op at one size, made ready on a device. Launch queues it and may be called again and again (what it writes in
// place then changes, its cost does not); Compare fetches what the first launch made and holds it against the reference.
sealed record OpTrial(Action Launch, Action<Comparison> Compare)
{
    /// <summary>Arithmetic of one launch: a multiply-add counts two.</summary>
    public double Operations { get; init; }

    /// <summary>Least bytes that one launch moves through device memory: every input once, every output once.</summary>
    public double Bytes { get; init; }

    /// <summary>Of its products: which unit of the device the operations are held against.</summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>Whether its products may run on tensor cores.</summary>
    public bool TensorCores { get; init; }
}

/// <summary>An op under a name, with what makes it ready at a scale.</summary>
/// <param name="Name">"batch norm, gradient, half, channels last".</param>
/// <param name="Size">"[4,64,96,96]".</param>
/// <param name="Prepare">Makes it ready; NotSupportedException where this device or library has no such thing.</param>
sealed record OpCase(string Name, string Size, Func<DeviceScene, OpTrial> Prepare);
