using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Training;

// TrainingState: all that a run needs to go on as if it had not stopped, and its file. One safetensors file with the
// flat arrays parameters, average, adam.first, adam.second and, where gradients are whitened, whitening; the rest is text in its metadata. Written whole or not at all.

sealed class TrainingState<TRecipe>
    where TRecipe : TrainingRecipe, ITrainingRecipe<TRecipe>
{
    static string Kind => $"{TRecipe.Measures.Kind} training checkpoint, version 1";

    public TrainingState(float[] parameters, TRecipe recipe, ulong seed, string dataManifest, int whiteningCount = 0)
    {
        Parameters = parameters;
        Average = (float[])parameters.Clone();
        First = new float[parameters.Length];
        Second = new float[parameters.Length];
        Whitening = new float[whiteningCount];
        Recipe = recipe;
        Seed = seed;
        DataManifest = dataManifest;
    }

    public float[] Parameters { get; private init; }

    /// <summary>The running average of the parameters: what is saved as the model.</summary>
    public float[] Average { get; private init; }

    public float[] First { get; private init; }

    public float[] Second { get; private init; }

    /// <summary>What <see cref="GradientWhitening"/> keeps of each matrix, one behind the other; empty where gradients are not whitened.</summary>
    public float[] Whitening { get; private init; }

    /// <summary>Updates done.</summary>
    public long Step { get; set; }

    /// <summary>Seconds of training, over all runs.</summary>
    public double Seconds { get; set; }

    public TRecipe Recipe { get; set; }

    public ulong Seed { get; }

    public string DataManifest { get; }

    /// <summary>Changes of the recipe on the way, one line each.</summary>
    public string History { get; set; } = "";

    public void Save(string path) => OutputFile.Write(path, Save);

    public void Save(Stream stream)
    {
        Tensor[] tensors =
        [
            Flat("parameters", Parameters), Flat("average", Average), Flat("adam.first", First), Flat("adam.second", Second),
            .. Whitening.Length > 0 ? new[] { Flat("whitening", Whitening) } : [],
        ];
        var metadata = new Dictionary<string, string>
        {
            ["kind"] = Kind,
            ["recipe"] = Recipe.ToJson(),
            ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["seconds"] = Seconds.ToString("R", CultureInfo.InvariantCulture),
            ["dataManifest"] = DataManifest,
            ["history"] = History,
        };
        Safetensors.Write(stream, tensors, metadata);
    }

    /// <param name="path">The file.</param>
    /// <param name="parameterCount">How many parameters the network of a recipe has.</param>
    /// <param name="whiteningCount">How many numbers the whitening of a recipe keeps; null: none.</param>
    /// <exception cref="WeightsFormatException">The file is not such a checkpoint.</exception>
    public static TrainingState<TRecipe> Load(string path, Func<TRecipe, int> parameterCount, Func<TRecipe, int>? whiteningCount = null) =>
        FromContent(Safetensors.Read(path), parameterCount, whiteningCount);

    public static TrainingState<TRecipe> FromContent(SafetensorsContent content, Func<TRecipe, int> parameterCount, Func<TRecipe, int>? whiteningCount = null)
    {
        string path = content.Name;
        if (Text("kind") != Kind)
            throw new WeightsFormatException(path, -1, $"is not a checkpoint of {TRecipe.Measures.Kind} training");
        if (!ulong.TryParse(Text("seed"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            || !long.TryParse(Text("step"), NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            || !double.TryParse(Text("seconds"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
            || !(seconds >= 0 && double.IsFinite(seconds)))
            throw new WeightsFormatException(path, -1, "seed, step or seconds of the checkpoint are not numbers of 0 or more");
        TRecipe recipe = ReadRecipe();
        int count = parameterCount(recipe), whitened = whiteningCount?.Invoke(recipe) ?? 0;
        return new TrainingState<TRecipe>(Values("parameters", count, float.MinValue), recipe, seed, Text("dataManifest"))
        {
            Average = Values("average", count, float.MinValue),
            First = Values("adam.first", count, float.MinValue),
            Second = Values("adam.second", count, 0),
            Whitening = whitened == 0 ? [] : Values("whitening", whitened, float.MinValue),
            Step = step,
            Seconds = seconds,
            History = Text("history"),
        };

        TRecipe ReadRecipe()
        {
            try
            {
                return TRecipe.Parse(Text("recipe"), path);
            }
            catch (RecipeException error)
            {
                throw new WeightsFormatException(path, -1, $"the recipe of the checkpoint: {error.Message}", error);
            }
        }

        string Text(string key) => content.Metadata.TryGetValue(key, out string? text) ? text
            : throw new WeightsFormatException(path, -1, $"the checkpoint lacks '{key}'");

        float[] Values(string name, int length, float least)
        {
            float[] values = content.Require(name, [length]).Values;
            foreach (float value in values)
                if (!(value >= least && value <= float.MaxValue))
                    throw new WeightsFormatException(path, -1, $"tensor '{name}' of the checkpoint holds {value}");
            return values;
        }
    }

    static Tensor Flat(string name, float[] values) => new(name, [values.Length], values);
}
