using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Cuda.Jpeg;

// CudaPatchMaker: carries out the plans of training patches on a device that holds the pictures: crop, resampling and what
// else is done before compression, both compressions: the same bytes as the processor's generators. A plan costs the host
// its random numbers and two kilobytes; about ten launches make Together patches.
// For one thread at a time, as its stream; nothing waits for the device.
sealed class CudaPatchMaker : IDisposable
{
    /// <summary>Patches in the works at a time: enough for every multiprocessor, little memory.</summary>
    public const int Together = 512;

    const int Threads = 128, TileRows = 8;

    readonly CudaStream stream;
    readonly CudaJpegRoundTrip trip;
    readonly KernelFunction taps, across, down, blurAcross, blurDown, finish;
    readonly (DeviceBuffer<byte> Pixels, int Width, int Height)[] pictures;
    readonly PatchDrawing[] drawings = new PatchDrawing[Together];
    readonly JpegPatch[] first = new JpegPatch[Together], second = new JpegPatch[Together];
    readonly ushort[] tables = new ushort[Together * 256];
    readonly int[] list = new int[Together];

    /// <summary>Puts the pictures on the device; they stay until the maker is disposed.</summary>
    /// <param name="stream">Where the work is done.</param>
    /// <param name="pictures">Rgb24.</param>
    public CudaPatchMaker(CudaStream stream, IReadOnlyList<ImageBuffer> pictures)
    {
        this.stream = stream;
        trip = new CudaJpegRoundTrip(stream);
        CudaRuntime runtime = stream.Runtime;
        (taps, across, down) = (runtime.Kernel("patch", "patch_taps"), runtime.Kernel("patch", "patch_across"), runtime.Kernel("patch", "patch_down"));
        (blurAcross, blurDown) = (runtime.Kernel("patch", "patch_blur_across"), runtime.Kernel("patch", "patch_blur_down"));
        finish = runtime.Kernel("patch", "patch_finish");
        this.pictures = new (DeviceBuffer<byte>, int, int)[pictures.Count];
        for (int i = 0; i < pictures.Count; i++)
        {
            ImageBuffer picture = pictures[i];
            if (picture.Format != PixelFormat.Rgb24)
                throw new ArgumentException($"picture {i} is {picture.Format}, not Rgb24", nameof(pictures));
            DeviceBuffer<byte> pixels = stream.Rent<byte>((long)picture.Stride * picture.Height);
            stream.Upload<byte>(picture.Pixels.AsSpan(0, picture.Stride * picture.Height), pixels);
            this.pictures[i] = (pixels, picture.Width, picture.Height);
        }
    }

    /// <summary>Makes patches.</summary>
    /// <param name="plans">[n].</param>
    /// <param name="side">Of a patch, as the plans have it.</param>
    /// <param name="patches">[n, side, side, 3] RGB.</param>
    public void Make(ReadOnlySpan<PatchPlan> plans, int side, DeviceSpan<byte> patches)
    {
        int bytes = 3 * side * side;
        if (patches.Length != (long)plans.Length * bytes)
            throw new ArgumentException($"{plans.Length} patches of {side}x{side} pixels are {(long)plans.Length * bytes} bytes, not {patches.Length}", nameof(patches));
        for (int at = 0; at < plans.Length; at += Together)
        {
            int taken = Math.Min(Together, plans.Length - at);
            MakeSome(plans.Slice(at, taken), side, patches.Slice((long)at * bytes, (long)taken * bytes));
        }
    }

    public void Dispose()
    {
        foreach (var (pixels, _, _) in pictures)
            pixels.Dispose();
    }

    void MakeSome(ReadOnlySpan<PatchPlan> plans, int side, DeviceSpan<byte> patches)
    {
        Layout layout = Describe(plans, side);
        using DeviceBuffer<PatchDrawing> drawn = Uploaded<PatchDrawing>(drawings, plans.Length);
        using DeviceBuffer<float> pixels = Prepare(drawn, layout);
        using DeviceBuffer<uint> crops = stream.Rent<uint>(layout.CropWords);
        stream.Launch(finish, new Dim3(Tiles(layout.Side), plans.Length), new Dim3(Threads), 0, drawn, pixels, crops);

        using DeviceBuffer<JpegPatch> firstTrips = Uploaded<JpegPatch>(first, plans.Length), secondTrips = Uploaded<JpegPatch>(second, plans.Length);
        using DeviceBuffer<ushort> steps = Uploaded<ushort>(tables, 256 * plans.Length);
        using DeviceBuffer<byte> between = stream.Rent<byte>(layout.BetweenBytes);
        trip.Launch(firstTrips, steps, crops.Span.As<byte>(), 4, between, 4, layout.FirstShared);
        trip.Launch(secondTrips, steps, between, 4, patches, 3, layout.SecondShared);
    }

