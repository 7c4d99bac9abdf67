using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Jpeg;

[Flags]
enum PatchSteps
{
    Resampled = 1,
    Blurred = 2,
    Sharpened = 4,
    Noisy = 8,
    SameNoise = 16,
    Exposed = 32,
    Toned = 64,
    Gray = 128,
    LooksAround = 256,
}

// PatchDrawing: a PatchPreparation as the kernels of patch.cu read it; laid out as there.
[StructLayout(LayoutKind.Sequential)]
struct PatchDrawing
{
    public ulong Picture;
    public ulong Noise;
    public long Pixels;
    public long Rows;
    public long Crop;
    public double X;
    public double Y;
    public double Scale;
    public int Stride;
    public int Width;
    public int Height;
    public int Side;
    public int Kernel;
    public int Turn;
    public PatchSteps Steps;
    public int Slot;
    public int Radius;
    public BlurByDistance Blur;
    public SharpenByDistance Sharpen;
    public float Amount;
    public float Sigma;
    public float Exposure;
    public float Contrast;
    public float Brightness;
    public float Saturation;
    public float Gamma;
    readonly int reserved0;
    readonly int reserved1;

    [InlineArray(BlurWeights.MaxRadius + 1)]
    public struct BlurByDistance
    {
        float first;
    }

    [InlineArray(4)]
    public struct SharpenByDistance
    {
        float first;
    }

    public PatchDrawing(in PatchPreparation p)
    {
        X = p.X;
        Y = p.Y;
        Scale = p.Scale;
        Side = p.Side;
        Kernel = (int)p.Kernel;
        Turn = p.Turn;
        if (p.Scale != 1)
            Steps |= PatchSteps.Resampled;
        if (p.Blur > 0)
        {
            Steps |= PatchSteps.Blurred;
            Radius = BlurWeights.Fill(p.Blur, Blur);
        }
        if (p.Sharpen is { } amount)
        {
            Steps |= PatchSteps.Sharpened;
            Amount = (float)amount;
            BlurWeights.Fill(BlurWeights.OfSharpening, Sharpen);
        }
        if (p.Noise is { } noise)
        {
            Steps |= PatchSteps.Noisy | (noise.SameInAllChannels ? PatchSteps.SameNoise : 0);
            (Noise, Sigma) = (noise.State, noise.Sigma);
        }
        if (p.Exposure is { } factor)
        {
            Steps |= PatchSteps.Exposed;
            Exposure = factor;
        }
        if (p.Tone is { } tone)
        {
            Steps |= PatchSteps.Toned;
            (Contrast, Brightness, Saturation, Gamma) = (tone.Contrast, tone.Brightness, tone.Saturation, tone.Gamma);
        }
        if (p.Gray)
            Steps |= PatchSteps.Gray;
        if (p.LooksAround)
            Steps |= PatchSteps.LooksAround;
    }

    /// <summary>How far a tap of the resampling may lie from its output's position, in pixels of the picture.</summary>
    public readonly double Support => (Kernel switch { 0 => 0.5, 1 => 1, _ => 2 }) * Math.Max(1, 1 / Scale) + 1;

    /// <summary>Rows of the picture that resampling looks at.</summary>
    public readonly int SourceRows =>
        Math.Min(Height - 1, (int)Math.Ceiling(Y + Side / Scale + Support)) - Math.Max(0, (int)Math.Floor(Y - Support)) + 1;
}
