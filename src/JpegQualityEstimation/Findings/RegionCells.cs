namespace JpegQualityEstimation.Findings;

// RegionCells: labels of windows [h,w] -> labels of cells [h+n-1,w+n-1], squares of one stride, n = 64 / stride: window (y,x)
// covers cells y..y+n-1, x..x+n-1. A window says what most of it is, so that parts not much larger than a window come out too
// small in the labels of windows, and none at all towards the picture's edge. For each source but the background:
//   c_w = mean of m over the window's cells         m = 1 / (1 + e^-u): how far a cell belongs to the source
//   u  += Gain B(t_w - 1 / (1 + e^(-Slope (c_w - 1/2))))       t_w: 1 where the window is the source's, else 0
//   u   = (1 - Diffusion) u + Diffusion * mean of its four neighbours
// B: mean over the determined windows that cover a cell, weighted by |2 p - 1|, p the probability of their label. Begins with u = +-1 by the nearest window. A cell belongs to the source
// with the largest m from one half on, else to the background.
sealed class RegionCells
{
    const int Iterations = 40;
    const float Gain = 1.5f, Slope = 16, Diffusion = 0.15f;

    readonly int rows, columns, across;
    readonly BoxSums sums;

    /// <param name="rows">Rows of windows.</param>
    /// <param name="columns">Windows a row.</param>
    /// <param name="across">Cells across a window.</param>
    public RegionCells(int rows, int columns, int across)
    {
        (this.rows, this.columns, this.across) = (rows, columns, across);
        Rows = rows + across - 1;
        Columns = columns + across - 1;
        sums = new BoxSums(Rows, Columns, across);
        Labels = new short[Rows * Columns];
        Confidence = new float[Rows * Columns];
    }

    public int Rows { get; }

    public int Columns { get; }

    public short[] Labels { get; }

    public float[] Confidence { get; }

    /// <summary>Labels of cells.</summary>
    /// <param name="labels">[h,w] of windows; negative: undetermined.</param>
    /// <param name="confidence">[h,w]: probability of the label.</param>
    /// <param name="sources">How many labels come from windows; higher ones are taken from the nearest window.</param>
    public void Fill(short[] labels, float[] confidence, int sources)
    {
        float[] weights = new float[labels.Length];
        for (int i = 0; i < labels.Length; i++)
            weights[i] = labels[i] < 0 || labels[i] >= sources ? 0 : Math.Abs(2 * confidence[i] - 1);
        var best = new float[Labels.Length];
        for (int s = 1; s < sources; s++)
        {
            float[] share = Shares(labels, weights, (short)s);
            for (int c = 0; c < share.Length; c++)
            {
                if (share[c] < 0.5f || share[c] <= best[c])
                    continue;
                (best[c], Labels[c]) = (share[c], (short)s);
            }
        }
        for (int y = 0; y < Rows; y++)
        {
            for (int x = 0; x < Columns; x++)
            {
                int c = y * Columns + x, nearest = labels[Nearest(y, x)];
                if (nearest < 0 || nearest >= sources)
                    (Labels[c], Confidence[c]) = ((short)nearest, 1);
                else
                    Confidence[c] = Labels[c] == 0 ? 1 - best[c] : best[c];
            }
        }
    }

    int Nearest(int y, int x) => Math.Clamp(y - across / 2, 0, rows - 1) * columns + Math.Clamp(x - across / 2, 0, columns - 1);

    float[] Shares(short[] labels, float[] weights, short source)
    {
        var u = new float[Labels.Length];
        var m = new float[Labels.Length];
        float[] error = new float[rows * columns], covered = new float[rows * columns], push = new float[Labels.Length], weight = new float[Labels.Length];
        for (int y = 0; y < Rows; y++)
            for (int x = 0; x < Columns; x++)
                u[y * Columns + x] = labels[Nearest(y, x)] == source ? 1 : -1;
        sums.Spread(weights, weight);
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            for (int c = 0; c < m.Length; c++)
                m[c] = Sigmoid(u[c]);
            sums.Gather(m, covered);
            for (int i = 0; i < error.Length; i++)
                error[i] = weights[i] * ((labels[i] == source ? 1 : 0) - Sigmoid(Slope * (covered[i] / (across * across) - 0.5f)));
            sums.Spread(error, push);
            for (int c = 0; c < u.Length; c++)
                u[c] += weight[c] > 0 ? Gain * push[c] / weight[c] : 0;
            Diffuse(u, m);
        }
        for (int c = 0; c < m.Length; c++)
            m[c] = Sigmoid(u[c]);
        return m;
    }

    void Diffuse(float[] u, float[] scratch)
    {
        u.CopyTo(scratch, 0);
        for (int y = 0; y < Rows; y++)
        {
            for (int x = 0; x < Columns; x++)
            {
                int c = y * Columns + x;
                float around = scratch[y > 0 ? c - Columns : c] + scratch[y < Rows - 1 ? c + Columns : c] + scratch[x > 0 ? c - 1 : c] + scratch[x < Columns - 1 ? c + 1 : c];
                u[c] = (1 - Diffusion) * scratch[c] + Diffusion / 4 * around;
            }
        }
    }

    static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
