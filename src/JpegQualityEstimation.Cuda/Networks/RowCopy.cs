namespace JpegQualityEstimation.Cuda.Networks;

// RowCopy: rows of bytes from one stride to another. Above 4 MB by up to four threads: one core does not fill the memory's
// bandwidth, and a picture's maps are larger than what the device needs to make them.
static unsafe class RowCopy
{
    const long ParallelBytes = 4 << 20;
    const int MostThreads = 4;

    public static void Run(byte* from, long fromStride, byte* to, long toStride, long rowBytes, int rows)
    {
        int parts = rowBytes * rows < ParallelBytes ? 1 : Math.Min(MostThreads, Environment.ProcessorCount);
        if (parts == 1)
            Rows(0, rows);
        else
            Parallel.For(0, parts, i => Rows((int)((long)rows * i / parts), (int)((long)rows * (i + 1) / parts)));

        void Rows(int first, int end)
        {
            for (long y = first; y < end; y++)
                Buffer.MemoryCopy(from + y * fromStride, to + y * toStride, rowBytes, rowBytes);
        }
    }
}
