using System.Numerics;
using System.Runtime.CompilerServices;

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

    /// <summary>values[i] *= mask of element first + i.</summary>
    public void Apply(float* values, int first, int count)
    {
        int i = 0;
        var lanes = new Vector<uint>((uint)first) + Vector<uint>.Indices;
        var high = new Vector<uint>(threshold);
        var factor = new Vector<float>(scale);
        for (; i <= count - Vector<uint>.Count; i += Vector<uint>.Count, lanes += new Vector<uint>((uint)Vector<uint>.Count))
        {
            Vector<uint> hash = lanes * 0x9E3779B9 + new Vector<uint>(key);
            hash = (hash ^ Vector.ShiftRightLogical(hash, 16)) * 0x7FEB352D;
            hash ^= new Vector<uint>(secondKey);
            hash = (hash ^ Vector.ShiftRightLogical(hash, 15)) * 0x846CA68B;
            hash ^= Vector.ShiftRightLogical(hash, 16);
            Vector<float> kept = Vector.AsVectorSingle(Vector.GreaterThanOrEqual(hash, high)) & factor;
            Unsafe.WriteUnaligned(values + i, Unsafe.ReadUnaligned<Vector<float>>(values + i) * kept);
        }
        for (; i < count; i++)
            values[i] *= Factor(first + i);
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
