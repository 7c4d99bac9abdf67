using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Onnx;

// OnnxExport: networks of this library as ONNX models (operator set 13), float32, weights inside the file. The same
// network gives the same bytes. The file's metadata: what the weight file said of itself, and on top of it
//   name, architecture, input, output    which network, and what its numbers mean
//   parameters_sha256                    SHA-256 of all parameters, little-endian float32, in the order of the weight file

/// <summary>Writes networks as ONNX files.</summary>
public static class OnnxExport
{
    /// <summary>Version of the ONNX operators that the files ask for.</summary>
    public const int OperatorSet = OnnxGraph.OperatorSet;

    /// <summary>
    /// Writes the quality network: <c>image</c> [n,3,height,width], red, green, blue divided by 255, any n, height and
    /// width, to <c>maps</c> [n,2,height,width], channel 0 = 1 - quality/100, channel 1 = flag (1 = compressed), not clipped.
    /// </summary>
    /// <param name="stream">Where to.</param>
    /// <param name="network">The weights.</param>
    /// <param name="metadata">More to say of them, such as the weight file's hash; null: nothing.</param>
    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public static void Write(Stream stream, QualityNetwork network, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(network);
        SortedDictionary<string, string> all = Describe(network.Name, QualityArchitecture.Id, network.Metadata, metadata, network.Parameters);
        // At loading, the flag was turned to 1 = compressed where the file had it otherwise.
        all.Remove("output0");
        all.Remove("output1");
        all["flag"] = "1 = compressed";
        all["input"] = QualityGraph.InputMeaning;
        all["output"] = QualityGraph.OutputMeaning;
        QualityGraph.Of(network.Parameters).Write(stream, Version, all);
    }

    /// <summary>
    /// Writes a network for primary quantization. DenseNet-40: <c>windows</c> [n,3,64,64], red, green, blue divided by 255
    /// (or [n,1,64,64], rounded luma divided by 255), any n, each in phase with the second grid, to <c>logits</c> [n,226] and
    /// <c>probabilities</c> [n,226], 15 softmax blocks side by side; with a regression head to <c>steps</c> [n,15].
    /// </summary>
    /// <param name="stream">Where to.</param>
    /// <param name="network">The weights.</param>
    /// <param name="metadata">More to say of them, such as the weight file's hash; null: nothing.</param>
    /// <exception cref="NotSupportedException">The network is no DenseNet-40: what a phase-histogram network reads, it
    /// counts from DCT coefficients and the second table, which no ONNX operator does.</exception>
    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public static void Write(Stream stream, PrimaryNetwork network, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.Weights is not DenseNet40Network weights)
            throw new NotSupportedException($"'{network.Name}' ({network.Architecture}) cannot be written as ONNX: {WhyNot(network.Architecture)}");
        Write(stream, weights, metadata);
    }

    /// <inheritdoc cref="Write(Stream, PrimaryNetwork, IReadOnlyDictionary{string, string})"/>
    public static void Write(Stream stream, DenseNet40Network network, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(network);
        SortedDictionary<string, string> all = Describe(network.Name, DenseNet40Architecture.Id, network.Metadata, metadata, network.Parameters);
        all["input"] = DenseNet40Graph.InputMeaning(network);
        all["output"] = DenseNet40Graph.OutputMeaning(network);
        DenseNet40Graph.Of(network).Write(stream, Version, all);
    }

    static string WhyNot(string architecture) => architecture == PhaseHistogramArchitecture.Id
        ? "it reads histograms of DCT coefficients at 64 grid phases and the second table, which ONNX has no operators for"
        : "only DenseNet-40 can be";

    static string Version => typeof(OnnxExport).Assembly.GetName().Version!.ToString(3);

    static SortedDictionary<string, string> Describe(string name, string architecture, IReadOnlyDictionary<string, string> said,
        IReadOnlyDictionary<string, string>? more, ReadOnlySpan<float> parameters)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in said)
            all[key] = value;
        foreach ((string key, string value) in more ?? new Dictionary<string, string>())
            all[key] = value;
        all["name"] = name;
        all["architecture"] = architecture;
        all["parameters"] = parameters.Length.ToString(CultureInfo.InvariantCulture);
        all["parameters_sha256"] = Hash(parameters);
        return all;
    }

    static string Hash(ReadOnlySpan<float> parameters)
    {
        byte[] bytes = new byte[4 * parameters.Length];
        for (int i = 0; i < parameters.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), parameters[i]);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
