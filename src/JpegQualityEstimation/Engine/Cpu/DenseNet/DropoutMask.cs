using System.Numerics;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DropoutMask: which values of one picture's layer survive, from (seed, step, layer, picture, element) alone: whatever the
// thread, the band or the vector width, the mask of a training step is the same.
//   keep where hash(element) >= rate * 2^32; survivors are multiplied by 1 / (1 - rate)
// hash: two rounds of multiply and shift, the second keyed too (constants of C. Wellons' lowbias32).
readonly unsafe struct DropoutMask
{
    readonly uint key;
    readonly uint secondKey;
    readonly uint threshold;
    readonly float scale;

    public DropoutMask(double rate, ulong seed, ulong step, int layer, int picture)
    {
        ulong mixed = Mix(Mix(StepKey(seed, step) + (ulong)layer) ^ (ulong)picture);
        key = (uint)mixed;
        secondKey = (uint)(mixed >> 32);
        threshold = (uint)(rate * 4294967296.0);
        scale = (float)(1 / (1 - rate));
    }

    /// <summary>What all masks of a step are keyed with.</summary>
    public static ulong StepKey(ulong seed, ulong step) => Mix(Mix(seed + 0x9E3779B97F4A7C15) ^ step);

    public bool IsOff => threshold == 0;

    /// <summary>values[i] *= mask of element rowElements * (rows[i] * channels + channel) + columns[i].</summary>
    /// <param name="values">[count].</param>
    /// <param name="rows">Row of each value.</param>
    /// <param name="columns">Column of each value.</param>
    /// <param name="channel">Channel of all of them.</param>
    /// <param name="channels">Channels of the layer: its elements are numbered by row, channel, column.</param>
    /// <param name="rowElements">Columns of a row.</param>
    public void Apply(Span<float> values, ReadOnlySpan<uint> rows, ReadOnlySpan<uint> columns, int channel, int channels, int rowElements)
    {
        int i = 0;
        var high = new Vector<uint>(threshold);
        var factor = new Vector<float>(scale);
        var times = new Vector<uint>((uint)(channels * rowElements));
        var first = new Vector<uint>((uint)(channel * rowElements));
        for (; i <= values.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            Vector<uint> element = new Vector<uint>(rows[i..]) * times + new Vector<uint>(columns[i..]) + first;
            Vector<uint> hash = element * 0x9E3779B9 + new Vector<uint>(key);
            hash = (hash ^ Vector.ShiftRightLogical(hash, 16)) * 0x7FEB352D;
            hash ^= new Vector<uint>(secondKey);
            hash = (hash ^ Vector.ShiftRightLogical(hash, 15)) * 0x846CA68B;
            hash ^= Vector.ShiftRightLogical(hash, 16);
            Vector<float> kept = Vector.AsVectorSingle(Vector.GreaterThanOrEqual(hash, high)) & factor;
            (new Vector<float>(values[i..]) * kept).CopyTo(values[i..]);
        }
        for (; i < values.Length; i++)
            values[i] *= Factor((int)(rows[i] * (uint)(channels * rowElements) + columns[i]) + channel * rowElements);
    }

    /// <summary>0, or 1 / (1 - rate).</summary>
    public float Factor(int element)
    {
        uint hash = (uint)element * 0x9E3779B9 + key;
        hash = (hash ^ (hash >> 16)) * 0x7FEB352D;
        hash ^= secondKey;
        hash = (hash ^ (hash >> 15)) * 0x846CA68B;
        hash ^= hash >> 16;
        return hash >= threshold ? scale : 0;
    }

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
