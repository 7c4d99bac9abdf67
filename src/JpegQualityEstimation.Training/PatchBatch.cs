namespace JpegQualityEstimation.Training;

/// <summary>The patches [n,h,w,3] and targets [n,h,w,2] of one step.</summary>
sealed class PatchBatch(int batchSize, int patchSize)
{
    public byte[] Patches { get; } = new byte[3 * batchSize * patchSize * patchSize];

    public float[] Targets { get; } = new float[2 * batchSize * patchSize * patchSize];
}
