namespace JpegQualityEstimation.Engine;

/// <summary>The arithmetic that a device computes convolutions and products in; sums are kept in 32 bits in every case.</summary>
/// <remarks>The processor computes in <see cref="Float32"/> whatever is asked for.</remarks>
public enum ComputePrecision
{
    /// <summary>IEEE 754 single: 24 significant bits. The default.</summary>
    Float32,
    /// <summary>Factors rounded to 11 significant bits, range of a single; numbers are stored as singles.</summary>
    TensorFloat32,
    /// <summary>Numbers stored as IEEE 754 half: 11 significant bits, up to 65504.</summary>
    Float16,
    /// <summary>Numbers stored as bfloat16: 8 significant bits, range of a single.</summary>
    BFloat16,
}
