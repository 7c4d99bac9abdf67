using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// DctFirstBlock: the first convolution and the first dense block of DenseNet-40 laid out by hand, so that at every pixel p they hold twelve
// coefficients c of the 8x8 DCT of the block with rows and columns p - 3 .. p + 4, and of them how much likelier they are in a block of the first
// compression, by each of twelve strengths of it, than elsewhere (DctGates). Ours; the paper learns these filters.
// The cosine of frequency u in a row of eight is a polynomial of degree 7 whose zeros lie on the unit circle, most of them in pairs: four factors of at
// most three taps, so that the block is a chain of four 3x3 filters.
//   channels 0 - 11    first factors               12 - 23  left as they are drawn
//            24 - 59   second to fourth factors: layers 1 - 3, the last c itself
//            60 - 71   max(0, c)      72 - 83  |c|      84 - 95  max(0, |c| - cap)      layers 4 - 6, in units of eight grey levels
//            96 - 155  parts of the gates, a knot each: layers 7 - 11      156 - 167  the gates: layer 12
// Statistics are chosen, not measured: what they take out leaves the transition values of about one size, gates above their thresholds. Batch norms of the chain bring what it can be for any picture to
// 0 .. 1: nothing is clipped before c. Pixels near the border, whose block is not all in the window, hold something else.
static class DctFirstBlock
{
    public const int Coefficients = 12;

    /// <summary>Vertical and horizontal frequency of each coefficient: those of the first fifteen in zig-zag order with a factorization of four filters, but for the mean.</summary>
    public static readonly (int Row, int Column)[] Frequencies =
    [
        (0, 1), (1, 0), (2, 0), (1, 1), (0, 2), (0, 3), (1, 2), (2, 1), (3, 0), (3, 1), (2, 2), (1, 3),
    ];

    /// <summary>Rows and columns of the block before its pixel.</summary>
    public const int Before = 3;

    const int Factors = 4;
    const int Middle = 4;
    const int LastFactor = 48;
    const int Positive = 60;
    const int Magnitude = 72;
    const int Above = 84;
    const int Parts = 96;
    const int GateChannels = 156;
    const int PartLayers = DctGates.Knots - 1;
    const double Unit = 8;
    const double FreeSize = 0.5;
    const double PartSize = 3;
    const double PassGain = 10;
    const double PassShift = 0.5;

    /// <summary>Overwrites the first convolution's first twelve filters, the first block, and what lets the gates through to the outputs.</summary>
    public static void Lay(float[] parameters, DenseNet40Architecture architecture, DctGates gates)
    {
        var net = new Block(parameters, architecture);
        net.Clear();
        for (int i = 0; i < Coefficients; i++)
        {
            // What the transition reads of all coefficients is about as large.
            double size = gates.Sizes[i] / Unit;
            net.SetStatistics(LastFactor + i, net.LayChain(i), size);
            net.SetStatistics(Positive + i, 0, size);
            net.SetStatistics(Magnitude + i, 0, size);
            net.SetStatistics(Above + i, 0, size);
            net.Norm(3, LastFactor + i, 1, 0, centred: true);
            net.Pass(3, i, LastFactor + i);
            net.Norm(4, LastFactor + i, -1, 0, centred: true);
            net.Pass(4, i, LastFactor + i);
            net.Norm(4, Positive + i, 1, 0);
            net.Pass(4, i, Positive + i);
            net.Norm(5, Magnitude + i, 1, -gates.Cap / Unit);
            net.Pass(5, i, Magnitude + i);
        }
        double[] lifted = LayGates(net, gates);
        for (int j = 0; j < DctGates.Count; j++)
            net.SetStatistics(GateChannels + j, lifted[j] - gates.Offsets[j] + gates.Thresholds[j], 1);
        net.LayTransitions();
    }

