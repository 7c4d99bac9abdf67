using System.Globalization;
using System.Security.Cryptography;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Training;

// ModelAverage: the weighted mean of models of one shape, value by value, added up in double precision in the order given.
// Models that were fine-tuned from one another lie in one basin, and their mean is often a little better than each
// (Izmailov et al. 2018, Wortsman et al. 2022). Metadata are the last model's without its calibration, which is not the mean's.

/// <summary>Writes the weighted mean of trained models.</summary>
public static class ModelAverage
{
    /// <summary>Metadata entry of the result: one line "share SHA-256 file" for each model.</summary>
    public const string Key = "averageOf";

    /// <summary>Writes the mean; the file is written whole or not at all.</summary>
    /// <param name="models">Two or more model files (safetensors) of one shape.</param>
    /// <param name="shares">The share of each, above 0; they are divided by their sum. Empty: all alike.</param>
    /// <param name="output">Where the mean goes.</param>
    /// <param name="halfPrecision">Writes 16-bit floats.</param>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    /// <exception cref="ArgumentException">Fewer than two models, or shares that are not as many numbers above 0.</exception>
    /// <exception cref="WeightsFormatException">A file is no model, has another shape than the first, or has batch norms, whose statistics no mean of weights has.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static string Write(IReadOnlyList<string> models, IReadOnlyList<double> shares, string output, bool halfPrecision)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(shares);
        if (models.Count < 2)
            throw new ArgumentException($"a mean is of two models or more, not of {models.Count}");
        if (shares.Count > 0 && (shares.Count != models.Count || !shares.All(share => share > 0 && double.IsFinite(share))))
            throw new ArgumentException($"{models.Count} models have as many shares, each above 0");
        double whole = shares.Count == 0 ? models.Count : shares.Sum();
        double[] weights = [.. models.Select((_, i) => (shares.Count == 0 ? 1 : shares[i]) / whole)];
        SafetensorsContent? first = null, last = null;
        List<double[]> sums = [];
        string list = "";
        for (int i = 0; i < models.Count; i++)
        {
            byte[] bytes = File.ReadAllBytes(models[i]);
            last = Safetensors.Read(bytes, models[i]);
            first ??= Checked(last);
            if (last.Tensors.Count != first.Tensors.Count)
                throw new WeightsFormatException(models[i], -1, $"has {last.Tensors.Count} tensors, {models[0]} {first.Tensors.Count}");
            for (int t = 0; t < first.Tensors.Count; t++)
            {
                Tensor tensor = first.Tensors[t];
                float[] values = last.Require(tensor.Name, [.. tensor.Shape]).Values;
                if (i == 0)
                    sums.Add(new double[values.Length]);
                for (int k = 0; k < values.Length; k++)
                    sums[t][k] += weights[i] * values[k];
            }
            list += string.Create(CultureInfo.InvariantCulture, $"{weights[i]:R} {Convert.ToHexStringLower(SHA256.HashData(bytes))} {Path.GetFileName(models[i])}\n");
        }
        Dictionary<string, string> metadata = last!.Metadata.Where(entry => !entry.Key.StartsWith(CalibrationKeys.Prefix, StringComparison.Ordinal)).ToDictionary();
        metadata["name"] = Path.GetFileNameWithoutExtension(output);
        metadata[Key] = list;
        Tensor[] means = [.. first!.Tensors.Select((tensor, t) => new Tensor(tensor.Name, [.. tensor.Shape], [.. sums[t].Select(value => (float)value)]))];
        using var written = new MemoryStream();
        Safetensors.Write(written, means, metadata, halfPrecision);
        OutputFile.Write(output, stream => written.WriteTo(stream));
        return Convert.ToHexStringLower(SHA256.HashData(written.GetBuffer().AsSpan(0, (int)written.Length)));
    }

    static SafetensorsContent Checked(SafetensorsContent content)
    {
        if (content.Tensors.Count == 0)
            throw new WeightsFormatException(content.Name, -1, "holds no tensor");
        if (content.Tensors.FirstOrDefault(tensor => tensor.Name.EndsWith(".variance", StringComparison.Ordinal)) is { } norm)
            throw new WeightsFormatException(content.Name, -1, $"'{norm.Name}' is a statistic of these weights; their mean with others has one of its own (train with averageDecay and statisticsBatches)");
        return content;
    }
}
