using System.Security.Cryptography;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>A model of primary steps to evaluate.</summary>
/// <param name="Name">What tables and figures call it.</param>
/// <param name="Sha256">Hash of its file, lower-case hex; empty where there is none.</param>
/// <param name="Create">Makes what runs it; called once for each thread.</param>
public sealed record EvaluatedPrimaryModel(string Name, string Sha256, Func<IPrimaryWindowReader> Create)
{
    /// <summary>The likelihood of combs in closed form, the baseline of the learned models; no training, no file.</summary>
    public static EvaluatedPrimaryModel ClosedForm { get; } = new(CombReader.Name, "", () => new CombReader());

    /// <summary>What needs no file: the closed form, and the baselines of aligned compression of Galvan et al. 2014 and of Bianchi and Piva 2012.</summary>
    public static IReadOnlyList<EvaluatedPrimaryModel> Formulas { get; } =
    [
        ClosedForm,
        new(GalvanReader.Name, "", () => new GalvanReader()),
        new(BianchiPivaReader.Name, "", () => new BianchiPivaReader()),
    ];

    /// <summary>Reads a weight file of any network for primary quantization; 15 outputs are a regression.</summary>
    /// <param name="name">What tables and figures call it; null: as the file says.</param>
    /// <param name="file">The file's bytes.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <exception cref="WeightsFormatException">The file is no such file.</exception>
    public static EvaluatedPrimaryModel Read(string? name, byte[] file, string fileName)
    {
        ArgumentNullException.ThrowIfNull(file);
        string hash = Convert.ToHexStringLower(SHA256.HashData(file));
        SafetensorsContent content = Safetensors.Read(new MemoryStream(file, writable: false), fileName);
        if (content.Metadata.GetValueOrDefault("architecture") == DenseNet40Architecture.Id)
        {
            DenseNet40Network dense = DenseNet40Network.Load(new MemoryStream(file, writable: false), fileName);
            if (dense.Outputs == PrimarySums.Steps)
                return OfRegression(name ?? dense.Name, hash, dense);
        }
        PrimaryNetwork network = PrimaryNetwork.Load(new MemoryStream(file, writable: false), fileName);
        return Of(name ?? network.Name, hash, network);
    }

    /// <summary>A network with 15 softmax blocks.</summary>
    /// <param name="name">What tables and figures call it.</param>
    /// <param name="sha256">Hash of its file; empty where there is none.</param>
    /// <param name="network">Its weights.</param>
    public static EvaluatedPrimaryModel Of(string name, string sha256, PrimaryNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new EvaluatedPrimaryModel(name, sha256, () => new PrimaryEngineReader(network.OpenEngine(), network.Calibration));
    }

    /// <summary>A DenseNet-40 with 15 outputs that are rounded, the network of Niu et al. 2020; its engine is shared by all threads.</summary>
    /// <exception cref="ArgumentException">It has not 15 outputs.</exception>
    internal static EvaluatedPrimaryModel OfRegression(string name, string sha256, DenseNet40Network network)
    {
        if (network.Outputs != PrimarySums.Steps)
            throw new ArgumentException($"a regression has {PrimarySums.Steps} outputs, not {network.Outputs}", nameof(network));
        var inference = new DenseNet40Inference(network, threads: 1);
        return OfRegression(name, sha256, inference.Run);
    }

    internal static EvaluatedPrimaryModel OfRegression(string name, string sha256, RegressionRun run) =>
        new(name, sha256, () => new RegressionReader(run));
}
