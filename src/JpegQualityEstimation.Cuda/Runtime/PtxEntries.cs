using System.Text.RegularExpressions;

namespace JpegQualityEstimation.Cuda.Runtime;

// PtxEntries: what the kernels of a PTX module take, read from its text:
//   .visible .entry NAME( .param .u64 NAME_param_0, .param .u32 NAME_param_1 )
// .u64/.s64/.b64 -> Word64, .u32/.s32/.b32 -> Word32, .f32, .f64. A launch with other arguments would read past the
// given ones, so it is refused before.
static partial class PtxEntries
{
    [GeneratedRegex(@"\.entry\s+(?<name>[\w$]+)\s*\((?<list>[^)]*)\)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.param(?:\s+\.align\s+\d+)?\s+\.(?<type>[usbf]\d+)")]
    private static partial Regex Parameter();

    /// <exception cref="FormatException">A kernel takes something that launches here do not give.</exception>
    public static Dictionary<string, KernelArgumentKind[]> Read(string ptx)
    {
        var entries = new Dictionary<string, KernelArgumentKind[]>(StringComparer.Ordinal);
        foreach (Match entry in Entry().Matches(ptx))
        {
            string name = entry.Groups["name"].Value;
            entries[name] = [.. Parameter().Matches(entry.Groups["list"].Value).Select(parameter => Kind(name, parameter.Groups["type"].Value))];
        }
        return entries;
    }

    static KernelArgumentKind Kind(string name, string type) => type switch
    {
        "u64" or "s64" or "b64" => KernelArgumentKind.Word64,
        "u32" or "s32" or "b32" => KernelArgumentKind.Word32,
        "f32" => KernelArgumentKind.Float32,
        "f64" => KernelArgumentKind.Float64,
        _ => throw new FormatException($"kernel {name} takes a .{type}; kernels take pointers, int, unsigned, long long, float and double"),
    };
}
