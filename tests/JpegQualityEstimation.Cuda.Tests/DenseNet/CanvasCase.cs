using JpegQualityEstimation.Cuda.Networks.DenseNet;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Tests.DenseNet;

// A canvas of small whole numbers on the device and on the host, in the values of a precision. Sums of products of small
// numbers are exact in every order; what is stored is rounded once.
sealed class CanvasCase : IDisposable
{
    readonly DeviceBuffer<byte> buffer;

    public CanvasCase(CudaStream stream, ComputePrecision precision, int pitch, int width, int height, int images, int seed)
    {
        (Stream, Precision, Pitch, Width, Height, Images) = (stream, precision, pitch, width, height, images);
        var random = new Random(seed);
        Values = new float[(long)pitch * width * height * images];
        for (int i = 0; i < Values.Length; i++)
            Values[i] = random.Next(-3, 4);
        buffer = stream.Rent<byte>((long)Values.Length * StoredNumbers.Bytes(precision));
        Upload();
    }

    public CudaStream Stream { get; }

    public ComputePrecision Precision { get; }

    public int Pitch { get; }

    public int Width { get; }

    public int Height { get; }

    public int Images { get; }

    /// <summary>As it was at first; what is changed here is on the device after <see cref="Upload"/>.</summary>
    public float[] Values { get; }

    public DenseCanvas Canvas => DenseCanvas.Of(buffer.Span.Address, Pitch, Width, Height, Images);

    public int At(int image, int y, int x, int c) => ((image * Height + y) * Width + x) * Pitch + c;

    public void Upload() => StoredNumbers.Upload(Stream, Precision, Values, buffer);

    public float[] Download() => StoredNumbers.Download(Stream, Precision, buffer, Values.Length);

    public void Dispose() => buffer.Dispose();
}
