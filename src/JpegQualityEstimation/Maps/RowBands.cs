namespace JpegQualityEstimation.Maps;

// RowBands: bands of a picture's rows, gone through by some threads. Bands are the caller's, hence fixed: threads change nothing.
static class RowBands
{
    public static void Run(int count, int threads, Action<int> work)
    {
        if (threads == 1 || count == 1)
        {
            for (int band = 0; band < count; band++)
                work(band);
            return;
        }
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
    }
}