    // Parts: sum over coefficients of a knot's change of slope times (min(|c|, cap) - knot)+; what the gates' sums are lifted by so that no part is negative.
    static double[] LayGates(Block net, DctGates gates)
    {
        double[] lifted = new double[DctGates.Count];
        for (int t = 0; t < PartLayers; t++)
        {
            int layer = 6 + t;
            double most = gates.Cap - gates.Knot(t);
            for (int i = 0; i < Coefficients; i++)
            {
                net.Norm(layer, Magnitude + i, 1, -gates.Knot(t) / Unit);
                net.Norm(layer, Above + i, 1, 0);
            }
            for (int j = 0; j < DctGates.Count; j++)
            {
                double negative = 0;
                for (int i = 0; i < Coefficients; i++)
                {
                    double bend = gates.Bend(j, i, t);
                    net.Pass(layer, j, Magnitude + i, bend * Unit);
                    net.Pass(layer, j, Above + i, -bend * Unit);
                    negative += Math.Max(0, -bend) * most;
                }
                if (t == PartLayers - 1)
                    continue;
                int channel = Parts + t * DctGates.Count + j;
                net.SetStatistics(channel, 0, PartSize);
                net.Norm(DenseNet40Architecture.Layers - 1, channel, 1, negative);
                net.Pass(DenseNet40Architecture.Layers - 1, j, channel);
                lifted[j] += negative;
            }
        }
        return lifted;
    }

    /// <summary>Four filters of three taps (behind, at, before the pixel) whose product is the cosine of a frequency 0..3, but for its size and sign.</summary>
    internal static double[][] Factorize(int frequency)
    {
        if (frequency == 0)
            return [[0, 1, 1], Pair(3, 4), Pair(2, 4), Pair(1, 4)];
        if (frequency % 2 == 1)
            return [[0, 1, -1], .. from k in new[] { 7, 5, 3, 1 } where k != frequency select Pair(k, 8)];
        return [[1, -2, 1], [0, 1, 1], .. from k in new[] { 3, 2, 1 } where 2 * k != frequency select Pair(k, 4)];

        // Zeros at the angles of k pi / parts, up and down.
        static double[] Pair(int k, int parts) => [1, -2 * Math.Cos(k * Math.PI / parts), 1];
    }

    /// <summary>cos((2 at + 1) frequency pi / 16), orthonormal.</summary>
    internal static double Cosine(int frequency, int at) => Math.Cos((2 * at + 1) * frequency * Math.PI / 16) * (frequency == 0 ? Math.Sqrt(0.125) : 0.5);

    // The parameters of block 0 by layer and channel; layer 12 is its transition.
    sealed class Block(float[] parameters, DenseNet40Architecture architecture)
    {
        public void Clear()
        {
            int first = architecture.Gamma(0, 0);
            parameters.AsSpan(0, first / DenseNet40Architecture.FirstFilters * Coefficients).Clear();
            for (int c = 0; c < DenseNet40Architecture.BlockOutputs(0); c++)
                SetStatistics(c, 0, c is >= Coefficients and < DenseNet40Architecture.FirstFilters ? FreeSize : 1);
            for (int l = 0; l <= DenseNet40Architecture.Layers; l++)
            {
                int channels = DenseNet40Architecture.LayerInputs(0, l);
                parameters.AsSpan(architecture.Gamma(0, l), channels).Fill(1);
                parameters.AsSpan(architecture.Beta(0, l), channels).Clear();
                if (l < DenseNet40Architecture.Layers)
                    parameters.AsSpan(architecture.Weight(0, l), channels * DenseNet40Architecture.Growth * 9).Clear();
            }
        }

        /// <summary>Mean and deviation of a channel, which its readers take out; first of all that is said of it.</summary>
        public void SetStatistics(int channel, double mean, double deviation)
        {
            parameters[architecture.Mean(0) + channel] = (float)mean;
            parameters[architecture.Variance(0) + channel] = (float)(deviation * deviation - Engine.Cpu.DenseNet.DenseNet40Gradient.Epsilon);
        }

        /// <summary>max(0, gain x + offset) is what a layer reads of a channel, x less its mean where it is centred.</summary>
        public void Norm(int layer, int channel, double gain, double offset, bool centred = false)
        {
            double mean = parameters[architecture.Mean(0) + channel];
            double deviation = Math.Sqrt(parameters[architecture.Variance(0) + channel] + Engine.Cpu.DenseNet.DenseNet40Gradient.Epsilon);
            parameters[architecture.Gamma(0, layer) + channel] = (float)(gain * deviation);
            parameters[architecture.Beta(0, layer) + channel] = (float)(offset + (centred ? 0 : gain * mean));
        }

        /// <summary>Adds factor times what a layer reads of a channel to its output k, at the same pixel.</summary>
        public void Pass(int layer, int k, int channel, double factor = 1) => Filter(layer, k, channel)[Middle] = (float)factor;

