using System.Globalization;

namespace JpegQualityEstimation.Tool;

// --shard K/N: the inputs of task K of N, K from 0. Told by the name alone (the first 8 bytes of its SHA-256, big-endian,
// modulo N): every input belongs to exactly one of N shards, whatever the order and whatever else is in the list.
sealed record Shard(int Index, int Count)
{
    const int MostShards = 1_000_000;

    public static Shard All { get; } = new(0, 1);

    public bool Holds(string name) => Count == 1 || (ulong)(NameKey.Of(name) >> 64) % (uint)Count == (uint)Index;

    public static bool TryParse(string text, out Shard shard)
    {
        string[] parts = text.Split('/');
        shard = All;
        if (parts.Length != 2 || !Number(parts[0], out int index) || !Number(parts[1], out int count) || index >= count || count > MostShards)
            return false;
        shard = new Shard(index, count);
        return true;
    }

    static bool Number(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
