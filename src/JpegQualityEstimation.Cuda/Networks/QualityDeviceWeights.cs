using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

// QualityDeviceWeights: the flat parameters of the quality network (QualityArchitecture) on the device, laid as its
// convolutions read them, in the storage of the precision; biases [7,64] as floats or in that storage. Laid again in every
// training step.
// Each bank starts on 256 bytes.
sealed class QualityDeviceWeights : IDisposable
{
    const int Layers = QualityArchitecture.Layers;
    const int Alignment = 256;

    readonly ActivationStorage storage;
    readonly ActivationStorage biasStorage;
    readonly DeviceBuffer<int> places;
    readonly DeviceBuffer<int> biasPlaces;
    readonly DeviceBuffer<byte> laid;
    readonly DeviceBuffer<byte> biases;
    readonly long[] forward = new long[Layers];
    readonly long[] backward = new long[Layers];

    /// <param name="stream">Where the places are uploaded.</param>
    /// <param name="storage">Of the weights.</param>
    /// <param name="biasStorage">Of the biases.</param>
    /// <param name="lay">Places of a bank.</param>
    /// <param name="transposed">Whether there are filters for the input gradients of layers 1 to 6.</param>
    public QualityDeviceWeights(CudaStream stream, ActivationStorage storage, ActivationStorage biasStorage, Func<Conv3x3Layout.Bank, int[]> lay, bool transposed)
    {
        (this.storage, this.biasStorage) = (storage, biasStorage);
        var all = new List<int>();
        for (int l = 0; l < Layers; l++)
        {
            forward[l] = Add(all, lay(Bank(l, transposed: false)));
            if (transposed && l > 0)
                backward[l] = Add(all, lay(Bank(l, transposed: true)));
        }
        int[] bias = new int[Layers * 64];
        for (int i = 0; i < bias.Length; i++)
            bias[i] = i % 64 < QualityArchitecture.OutputChannels(i / 64) ? QualityArchitecture.BiasOffset(i / 64) + i % 64 : -1;
        places = stream.Rent<int>(all.Count);
        biasPlaces = stream.Rent<int>(bias.Length);
        laid = stream.Rent<byte>((long)all.Count * storage.Bytes);
        biases = stream.Rent<byte>((long)bias.Length * biasStorage.Bytes);
        stream.Upload(all.ToArray().AsSpan(), places);
        stream.Upload(bias.AsSpan(), biasPlaces);
    }

    public void Lay(CudaStream stream, DeviceSpan<float> parameters)
    {
        Lay(stream, storage.Suffix, parameters, places, laid);
        Lay(stream, biasStorage.Suffix, parameters, biasPlaces, biases);
    }

    public DeviceSpan<byte> Forward(int layer) => laid.Slice(forward[layer]);

    public DeviceSpan<byte> Backward(int layer) => laid.Slice(backward[layer]);

    public DeviceSpan<byte> Bias(int layer) => biases.Slice((long)layer * 64 * biasStorage.Bytes, 64L * biasStorage.Bytes);

    public void Dispose()
    {
        places.Dispose();
        biasPlaces.Dispose();
        laid.Dispose();
        biases.Dispose();
    }

    static void Lay(CudaStream stream, string suffix, DeviceSpan<float> parameters, DeviceSpan<int> places, DeviceSpan<byte> to) =>
        stream.Launch(stream.Runtime.Kernel("quality", $"quality_lay_{suffix}"), new Dim3((int)((places.Length + 255) / 256)), new Dim3(256), 0,
            parameters, places, to, (int)places.Length);

    static Conv3x3Layout.Bank Bank(int layer, bool transposed) => new(
        QualityArchitecture.WeightOffset(layer), QualityArchitecture.OutputChannels(layer), QualityArchitecture.InputChannels(layer), transposed);

    // Where the bank begins, in bytes.
    long Add(List<int> all, int[] bank)
    {
        long at = all.Count * (long)storage.Bytes;
        all.AddRange(bank);
        while (all.Count * storage.Bytes % Alignment != 0)
            all.Add(-1);
        return at;
    }
}
