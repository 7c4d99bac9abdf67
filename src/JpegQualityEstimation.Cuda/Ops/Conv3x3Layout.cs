namespace JpegQualityEstimation.Cuda.Ops;

// Conv3x3Layout: where the weights of a 3x3 convolution, OIHW from `offset` on in a flat vector, lie for a kernel: the place of
// each value in the vector, -1 for zero.
//   simple   [9][c][64], c padded to 4 or 64; 64 to 2: [9][2][64 c]
//   tensor   [slab][9][64][128 bytes of c]; from 4 channels [64][places], place tap * 4 + c; 64 to 2: [slab][9][8][128 bytes of c]
//   krsc     [64][9][c]: channels-last filters of cuDNN
// The input gradient is the forward convolution of dOut with taps turned round and channels exchanged (`Transposed`).
static class Conv3x3Layout
{
    const int Wide = 64;

    /// <summary>A filter bank as a convolution reads it.</summary>
    /// <param name="Offset">Of its first value.</param>
    /// <param name="Outputs">Of the layer.</param>
    /// <param name="Inputs">Of the layer.</param>
    /// <param name="Transposed">Read for the input gradient.</param>
    public readonly record struct Bank(int Offset, int Outputs, int Inputs, bool Transposed)
    {
        /// <summary>Channels that the convolution reads.</summary>
        public int From => Transposed ? Outputs : Inputs;

        /// <summary>Channels that it makes.</summary>
        public int To => Transposed ? Inputs : Outputs;

        public int Place(int to, int from, int tap)
        {
            if (to >= To || from >= From)
                return -1;
            (int k, int c) = Transposed ? (from, to) : (to, from);
            return Offset + (k * Inputs + c) * 9 + (Transposed ? 8 - tap : tap);
        }
    }

    public static int[] Simple(Bank bank)
    {
        if (bank.To == 2)
            return Fill(9, 2, Wide, (tap, k, c) => bank.Place(k, c, tap));
        return Fill(9, Padded(bank.From), Wide, (tap, c, k) => bank.Place(k, c, tap));
    }

    /// <param name="bank">The filters.</param>
    /// <param name="bytes">A value of the storage.</param>
    public static int[] Tensor(Bank bank, int bytes)
    {
        if (Padded(bank.From) == 4)
            return Fill(1, Wide, NarrowPlaces(bytes), (_, k, place) => place < 36 ? bank.Place(k, place % 4, place / 4) : -1);
        int slab = 128 / bytes;
        return Fill(Wide / slab * 9, bank.To == 2 ? 8 : Wide, slab, (at, k, c) => bank.Place(k, at / 9 * slab + c, at % 9));
    }

    public static int[] Krsc(Bank bank) => Fill(bank.To, 9, Padded(bank.From), (k, tap, c) => bank.Place(k, c, tap));

    static int NarrowPlaces(int bytes) => bytes == 2 ? 48 : 40;

    static int Padded(int channels) => channels <= 4 ? 4 : Wide;

    static int[] Fill(int first, int second, int third, Func<int, int, int, int> place)
    {
        int[] places = new int[first * second * third];
        for (int i = 0; i < first; i++)
            for (int j = 0; j < second; j++)
                for (int k = 0; k < third; k++)
                    places[(i * second + j) * third + k] = place(i, j, k);
        return places;
    }
}