        Span<float> Filter(int layer, int k, int channel) =>
            parameters.AsSpan(architecture.Weight(0, layer) + (k * DenseNet40Architecture.LayerInputs(0, layer) + channel) * 9, 9);

        /// <summary>The chain of a coefficient: its last value is c / unit + what this returns, c in grey levels.</summary>
        public double LayChain(int i)
        {
            (int row, int column) = Frequencies[i];
            double[][] down = Factorize(row), along = Factorize(column);
            // What a layer holds is scale (vertical x horizontal) of the picture in 0..1, and offset.
            double offset = 0, scale = 1;
            double[] vertical = [1], horizontal = [1];
            for (int s = 0; s < Factors; s++)
            {
                int from = Link(s - 1) + i;
                vertical = Product(vertical, down[s]);
                horizontal = Product(horizontal, along[s]);
                double factor = s < Factors - 1 ? 1 : 255 / (Unit * scale * Share(vertical, row) * Share(horizontal, column));
                for (int tap = 0; tap < 9; tap++)
                {
                    double w = factor * down[s][tap / 3] * along[s][tap % 3];
                    if (s > 0)
                        Filter(s - 1, i, from)[tap] = (float)w;
                    else
                        SetFirst(i, tap, w);
                }
                offset *= factor * down[s].Sum() * along[s].Sum();
                if (s == Factors - 1)
                    break;
                // To 0..1, whatever the picture.
                (double upper, double lower) = (Sum(vertical, 1), Sum(vertical, -1));
                double negative = scale * (upper * Sum(horizontal, -1) + lower * Sum(horizontal, 1));
                double gain = 1 / (scale * vertical.Sum(Math.Abs) * horizontal.Sum(Math.Abs));
                Norm(s, Link(s) + i, gain, gain * (negative - offset));
                scale *= gain;
                offset = gain * negative;
            }
            return offset;
        }

        // First channel of what the first factors up to s have made.
        static int Link(int s) => s <= 0 ? 0 : DenseNet40Architecture.FirstFilters + (s - 1) * DenseNet40Architecture.Growth;

        static double Sum(double[] taps, int sign) => taps.Sum(tap => Math.Max(0, sign * tap));

        void SetFirst(int filter, int tap, double w)
        {
            ReadOnlySpan<double> luma = architecture.Input == PrimaryInput.Luma ? [1] : [0.299, 0.587, 0.114];
            for (int c = 0; c < luma.Length; c++)
                parameters[(filter * luma.Length + c) * 9 + tap] = (float)(w * luma[c]);
        }

        static double[] Product(double[] a, double[] b)
        {
            double[] product = new double[a.Length + b.Length - 1];
            for (int i = 0; i < a.Length; i++)
                for (int j = 0; j < b.Length; j++)
                    product[i + j] += a[i] * b[j];
            return product;
        }

        // Of nine taps, the first of which is 0, the length along the cosine.
        static double Share(double[] taps, int frequency) => Enumerable.Range(0, 8).Sum(at => taps[at + 1] * Cosine(frequency, at));

        /// <summary>The first twelve outputs of both transitions are the gates; the others read nothing of the chain before c.</summary>
        public void LayTransitions()
        {
            int channels = DenseNet40Architecture.BlockOutputs(0);
            Span<float> weights = parameters.AsSpan(architecture.Weight(0, DenseNet40Architecture.Layers), channels * channels);
            for (int k = 0; k < channels; k++)
                for (int c = 0; c < channels; c++)
                    if (k < DctGates.Count)
                        weights[k * channels + c] = c == GateChannels + k ? (float)PassGain : 0;
                    else if (c is < Coefficients or >= DenseNet40Architecture.FirstFilters and < LastFactor)
                        weights[k * channels + c] = 0;
            int later = DenseNet40Architecture.BlockOutputs(1);
            weights = parameters.AsSpan(architecture.Weight(1, DenseNet40Architecture.Layers), later * later);
            for (int k = 0; k < DctGates.Count; k++)
            {
                weights.Slice(k * later, later).Clear();
                weights[k * later + k] = (float)PassGain;
                parameters[architecture.Beta(1, DenseNet40Architecture.Layers) + k] = (float)PassShift;
                parameters[architecture.Beta(2, DenseNet40Architecture.Layers) + k] = (float)PassShift;
            }
        }
    }
}
