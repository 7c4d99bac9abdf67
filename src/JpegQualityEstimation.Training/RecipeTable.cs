using System.Text;
using System.Text.Json;

namespace JpegQualityEstimation.Training;

// RecipeTable: the keys of one kind of recipe and its files: one flat JSON object. A key that is not in the table, or is
// there twice, or is out of range, is an error that names file and key. The JSON written back holds every key, in the
// order of the table. Pictures and Optimisation are the keys that every recipe has.

sealed class RecipeTable<TRecipe>(string kind, string[] bundled, RecipeField<TRecipe>[] fields)
    where TRecipe : TrainingRecipe
{
    /// <summary>The keys in the order in which they are written.</summary>
    public IReadOnlyList<string> Keys { get; } = [.. fields.Select(field => field.Key)];

    /// <summary>A recipe by the name of a bundled one, or else by the path of a file.</summary>
    /// <param name="nameOrPath">Which.</param>
    /// <param name="parse">Takes text and what error messages call it.</param>
    public TRecipe Load(string nameOrPath, Func<string, string, TRecipe> parse)
    {
        if (bundled.Contains(nameOrPath))
        {
            using Stream stream = typeof(TrainingRecipe).Assembly.GetManifestResourceStream($"Recipes/{nameOrPath}.json")!;
            using var reader = new StreamReader(stream);
            return parse(reader.ReadToEnd(), nameOrPath);
        }
        try
        {
            return parse(File.ReadAllText(nameOrPath), nameOrPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new RecipeException(nameOrPath, "",
                $"is no bundled recipe ({string.Join(", ", bundled)}) and cannot be read as a file: {error.Message}", error);
        }
    }

    /// <summary>Fills a recipe from JSON text.</summary>
    public void Read(string json, string file, TRecipe recipe)
    {
        recipe.Name = Path.GetFileNameWithoutExtension(file);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, MaxDepth = 4 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new RecipeException(file, "", "a recipe is one JSON object");
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                RecipeField<TRecipe>? field = Array.Find(fields, field => field.Key == property.Name);
                string? fault = field is null ? $"is no key of a {kind} recipe"
                    : !seen.Add(property.Name) ? "is there twice"
                    : field.Set(property.Value, recipe);
                if (fault is not null)
                    throw new RecipeException(file, property.Name, fault);
            }
        }
        // ArgumentException, InvalidOperationException: half a surrogate pair in the text, or escaped in a key or a value.
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new RecipeException(file, "", $"is not JSON: {error.Message}", error);
        }
        if (recipe.Weight420 + recipe.Weight422 + recipe.Weight440 + recipe.Weight444 + recipe.WeightGray <= 0)
            throw new RecipeException(file, "weight420", "and the other four sampling weights are all 0");
        if (recipe.ValidationInterval > 0 && recipe.ValidationShare == 0)
            throw new RecipeException(file, "validationShare", "must be above 0 where 'validationInterval' is");
    }

    public string Write(TRecipe recipe)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (RecipeField<TRecipe> field in fields)
                field.Write(json, recipe);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static RecipeField<TRecipe> Name() => RecipeField<TRecipe>.Text("name", r => r.Name, (r, v) => r.Name = v);

    public static RecipeField<TRecipe> BatchSize() => Whole("batchSize", 1, 4096, r => r.BatchSize, (r, v) => r.BatchSize = v);

    public static RecipeField<TRecipe>[] Pictures() =>
    [
        RecipeField<TRecipe>.Bool("flips", r => r.Flips, (r, v) => r.Flips = v),
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
    ];

    public static RecipeField<TRecipe>[] Optimisation() =>
    [
        RecipeField<TRecipe>.Choice("optimizer", r => r.Optimizer, (r, v) => r.Optimizer = v),
        RecipeField<TRecipe>.Number("momentum", 0, 0.999999, r => r.Momentum, (r, v) => r.Momentum = v),
        RecipeField<TRecipe>.Number("learningRate", 0, 1, r => r.LearningRate, (r, v) => r.LearningRate = v),
        Share("adamRate", r => r.AdamRate, (r, v) => r.AdamRate = v),
        RecipeField<TRecipe>.Number("beta1", 0, 0.999999, r => r.Beta1, (r, v) => r.Beta1 = v),
        RecipeField<TRecipe>.Number("beta2", 0, 0.999999, r => r.Beta2, (r, v) => r.Beta2 = v),
        RecipeField<TRecipe>.Number("epsilon", 1e-30, 1, r => r.Epsilon, (r, v) => r.Epsilon = v),
        Share("weightDecay", r => r.WeightDecay, (r, v) => r.WeightDecay = v),
        RecipeField<TRecipe>.Number("clipNorm", 0, 1e9, r => r.ClipNorm, (r, v) => r.ClipNorm = v),
        RecipeField<TRecipe>.Choice("schedule", r => r.Schedule, (r, v) => r.Schedule = v),
        Whole("steps", 1, int.MaxValue, r => r.Steps, (r, v) => r.Steps = v),
        Whole("warmUpSteps", 0, int.MaxValue, r => r.WarmUpSteps, (r, v) => r.WarmUpSteps = v),
        Share("floor", r => r.Floor, (r, v) => r.Floor = v),
        RecipeField<TRecipe>.Number("averageDecay", 0, 0.9999999, r => r.AverageDecay, (r, v) => r.AverageDecay = v),
        RecipeField<TRecipe>.Number("validationShare", 0, 0.5, r => r.ValidationShare, (r, v) => r.ValidationShare = v),
        Whole("validationInterval", 0, int.MaxValue, r => r.ValidationInterval, (r, v) => r.ValidationInterval = v),
        Whole("validationBatches", 1, 1000, r => r.ValidationBatches, (r, v) => r.ValidationBatches = v),
    ];

    public static RecipeField<TRecipe> Whole(string key, int least, int most, Func<TRecipe, int> get, Action<TRecipe, int> set) =>
        RecipeField<TRecipe>.Whole(key, least, most, get, set);

    public static RecipeField<TRecipe> Share(string key, Func<TRecipe, double> get, Action<TRecipe, double> set) =>
        RecipeField<TRecipe>.Number(key, 0, 1, get, set);

    public static RecipeField<TRecipe> Weight(string key, Func<TRecipe, double> get, Action<TRecipe, double> set) =>
        RecipeField<TRecipe>.Number(key, 0, 1000, get, set);

    public static RecipeField<TRecipe> Range(
        string key, double least, double most, Func<TRecipe, ValueRange> get, Action<TRecipe, ValueRange> set) =>
        RecipeField<TRecipe>.Range(key, least, most, get, set);
}