    // The floats of those crops that look around themselves.
    DeviceBuffer<float> Prepare(DeviceSpan<PatchDrawing> drawn, in Layout layout)
    {
        DeviceBuffer<float> pixels = stream.Rent<float>(Math.Max(layout.Floats, 1));
        if (layout.Listed == 0)
            return pixels;
        int sides = layout.Side, most = layout.Taps, count = layout.Listed;
        using DeviceBuffer<int> listed = Uploaded<int>(list, count);
        using DeviceBuffer<float> weights = stream.Rent<float>(2L * count * sides * most);
        using DeviceBuffer<int> starts = stream.Rent<int>(2L * count * sides), lengths = stream.Rent<int>(2L * count * sides);
        using DeviceBuffer<float> rows = stream.Rent<float>(Math.Max(layout.RowFloats, 1));
        if (layout.SourceRows > 0)
        {
            stream.Launch(taps, new Dim3(2, count), new Dim3(Threads), 0, drawn, listed, weights, starts, lengths, sides, most);
            stream.Launch(across, new Dim3(Tiles(layout.SourceRows), count), new Dim3(Threads), 0, drawn, listed, weights, starts, lengths, sides, most, rows);
        }
        var grid = new Dim3(Tiles(sides), count);
        stream.Launch(down, grid, new Dim3(Threads), 0, drawn, listed, weights, starts, lengths, sides, most, rows, pixels);
        using DeviceBuffer<float> blurred = stream.Rent<float>(layout.Floats);
        for (int sharpens = 0; sharpens < 2; sharpens++)
        {
            if (!(sharpens == 0 ? layout.Blurs : layout.Sharpens))
                continue;
            stream.Launch(blurAcross, grid, new Dim3(Threads), 0, drawn, listed, pixels, blurred, sharpens);
            stream.Launch(blurDown, grid, new Dim3(Threads), 0, drawn, listed, blurred, pixels, sharpens);
        }
        return pixels;
    }

    Layout Describe(ReadOnlySpan<PatchPlan> plans, int side)
    {
        var layout = new Layout { Taps = 1 };
        for (int n = 0; n < plans.Length; n++)
        {
            ref readonly PatchPlan plan = ref plans[n];
            (DeviceBuffer<byte> picture, int width, int height) = pictures[plan.Preparation.Picture];
            ref PatchDrawing drawing = ref drawings[n];
            drawing = new PatchDrawing(plan.Preparation)
            {
                Picture = picture.Span.Address, Stride = 3 * width, Width = width, Height = height,
                Crop = layout.CropWords, Pixels = layout.Floats, Rows = layout.RowFloats, Slot = layout.Listed,
            };
            int pixels = drawing.Side * drawing.Side;
            if ((drawing.Steps & PatchSteps.LooksAround) != 0)
            {
                list[layout.Listed++] = n;
                layout.Floats += 3 * pixels;
            }
            if ((drawing.Steps & PatchSteps.Resampled) != 0)
            {
                int rows = drawing.SourceRows;
                layout.RowFloats += 3L * drawing.Side * rows;
                layout.SourceRows = Math.Max(layout.SourceRows, rows);
                layout.Taps = Math.Max(layout.Taps, 2 * (int)Math.Ceiling(drawing.Support) + 2);
            }
            layout.Blurs |= (drawing.Steps & PatchSteps.Blurred) != 0;
            layout.Sharpens |= (drawing.Steps & PatchSteps.Sharpened) != 0;
            layout.Side = Math.Max(layout.Side, drawing.Side);
            first[n] = Trip(plan.First, 4 * n, plan.FirstRows, plan.FirstColumns, ref layout.FirstShared) with
            {
                Source = 4 * layout.CropWords, SourceStride = 4 * drawing.Side, Destination = layout.BetweenBytes, DestinationStride = 4 * plan.SecondColumns,
                Top = plan.StartRow, Left = plan.StartColumn, Rows = plan.SecondRows, Columns = plan.SecondColumns,
            };
            second[n] = Trip(plan.Second, 4 * n + 2, plan.SecondRows, plan.SecondColumns, ref layout.SecondShared) with
            {
                Source = layout.BetweenBytes, SourceStride = 4 * plan.SecondColumns, Destination = 3L * n * side * side, DestinationStride = 3 * side,
                Top = plan.Row, Left = plan.Column, Rows = side, Columns = side,
            };
            layout.CropWords += pixels;
            layout.BetweenBytes += 4L * plan.SecondRows * plan.SecondColumns;
        }
        return layout;
    }

    JpegPatch Trip(JpegCompression? compression, int table, int rows, int columns, ref int shared)
    {
        if (compression is null)
            return new JpegPatch { Sampling = JpegPatch.Copy };
        CudaJpegRoundTrip.WriteTables(compression, tables.AsSpan(64 * table));
        shared = Math.Max(shared, CudaJpegRoundTrip.SharedBytes(columns, rows, compression.Subsampling));
        return new JpegPatch
        {
            Sampling = (int)compression.Subsampling, Width = columns, Height = rows, Luminance = table, Chrominance = table + 1,
        };
    }

    DeviceBuffer<T> Uploaded<T>(T[] values, int count)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = stream.Rent<T>(count);
        stream.Upload(new ReadOnlySpan<T>(values, 0, count), buffer);
        return buffer;
    }

    static int Tiles(int rows) => (rows + TileRows - 1) / TileRows;

    // How much memory some patches take together, and which kernels they need.
    struct Layout
    {
        public int Listed, Side, Taps, SourceRows, FirstShared, SecondShared;
        public long Floats, RowFloats, CropWords, BetweenBytes;
        public bool Blurs, Sharpens;
    }
}
