using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Findings;

public static partial class LastCompressionEstimator
{
    /// <summary>What estimates at known origins work in, kept from one to the next: 4 MB. One estimate at a time.</summary>
    internal sealed class Storage
    {
        readonly BlockBand band = new();
        readonly StepHistograms histograms = new();
        readonly CombResult[] results = new CombResult[64], others = new CombResult[64];
        CombTest?[] tests = [];

        /// <summary>Room for blocks.</summary>
        public BlockBand Band => band;

        /// <summary>What was counted.</summary>
        public StepHistograms Histograms => histograms;

        /// <summary>Counts the blocks of an origin.</summary>
        public void Read(PixelView picture, GridOrigin origin, int blocks, Func<int, int, bool>? wanted, CancellationToken cancellation) =>
            histograms.Read(picture, band, origin, blocks, wanted, cancellation);

        /// <summary>Tests what was counted, over the results of the last call.</summary>
        public CombResult[] Judge(int threads) => CombResult.Of(histograms, results, Tests(threads));

        /// <summary>The same, beside the results of <see cref="Judge"/>.</summary>
        public CombResult[] JudgeAnother(int threads) => CombResult.Of(histograms, others, Tests(threads));

        CombTest?[] Tests(int threads)
        {
            if (tests.Length != threads)
                Array.Resize(ref tests, threads);
            return tests;
        }
    }
}
