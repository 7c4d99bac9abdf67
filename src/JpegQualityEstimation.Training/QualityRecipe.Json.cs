using System.Text;
using System.Text.Json;

namespace JpegQualityEstimation.Training;

// Recipe files: one flat JSON object. A key that is not in the table, or is there twice, or is out of range, is an
// error that names file and key. The JSON written back holds every key, in the order of the table.

public sealed partial class QualityRecipe
{
    static readonly RecipeField<QualityRecipe>[] Fields =
    [
        RecipeField<QualityRecipe>.Text("name", r => r.Name, (r, v) => r.Name = v),
        Whole("patchSize", 8, 512, r => r.PatchSize, (r, v) => r.PatchSize = v),
        Whole("batchSize", 1, 4096, r => r.BatchSize, (r, v) => r.BatchSize = v),
        RecipeField<QualityRecipe>.Choice("phase", r => r.Phase, (r, v) => r.Phase = v),
        Range("quality", 1, 100, r => r.Quality, (r, v) => r.Quality = v),
        RecipeField<QualityRecipe>.Knots("qualityWeights", 1, 100, r => r.QualityWeights, (r, v) => r.QualityWeights = v),
        Share("neverCompressed", r => r.NeverCompressed, (r, v) => r.NeverCompressed = v),
        RecipeField<QualityRecipe>.Bool("flips", r => r.Flips, (r, v) => r.Flips = v),
        Weight("weight420", r => r.Weight420, (r, v) => r.Weight420 = v),
        Weight("weight422", r => r.Weight422, (r, v) => r.Weight422 = v),
        Weight("weight440", r => r.Weight440, (r, v) => r.Weight440 = v),
        Weight("weight444", r => r.Weight444, (r, v) => r.Weight444 = v),
        Weight("weightGray", r => r.WeightGray, (r, v) => r.WeightGray = v),
        Share("scaleShare", r => r.ScaleShare, (r, v) => r.ScaleShare = v),
        Range("scale", 0.1, 4, r => r.Scale, (r, v) => r.Scale = v),
        Share("blurShare", r => r.BlurShare, (r, v) => r.BlurShare = v),
        Range("blur", 0, 3, r => r.Blur, (r, v) => r.Blur = v),
        Share("sharpenShare", r => r.SharpenShare, (r, v) => r.SharpenShare = v),
        Range("sharpen", 0, 5, r => r.Sharpen, (r, v) => r.Sharpen = v),
        Share("noiseShare", r => r.NoiseShare, (r, v) => r.NoiseShare = v),
        Range("noise", 0, 64, r => r.Noise, (r, v) => r.Noise = v),
        Share("toneShare", r => r.ToneShare, (r, v) => r.ToneShare = v),
        Range("brightness", -255, 255, r => r.Brightness, (r, v) => r.Brightness = v),
        Range("contrast", 0, 4, r => r.Contrast, (r, v) => r.Contrast = v),
        Range("gamma", 0.1, 10, r => r.Gamma, (r, v) => r.Gamma = v),
        Range("saturation", 0, 4, r => r.Saturation, (r, v) => r.Saturation = v),
        Share("exposureShare", r => r.ExposureShare, (r, v) => r.ExposureShare = v),
        Range("exposure", -8, 8, r => r.Exposure, (r, v) => r.Exposure = v),
        Share("earlierShare", r => r.EarlierShare, (r, v) => r.EarlierShare = v),
        Range("earlierQuality", 1, 100, r => r.EarlierQuality, (r, v) => r.EarlierQuality = v),
        Share("spliceShare", r => r.SpliceShare, (r, v) => r.SpliceShare = v),
        Weight("qualityLossWeight", r => r.QualityLossWeight, (r, v) => r.QualityLossWeight = v),
        Weight("flagLossWeight", r => r.FlagLossWeight, (r, v) => r.FlagLossWeight = v),
        RecipeField<QualityRecipe>.Choice("initialization", r => r.Initialization, (r, v) => r.Initialization = v),
        RecipeField<QualityRecipe>.Choice("optimizer", r => r.Optimizer, (r, v) => r.Optimizer = v),
        RecipeField<QualityRecipe>.Number("momentum", 0, 0.999999, r => r.Momentum, (r, v) => r.Momentum = v),
        RecipeField<QualityRecipe>.Number("learningRate", 0, 1, r => r.LearningRate, (r, v) => r.LearningRate = v),
        RecipeField<QualityRecipe>.Number("beta1", 0, 0.999999, r => r.Beta1, (r, v) => r.Beta1 = v),
        RecipeField<QualityRecipe>.Number("beta2", 0, 0.999999, r => r.Beta2, (r, v) => r.Beta2 = v),
        RecipeField<QualityRecipe>.Number("epsilon", 1e-30, 1, r => r.Epsilon, (r, v) => r.Epsilon = v),
        Share("weightDecay", r => r.WeightDecay, (r, v) => r.WeightDecay = v),
        RecipeField<QualityRecipe>.Number("clipNorm", 0, 1e9, r => r.ClipNorm, (r, v) => r.ClipNorm = v),
        RecipeField<QualityRecipe>.Choice("schedule", r => r.Schedule, (r, v) => r.Schedule = v),
        Whole("steps", 1, int.MaxValue, r => r.Steps, (r, v) => r.Steps = v),
        Whole("warmUpSteps", 0, int.MaxValue, r => r.WarmUpSteps, (r, v) => r.WarmUpSteps = v),
        Share("floor", r => r.Floor, (r, v) => r.Floor = v),
        RecipeField<QualityRecipe>.Number("averageDecay", 0, 0.9999999, r => r.AverageDecay, (r, v) => r.AverageDecay = v),
        RecipeField<QualityRecipe>.Number("validationShare", 0, 0.5, r => r.ValidationShare, (r, v) => r.ValidationShare = v),
        Whole("validationInterval", 0, int.MaxValue, r => r.ValidationInterval, (r, v) => r.ValidationInterval = v),
        Whole("validationBatches", 1, 1000, r => r.ValidationBatches, (r, v) => r.ValidationBatches = v),
    ];

