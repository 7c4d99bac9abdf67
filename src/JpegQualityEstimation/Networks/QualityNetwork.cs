using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// QualityNetwork: the weights of the seven-layer dilated network (QualityArchitecture) and what is known of them.
// Outputs, whatever the file's convention: channel 0 = 1 - quality/100, channel 1 = flag, 1 = compressed.
// A file with the opposite flag is turned at loading: flag = 1 - out1 is the same convolution with negated weights.

/// <summary>Weights of the quality network of Uchida, Tanaka, Okutomi 2019. Immutable; safe to share between threads.</summary>
public sealed partial class QualityNetwork
{
    const string BundledName = "quality";
    static readonly Lazy<QualityNetwork> LazyBundled = new(LoadBundled);

    internal QualityNetwork(float[] parameters, string name, IReadOnlyDictionary<string, string> metadata, FlagCalibration? calibration = null)
    {
        if (parameters.Length != QualityArchitecture.ParameterCount)
            throw new ArgumentException($"the quality network has {QualityArchitecture.ParameterCount} parameters, not {parameters.Length}");
        Parameters = parameters;
        Name = name;
        Metadata = metadata;
        Calibration = calibration;
    }

    /// <summary>The network that comes with this library.</summary>
    /// <exception cref="InvalidOperationException">This build carries none.</exception>
    /// <exception cref="WeightsFormatException">The bundled file is damaged; the message names both digests.</exception>
    public static QualityNetwork Bundled => LazyBundled.Value;

    /// <summary>Name of the model: its metadata's <c>name</c>, else the file's.</summary>
    public string Name { get; }

    /// <summary>What the weight file says of itself (recipe, data, metrics).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    internal float[] Parameters { get; }

    /// <summary>From flag to probability, where the weight file says how.</summary>
    internal FlagCalibration? Calibration { get; }

    /// <summary>Reads a safetensors file with tensors conv1.weight [64,3,3,3], conv1.bias [64] ... conv7.bias [2].</summary>
    /// <exception cref="WeightsFormatException">The file is no such file; the message names it and the reason.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static QualityNetwork Load(string path, FlagPolarity polarity = FlagPolarity.FromMetadata) =>
        FromContent(Safetensors.Read(path), polarity);

    /// <inheritdoc cref="Load(string, FlagPolarity)"/>
    /// <param name="stream">The file's bytes.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="polarity">Meaning of the second output.</param>
    public static QualityNetwork Load(Stream stream, string name, FlagPolarity polarity = FlagPolarity.FromMetadata) =>
        FromContent(Safetensors.Read(stream, name), polarity);

    /// <summary>Writes the weights as safetensors, flag 1 = compressed.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="metadata">What to say of them; null: <see cref="Metadata"/>.</param>
    /// <param name="halves">Round the weights to 16-bit floats: half the file.</param>
    public void Save(Stream stream, IReadOnlyDictionary<string, string>? metadata = null, bool halves = false)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in metadata ?? Metadata)
            all[key] = value;
        all.Remove("output1");
        all["architecture"] = QualityArchitecture.Id;
        all["input"] = "RGB/255, NCHW";
        all["output0"] = "1 - quality/100";
        all["flag"] = "1 = compressed";
        all["layout"] = "OIHW";
        all.TryAdd("name", Name);
        Safetensors.Write(stream, ToTensors(Parameters), all, halves);
    }

    internal static IReadOnlyList<Tensor> ToTensors(ReadOnlySpan<float> parameters, string prefix = "")
    {
        var tensors = new List<Tensor>();
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            tensors.Add(new Tensor(prefix + WeightName(l), WeightShape(l), QualityArchitecture.Weight(parameters, l).ToArray()));
            tensors.Add(new Tensor(prefix + BiasName(l), BiasShape(l), QualityArchitecture.Bias(parameters, l).ToArray()));
        }
        return tensors;
    }

    internal static float[] FromTensors(SafetensorsContent content, string prefix = "")
    {
        float[] parameters = new float[QualityArchitecture.ParameterCount];
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            content.Require(prefix + WeightName(l), WeightShape(l)).Values.CopyTo(parameters, QualityArchitecture.WeightOffset(l));
            content.Require(prefix + BiasName(l), BiasShape(l)).Values.CopyTo(parameters, QualityArchitecture.BiasOffset(l));
        }
        return parameters;
    }

    static string WeightName(int layer) => $"conv{layer + 1}.weight";

    static string BiasName(int layer) => $"conv{layer + 1}.bias";

    static int[] WeightShape(int layer) => [QualityArchitecture.OutputChannels(layer), QualityArchitecture.InputChannels(layer), 3, 3];

    static int[] BiasShape(int layer) => [QualityArchitecture.OutputChannels(layer)];

    static QualityNetwork FromContent(SafetensorsContent content, FlagPolarity polarity)
    {
        FlagCalibration? calibration = FlagCalibration.Read(content.Metadata, content.Name);
        float[] parameters = FromTensors(content);
        foreach (float value in parameters)
            if (!float.IsFinite(value))
                throw new WeightsFormatException(content.Name, -1, "a weight is not a finite number");
        if (IsTurned(content.Metadata, polarity))
            TurnFlag(parameters);
        if (!content.Metadata.TryGetValue("name", out string? name))
            name = Path.GetFileNameWithoutExtension(content.Name);
        return new QualityNetwork(parameters, name, content.Metadata, calibration);
    }

    static bool IsTurned(IReadOnlyDictionary<string, string> metadata, FlagPolarity polarity)
    {
        if (polarity != FlagPolarity.FromMetadata)
            return polarity == FlagPolarity.OneIsNeverCompressed;
        string said = metadata.TryGetValue("flag", out string? flag) ? flag : metadata.GetValueOrDefault("output1", "");
        return said.StartsWith("1 = never compressed", StringComparison.Ordinal);
    }

    static void TurnFlag(float[] parameters)
    {
        const int Last = QualityArchitecture.Layers - 1;
        int half = QualityArchitecture.WeightCount(Last) / 2;
        foreach (ref float w in parameters.AsSpan(QualityArchitecture.WeightOffset(Last) + half, half))
            w = -w;
        ref float bias = ref parameters[QualityArchitecture.BiasOffset(Last) + 1];
        bias = 1 - bias;
    }

    static QualityNetwork LoadBundled()
    {
        byte[] file = BundledWeights.Read(BundledName)
            ?? throw new InvalidOperationException("this build of JpegQualityEstimation carries no quality weights: name a weight file");
        return FromContent(Safetensors.Read(file, BundledName + BundledWeights.Suffix), FlagPolarity.FromMetadata);
    }
}
