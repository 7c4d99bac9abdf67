using System.Globalization;
using System.Text.Json;

namespace JpegQualityEstimation.Training;

// One key of a recipe file: its name, what it may be, and how it enters and leaves the recipe. The table of these is
// the only place that knows the keys, so a key that is not in it is an error and a key that is in it is used.

sealed class RecipeField<TRecipe>
{
    readonly Func<JsonElement, TRecipe, string?> set;
    readonly Action<Utf8JsonWriter, TRecipe> write;

    RecipeField(string key, Func<JsonElement, TRecipe, string?> set, Action<Utf8JsonWriter, TRecipe> write)
    {
        Key = key;
        this.set = set;
        this.write = write;
    }

    public string Key { get; }

    /// <summary>Puts the value into the recipe; answers why not, or null.</summary>
    public string? Set(JsonElement value, TRecipe recipe) => set(value, recipe);

    public void Write(Utf8JsonWriter json, TRecipe recipe)
    {
        json.WritePropertyName(Key);
        write(json, recipe);
    }

    public static RecipeField<TRecipe> Number(
        string key, double least, double most, Func<TRecipe, double> get, Action<TRecipe, double> set) => new(
        key,
        (value, recipe) =>
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || !(number >= least && number <= most))
                return Invariant($"must be a number of {least}..{most}");
            set(recipe, number);
            return null;
        },
        (json, recipe) => json.WriteNumberValue(get(recipe)));

    public static RecipeField<TRecipe> Whole(
        string key, int least, int most, Func<TRecipe, int> get, Action<TRecipe, int> set) => new(
        key,
        (value, recipe) =>
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int number) || number < least || number > most)
                return Invariant($"must be a whole number of {least}..{most}");
            set(recipe, number);
            return null;
        },
        (json, recipe) => json.WriteNumberValue(get(recipe)));

    public static RecipeField<TRecipe> Bool(string key, Func<TRecipe, bool> get, Action<TRecipe, bool> set) => new(
        key,
        (value, recipe) =>
        {
            if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                return "must be true or false";
            set(recipe, value.GetBoolean());
            return null;
        },
        (json, recipe) => json.WriteBooleanValue(get(recipe)));

    public static RecipeField<TRecipe> Text(string key, Func<TRecipe, string> get, Action<TRecipe, string> set) => new(
        key,
        (value, recipe) =>
        {
            if (value.ValueKind != JsonValueKind.String)
                return "must be text";
            set(recipe, value.GetString()!);
            return null;
        },
        (json, recipe) => json.WriteStringValue(get(recipe)));

    public static RecipeField<TRecipe> Choice<TEnum>(string key, Func<TRecipe, TEnum> get, Action<TRecipe, TEnum> set)
        where TEnum : struct, Enum => new(
        key,
        (value, recipe) =>
        {
            foreach (TEnum choice in Enum.GetValues<TEnum>())
            {
                if (value.ValueKind == JsonValueKind.String && value.ValueEquals(Lower(choice)))
                {
                    set(recipe, choice);
                    return null;
                }
            }
            return "must be one of " + string.Join(", ", Enum.GetValues<TEnum>().Select(Lower));
        },
        (json, recipe) => json.WriteStringValue(Lower(get(recipe))));

    public static RecipeField<TRecipe> Range(
        string key, double least, double most, Func<TRecipe, ValueRange> get, Action<TRecipe, ValueRange> set) => new(
        key,
        (value, recipe) =>
        {
            if (Numbers(value) is not [double from, double to] || !(least <= from && from <= to && to <= most))
                return Invariant($"must be [from, to] with {least} <= from <= to <= {most}");
            set(recipe, new ValueRange(from, to));
            return null;
        },
        (json, recipe) => WriteNumbers(json, [get(recipe).From, get(recipe).To]));

    /// <summary>A flat list x0, y0, x1, y1, ... with rising x.</summary>
    public static RecipeField<TRecipe> Knots(
        string key, double leastX, double mostX, Func<TRecipe, IReadOnlyList<double>> get, Action<TRecipe, double[]> set) => new(
        key,
        (value, recipe) =>
        {
            string wanted = Invariant($"must be [x0, weight0, x1, weight1, ...] with rising x of {leastX}..{mostX}, weights of 0..1000, not all 0");
            if (Numbers(value) is not { Length: >= 2 } knots || knots.Length % 2 != 0)
                return wanted;
            double total = 0;
            for (int i = 0; i < knots.Length; i += 2)
            {
                if (!(knots[i] >= leastX && knots[i] <= mostX && knots[i + 1] >= 0 && knots[i + 1] <= 1000) || (i > 0 && knots[i] <= knots[i - 2]))
                    return wanted;
                total += knots[i + 1];
            }
            if (total == 0)
                return wanted;
            set(recipe, knots);
            return null;
        },
        (json, recipe) => WriteNumbers(json, get(recipe)));

    /// <summary>A choice whose names are not those of the values.</summary>
    public static RecipeField<TRecipe> Named<TEnum>(
        string key, (string Name, TEnum Value)[] choices, Func<TRecipe, TEnum> get, Action<TRecipe, TEnum> set)
        where TEnum : struct, Enum => new(
        key,
        (value, recipe) =>
        {
            foreach ((string name, TEnum choice) in choices)
            {
                if (value.ValueKind == JsonValueKind.String && value.ValueEquals(name))
                {
                    set(recipe, choice);
                    return null;
                }
            }
            return "must be one of " + string.Join(", ", choices.Select(choice => choice.Name));
        },
        (json, recipe) => json.WriteStringValue(choices.First(choice => choice.Value.Equals(get(recipe))).Name));

    /// <summary>A flat list x0, y0, x1, y1, ... with rising x, or an empty one.</summary>
    public static RecipeField<TRecipe> Polyline(
        string key, double leastX, double mostX, double leastY, double mostY, Func<TRecipe, IReadOnlyList<double>> get, Action<TRecipe, double[]> set) => new(
        key,
        (value, recipe) =>
        {
            string wanted = Invariant($"must be [x0, y0, x1, y1, ...] with rising x of {leastX}..{mostX} and y of {leastY}..{mostY}, or []");
            if (Numbers(value) is not { } knots || knots.Length % 2 != 0)
                return wanted;
            for (int i = 0; i < knots.Length; i += 2)
            {
                if (!(knots[i] >= leastX && knots[i] <= mostX && knots[i + 1] >= leastY && knots[i + 1] <= mostY) || (i > 0 && knots[i] <= knots[i - 2]))
                    return wanted;
            }
            set(recipe, knots);
            return null;
        },
        (json, recipe) => WriteNumbers(json, get(recipe)));

    /// <summary>A list of whole numbers, or an empty one.</summary>
    public static RecipeField<TRecipe> WholeList(
        string key, int least, int most, Func<TRecipe, IReadOnlyList<double>> get, Action<TRecipe, double[]> set) => new(
        key,
        (value, recipe) =>
        {
            if (Numbers(value) is not { } numbers || !Array.TrueForAll(numbers, n => n >= least && n <= most && n == Math.Floor(n)))
                return Invariant($"must be a list of whole numbers of {least}..{most}");
            set(recipe, numbers);
            return null;
        },
        (json, recipe) => WriteNumbers(json, get(recipe)));

    static string Lower<TEnum>(TEnum choice) where TEnum : struct, Enum => choice.ToString().ToLowerInvariant();

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static double[]? Numbers(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return null;
        var numbers = new List<double>();
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetDouble(out double number))
                return null;
            numbers.Add(number);
        }
        return [.. numbers];
    }

    static void WriteNumbers(Utf8JsonWriter json, IReadOnlyList<double> numbers)
    {
        json.WriteStartArray();
        foreach (double number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
