using System.CommandLine;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool;

// Options that several verbs have, each made anew for the verb that takes it.
static class SharedOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Write one JSON object a line to standard output." };

    public static Option<string?> Model() => new("--model")
    {
        Description = "Weights to use (safetensors); default: the bundled model.",
        HelpName = "FILE",
    };

    public static Option<ComputeDevice> Device() => new("--device")
    {
        Description = "Where to run: auto, cpu, cuda or cuda:N.",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => ComputeDevice.Auto,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!ComputeDevice.TryParse(text, out ComputeDevice device))
                result.AddError($"--device '{text}': not auto, cpu, cuda or cuda:N");
            return device;
        },
    };

    public static Option<ComputePrecision> Precision() => new("--precision")
    {
        Description = "Arithmetic of a CUDA device: float32 (default), tf32, float16 or bfloat16.",
        HelpName = "PRECISION",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            switch (text.ToLowerInvariant())
            {
                case "float32" or "fp32":
                    return ComputePrecision.Float32;
                case "tf32" or "tensorfloat32":
                    return ComputePrecision.TensorFloat32;
                case "float16" or "fp16" or "half":
                    return ComputePrecision.Float16;
                case "bfloat16" or "bf16":
                    return ComputePrecision.BFloat16;
                default:
                    result.AddError($"--precision '{text}': not float32, tf32, float16 or bfloat16");
                    return default;
            }
        },
    };

    public static Option<int> Threads() => Positive("--threads", "Threads to use; default: all processors.", 1, 1024);

    public static Option<bool> Recursive() => new("--recursive") { Description = "Also take the folders below a folder." };

    public static Option<string?> Maps() => new("--maps")
    {
        Description = "Folder to write maps to; created.",
        HelpName = "DIR",
    };

    public static Option<bool> Resume() => new("--resume") { Description = "Skip inputs whose maps are in --maps already." };

    // The parser would take an option it does not know for a path.
    public static Argument<string[]> Paths()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Pictures, folders of pictures, or - for names from standard input, one a line (or --null).",
            Arity = ArgumentArity.OneOrMore,
        };
        paths.Validators.Add(result =>
        {
            foreach (string path in result.Tokens.Select(token => token.Value))
                if (path.Length > 1 && path[0] == '-' && !Path.Exists(path))
                    result.AddError($"{path}: no such option, and no such file");
        });
        return paths;
    }

    // A whole number within limits; 0 where the option is not given.
    public static Option<int> Positive(string name, string description, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && (value < least || value > most))
                result.AddError($"{name} {value}: not between {least} and {most}");
        });
        return option;
    }
}
