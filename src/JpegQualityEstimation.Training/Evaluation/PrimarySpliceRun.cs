using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// PrimarySpliceRun: one of the two splices of Figure 12 of the paper, made of pictures of the data folders, and what every
// model reads from its windows, one every 8 pixels both ways. Windows are read a row at a time, by any thread.
//   steps [model][window,15], phase [model][window], -1 where the model tells none

sealed class PrimarySpliceRun
{
    const ulong Stream = 0x53504C494345;
    const int SecondQuality = 90, Stride = 8;
    const int MostWidth = 512, MostHeight = 384;

    // There are windows that lie wholly in each ellipse, and some that lie in none.
    const int LeastWidth = 384, LeastHeight = 256;

    static readonly PrimarySpliceRegion[][] figure12 =
    [
        Regions(75, 95, 85),
        Regions(75, 65, 95),
    ];

    readonly PrimarySplice splice;
    readonly WindowGrid grid;
    readonly int[] regions;
    readonly int[][] steps, phases;

    PrimarySpliceRun(PrimarySplice splice, int models)
    {
        this.splice = splice;
        Name = string.Join('-', splice.Regions.Select(region => region.Quality));
        Told = splice.Second.Luminance.ZigZagOrder();
        grid = WindowGrid.Over(splice.Picture.Width, splice.Picture.Height, Stride, 0, 0);
        regions = [.. Enumerable.Range(0, grid.Rows * grid.Columns).Select(i => splice.RegionOfWindow(grid.Left(i % grid.Columns), grid.Top(i / grid.Columns)))];
        steps = [.. Enumerable.Range(0, models).Select(_ => new int[regions.Length * PrimarySums.Steps])];
        phases = [.. Enumerable.Range(0, models).Select(_ => new int[regions.Length])];
    }

    /// <summary>The first qualities, the ground's first.</summary>
    public string Name { get; }

    public ushort[] Told { get; }

    public int Rows => grid.Rows;

    public int Columns => grid.Columns;

    /// <summary>The splices of some pictures; none where no picture is large enough.</summary>
    public static PrimarySpliceRun[] All(PrimaryEvaluationOptions options, IReadOnlyList<TrainingPicture> pictures)
    {
        ImageBuffer[] large =
        [
            .. pictures.Select(picture => picture.Pixels)
                .Where(picture => picture.Width >= LeastWidth + PrimarySplice.Room && picture.Height >= LeastHeight + PrimarySplice.Room),
        ];
        return large.Length == 0 ? [] : [.. figure12.Select((regions, i) => new PrimarySpliceRun(Make(options, large, regions, i), options.Models.Count))];
    }

    static PrimarySplice Make(PrimaryEvaluationOptions options, ImageBuffer[] pictures, PrimarySpliceRegion[] regions, int number)
    {
        var random = new CounterRandom(options.Seed, Stream, (ulong)number);
        int first = random.NextInt(pictures.Length);
        ImageBuffer[] donors = [.. regions.Select((_, i) => pictures[(first + i) % pictures.Length])];
        int width = Math.Min(MostWidth, donors.Min(donor => donor.Width) - PrimarySplice.Room);
        int height = Math.Min(MostHeight, donors.Min(donor => donor.Height) - PrimarySplice.Room);
        return new PrimarySplice(
            regions, i => Middle(donors[i], width + PrimarySplice.Room, height + PrimarySplice.Room), width, height,
            JpegCompression.FromQuality(SecondQuality, options.Subsampling));
    }

    static ImageBuffer Middle(ImageBuffer picture, int width, int height)
    {
        var part = new ImageBuffer(width, height, PixelFormat.Rgb24);
        int left = (picture.Width - width) / 2, top = (picture.Height - height) / 2;
        for (int y = 0; y < height; y++)
            picture.View.Row(top + y).Slice(3 * left, 3 * width).CopyTo(part.Pixels.AsSpan(y * part.Stride));
        return part;
    }

    /// <summary>Copies windows of a row, from a column on, to [n,64,64,3].</summary>
    public void Fill(int row, int column, int n, Span<byte> windows)
    {
        for (int k = 0; k < n; k++)
        {
            for (int y = 0; y < PrimaryWindows.Side; y++)
            {
                splice.Picture.View.Row(grid.Top(row) + y).Slice(3 * grid.Left(column + k), 3 * PrimaryWindows.Side)
                    .CopyTo(windows[(k * PrimaryWindows.WindowBytes + 3 * PrimaryWindows.Side * y)..]);
            }
        }
    }

    /// <summary>Takes what a model read from windows of a row.</summary>
    public void Put(int model, int row, int column, ReadOnlySpan<int> read, ReadOnlySpan<int> phase)
    {
        int at = row * grid.Columns + column;
        read.CopyTo(steps[model].AsSpan(at * PrimarySums.Steps));
        phase.CopyTo(phases[model].AsSpan(at));
    }

    public PrimarySpliceEvaluation Summarize(int model) => new(
        Name, SecondQuality, [.. splice.Regions.Select((region, i) => Summarize(model, region, i))]);

    PrimaryRegionEvaluation Summarize(int model, PrimarySpliceRegion region, int index) =>
        new(region.Name, region.Quality, region.ShiftRow, region.ShiftColumn, Sum(model, index).Figures());

    PrimarySums Sum(int model, int region)
    {
        PrimarySpliceRegion truth = splice.Regions[region];
        var sums = new PrimarySums();
        for (int i = 0; i < regions.Length; i++)
        {
            if (regions[i] == region)
                sums.Add(Read(model, i), truth.Steps, phases[model][i] < 0 ? null : phases[model][i] == truth.Phase);
        }
        return sums;
    }

    /// <summary>The picture, the truth and the map of every model.</summary>
    public PrimarySplicePicture Draw(IReadOnlyList<EvaluatedPrimaryModel> models)
    {
        var sheet = new PrimarySpliceSheet(splice, grid, models.Count);
        for (int model = 0; model < models.Count; model++)
        {
            PrimaryFigures? all = PrimarySums.Figures(Enumerable.Range(0, splice.Regions.Count).Select(region => Sum(model, region)));
            int[] qualities = [.. Enumerable.Range(0, regions.Length).Select(i => PrimarySpliceSheet.NearestQuality(Read(model, i)))];
            sheet.DrawMap(model, models[model].Name, all, qualities);
        }
        return new PrimarySplicePicture(Name, sheet.Image);
    }

    ReadOnlySpan<int> Read(int model, int window) => steps[model].AsSpan(window * PrimarySums.Steps, PrimarySums.Steps);

    static PrimarySpliceRegion[] Regions(int ground, int left, int right) =>
    [
        new("ground", ground, 5, 1),
        new("left", left, 3, 5, 0.25, 0.45, 0.18, 0.32),
        new("right", right, 6, 2, 0.74, 0.55, 0.18, 0.32),
    ];
}