    /// <summary>The keys that a recipe file may hold, in the order in which they are written.</summary>
    public static IReadOnlyList<string> Keys { get; } = [.. Fields.Select(field => field.Key)];

    /// <summary>Names of the recipes that come with the package.</summary>
    public static IReadOnlyList<string> BundledNames { get; } = ["quality", "uchida2019"];

    /// <summary>A recipe by the name of a bundled one, or else by the path of a file.</summary>
    /// <exception cref="RecipeException">There is neither, or the file is not a recipe.</exception>
    public static QualityRecipe Load(string nameOrPath)
    {
        if (BundledNames.Contains(nameOrPath))
        {
            using Stream stream = typeof(QualityRecipe).Assembly.GetManifestResourceStream($"Recipes/{nameOrPath}.json")!;
            using var reader = new StreamReader(stream);
            return Parse(reader.ReadToEnd(), nameOrPath);
        }
        try
        {
            return Parse(File.ReadAllText(nameOrPath), nameOrPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new RecipeException(nameOrPath, "",
                $"is no bundled recipe ({string.Join(", ", BundledNames)}) and cannot be read as a file: {error.Message}", error);
        }
    }

    /// <summary>Reads a recipe from JSON text.</summary>
    /// <param name="json">One object; comments are allowed.</param>
    /// <param name="file">What error messages call it.</param>
    /// <exception cref="RecipeException">Not JSON, an unknown or repeated key, or a value out of range.</exception>
    public static QualityRecipe Parse(string json, string file)
    {
        var recipe = new QualityRecipe { Name = Path.GetFileNameWithoutExtension(file) };
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, MaxDepth = 4 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new RecipeException(file, "", "a recipe is one JSON object");
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                RecipeField<QualityRecipe>? field = Array.Find(Fields, field => field.Key == property.Name);
                string? fault = field is null ? "is no key of a quality recipe"
                    : !seen.Add(property.Name) ? "is there twice"
                    : field.Set(property.Value, recipe);
                if (fault is not null)
                    throw new RecipeException(file, property.Name, fault);
            }
        }
        catch (JsonException error)
        {
            throw new RecipeException(file, "", $"is not JSON: {error.Message}", error);
        }
        recipe.Check(file);
        return recipe;
    }

    /// <summary>The recipe with another number of steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public QualityRecipe WithSteps(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var copy = (QualityRecipe)MemberwiseClone();
        copy.Steps = steps;
        return copy;
    }

    /// <summary>The recipe as JSON with every key.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (RecipeField<QualityRecipe> field in Fields)
                field.Write(json, this);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    void Check(string file)
    {
        if (Weight420 + Weight422 + Weight440 + Weight444 + WeightGray <= 0)
            throw new RecipeException(file, "weight420", "and the other four sampling weights are all 0");
        if (!(Quality.From == Math.Floor(Quality.From) && Quality.To == Math.Floor(Quality.To)))
            throw new RecipeException(file, "quality", "must be whole numbers");
        if (!(EarlierQuality.From == Math.Floor(EarlierQuality.From) && EarlierQuality.To == Math.Floor(EarlierQuality.To)))
            throw new RecipeException(file, "earlierQuality", "must be whole numbers");
        double reachable = 0;
        for (int quality = (int)Quality.From; quality <= (int)Quality.To; quality++)
            reachable += QualityDistribution.WeightAt(QualityWeights, quality);
        if (reachable <= 0)
            throw new RecipeException(file, "qualityWeights", "are 0 for every quality of the range");
        if (ValidationInterval > 0 && ValidationShare == 0)
            throw new RecipeException(file, "validationShare", "must be above 0 where 'validationInterval' is");
    }

    static RecipeField<QualityRecipe> Whole(string key, int least, int most, Func<QualityRecipe, int> get, Action<QualityRecipe, int> set) =>
        RecipeField<QualityRecipe>.Whole(key, least, most, get, set);

    static RecipeField<QualityRecipe> Share(string key, Func<QualityRecipe, double> get, Action<QualityRecipe, double> set) =>
        RecipeField<QualityRecipe>.Number(key, 0, 1, get, set);

    static RecipeField<QualityRecipe> Weight(string key, Func<QualityRecipe, double> get, Action<QualityRecipe, double> set) =>
        RecipeField<QualityRecipe>.Number(key, 0, 1000, get, set);

    static RecipeField<QualityRecipe> Range(
        string key, double least, double most, Func<QualityRecipe, ValueRange> get, Action<QualityRecipe, ValueRange> set) =>
        RecipeField<QualityRecipe>.Range(key, least, most, get, set);
}
