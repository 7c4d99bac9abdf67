using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

namespace JpegQualityEstimation.Networks;

/// <summary>Shape of a phase-histogram network; stored with its weights.</summary>
public sealed record PhaseHistogramOptions
{
    /// <summary>Zig-zag DCT coefficients looked at, 15..64.</summary>
    [JsonRequired]
    public int Coefficients { get; init; } = 24;

    /// <summary>Magnitude bins per coefficient and phase, a multiple of four.</summary>
    [JsonRequired]
    public int Bins { get; init; } = 48;

    /// <summary>Width of a bin, in units of the orthonormal DCT of samples 0..255: 0.01..100.</summary>
    [JsonRequired]
    public float BinWidth { get; init; } = 0.75f;

    /// <summary>Periodicity features per coefficient and phase, beside the bins.</summary>
    [JsonRequired]
    public int Periods { get; init; } = 24;

    /// <summary>Hidden units per coefficient and phase.</summary>
    [JsonRequired]
    public int Hidden { get; init; } = 48;

    /// <summary>Units per phase after the sum over coefficients.</summary>
    [JsonRequired]
    public int PhaseWidth { get; init; } = 64;

    /// <summary>Units per phase that the attention pools.</summary>
    [JsonRequired]
    public int PooledWidth { get; init; } = 96;

    /// <summary>Attention heads over the 64 phases, 1..15; the first is the grid shift's posterior.</summary>
    [JsonRequired]
    public int Heads { get; init; } = 4;

    /// <summary>Units of each coefficient's own path to its output block.</summary>
    [JsonRequired]
    public int CoefficientWidth { get; init; } = 32;

    /// <summary>Units of the layer that sees the whole window.</summary>
    [JsonRequired]
    public int Trunk { get; init; } = 256;

    /// <summary>The second table's steps are an input (one network for all second tables).</summary>
    [JsonRequired]
    public bool SecondTable { get; init; }

    /// <summary>Numbers per coefficient and phase: bins and periods.</summary>
    [JsonIgnore]
    public int Features => Bins + Periods;

    [JsonIgnore]
    internal PhaseEvidenceOptions Evidence => new() { Coefficients = Coefficients, Bins = Bins, BinWidth = BinWidth, Periods = Periods };

    /// <summary>Inputs of the layer that sees the whole window.</summary>
    [JsonIgnore]
    internal int TrunkInputs => (Heads + 1) * PooledWidth + Coefficients * (Bins / 4) + 2 * Coefficients;

    internal string ToJson() => JsonSerializer.Serialize(this, PhaseHistogramJson.Default.PhaseHistogramOptions);

    /// <summary>Reads what <see cref="ToJson"/> wrote: every key, no other.</summary>
    /// <exception cref="FormatException">No such JSON, a key unknown or missing, or a shape that cannot be.</exception>
    internal static PhaseHistogramOptions FromJson(string json)
    {
        PhaseHistogramOptions? options;
        try
        {
            options = Read(Encoding.UTF8.GetBytes(json));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException("the options are not JSON of a phase-histogram network: " + error.Message, error);
        }
        if (options is null)
            throw new FormatException("the options are null");
        if (options.Fault() is string fault)
            throw new FormatException(fault);
        return options;
    }

    // By hand: the serializer's metadata of this type costs the first answer of a process tens of milliseconds.
    static PhaseHistogramOptions? Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null && !reader.Read())
            return null;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("no object");
        var options = new PhaseHistogramOptions();
        string[] missing = ["coefficients", "bins", "binWidth", "periods", "hidden", "phaseWidth", "pooledWidth", "heads", "coefficientWidth", "trunk", "secondTable"];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string key = reader.GetString()!;
            reader.Read();
            options = key switch
            {
                "coefficients" => options with { Coefficients = Integer(ref reader, key) },
                "bins" => options with { Bins = Integer(ref reader, key) },
                "binWidth" => options with { BinWidth = Single(ref reader, key) },
                "periods" => options with { Periods = Integer(ref reader, key) },
                "hidden" => options with { Hidden = Integer(ref reader, key) },
                "phaseWidth" => options with { PhaseWidth = Integer(ref reader, key) },
                "pooledWidth" => options with { PooledWidth = Integer(ref reader, key) },
                "heads" => options with { Heads = Integer(ref reader, key) },
                "coefficientWidth" => options with { CoefficientWidth = Integer(ref reader, key) },
                "trunk" => options with { Trunk = Integer(ref reader, key) },
                "secondTable" => options with { SecondTable = Truth(ref reader, key) },
                _ => throw new JsonException($"unknown key {key}"),
            };
            int known = Array.IndexOf(missing, key);
            if (known >= 0)
                missing[known] = "";
        }
        foreach (string key in missing)
            if (key.Length > 0)
                throw new JsonException($"{key} is missing");
        // Throws where something follows.
        reader.Read();
        return options;
    }

    static int Integer(ref Utf8JsonReader reader, string key) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value) ? value : throw new JsonException($"{key} is no whole number");

    static float Single(ref Utf8JsonReader reader, string key) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out float value) ? value : throw new JsonException($"{key} is no number");

    static bool Truth(ref Utf8JsonReader reader, string key) =>
        reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : throw new JsonException($"{key} is neither true nor false");

    /// <summary>What is wrong with the shape, null where it can be.</summary>
    internal string? Fault()
    {
        return Within(Coefficients, PrimaryBlocks.Count, 64, 1, "coefficients")
            ?? Within(Bins, 4, 256, 4, "bins")
            ?? (PhaseEvidenceOptions.CanBe(BinWidth) ? null : $"binWidth = {BinWidth} is not in {PhaseEvidenceOptions.MinBinWidth}..{PhaseEvidenceOptions.MaxBinWidth}")
            ?? Within(Periods, 0, 128, 1, "periods")
            ?? Within(Hidden, 16, 1024, 16, "hidden")
            ?? Within(PhaseWidth, 16, 1024, 16, "phaseWidth")
            ?? Within(PooledWidth, 16, 1024, 16, "pooledWidth")
            ?? Within(Heads, 1, 15, 1, "heads")
            ?? Within(CoefficientWidth, 16, 1024, 16, "coefficientWidth")
            ?? Within(Trunk, 16, 4096, 16, "trunk");

        static string? Within(int value, int least, int most, int multiple, string name) =>
            value >= least && value <= most && value % multiple == 0
                ? null
                : $"{name} = {value} is not a multiple of {multiple} in {least}..{most}";
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(PhaseHistogramOptions))]
sealed partial class PhaseHistogramJson : JsonSerializerContext;
