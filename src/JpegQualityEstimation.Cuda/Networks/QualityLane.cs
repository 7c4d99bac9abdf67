using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

/// <summary>A pinned picture.</summary>
unsafe readonly record struct LanePicture(nint Pixels, int Stride, PixelFormat Format, int Width, int Height)
{
    public LanePicture(byte* pixels, int stride, PixelFormat format, int width, int height)
        : this((nint)pixels, stride, format, width, height)
    {
    }
}

/// <summary>The two pinned maps of a picture.</summary>
unsafe readonly record struct LaneMaps(nint Degradation, nint Flag, int Width)
{
    public LaneMaps(float* degradation, float* flag, int width)
        : this((nint)degradation, (nint)flag, width)
    {
    }
}

// QualityLane: a stream, and the plans of the tile sizes used last. One tile at a time is on its way: Start copies the picture's
// bytes to page-locked memory and queues everything; Finish waits for it and copies the maps out.
sealed unsafe class QualityLane(CudaStream stream, QualityConvolutions convolutions, bool cudnn) : IDisposable
{
    const int Halo = QualityArchitecture.Halo;
    const int MostPlans = 4;

    readonly CudnnContext? cudnn = cudnn ? stream.Runtime.CreateCudnn(stream) : null;

    // The most recent last.
    readonly List<QualityTilePlan> plans = [];
    QualityTilePlan? running;
    PictureTile tile;

    public void Start(in LanePicture picture, PictureTile of, int width, int height)
    {
        QualityTilePlan plan = Plan(width, height);
        int left = Math.Max(0, of.Left - Halo), top = Math.Max(0, of.Top - Halo);
        int right = Math.Min(picture.Width, of.Left + width + Halo), bottom = Math.Min(picture.Height, of.Top + height + Halo);
        (int red, int green, int blue, int step) = Places(picture.Format);
        int rowBytes = (right - left) * step;
        ReadOnlySpan<int> view =
        [
            left - of.Left + Halo, top - of.Top + Halo, right - of.Left + Halo, bottom - of.Top + Halo, rowBytes, step, red, green, blue,
        ];
        view.CopyTo(plan.View.Span);
        fixed (byte* to = plan.Bytes.Span)
            RowCopy.Run((byte*)picture.Pixels + (long)top * picture.Stride + (long)left * step, picture.Stride, to, rowBytes, rowBytes, bottom - top);
        (running, tile) = (plan, of);
        plan.Start(rowBytes * (bottom - top), of.Bottom - of.Top);
    }

    /// <summary>Waits for the tile and copies its maps; how many pixels that were.</summary>
    public int Finish(in LaneMaps maps)
    {
        if (running is not { } plan)
            return 0;
        stream.Synchronize();
        running = null;
        int columns = tile.Right - tile.Left, rows = tile.Bottom - tile.Top;
        long at = (long)tile.Top * maps.Width + tile.Left;
        fixed (float* from = plan.Maps.Span)
        {
            RowCopy.Run((byte*)from, 4L * plan.Width, (byte*)((float*)maps.Degradation + at), 4L * maps.Width, 4L * columns, rows);
            RowCopy.Run((byte*)(from + plan.Width * plan.Height), 4L * plan.Width, (byte*)((float*)maps.Flag + at), 4L * maps.Width, 4L * columns, rows);
        }
        return columns * rows;
    }

    /// <summary>Waits for the tile, whatever became of it.</summary>
    public void Abandon()
    {
        if (running is null)
            return;
        running = null;
        try
        {
            stream.Synchronize();
        }
        catch (Engine.DeviceException)
        {
            // What went wrong first is what the caller is told.
        }
    }

    public void Dispose()
    {
        Abandon();
        foreach (QualityTilePlan plan in plans)
            plan.Dispose();
        cudnn?.Dispose();
        stream.Dispose();
    }

    QualityTilePlan Plan(int width, int height)
    {
        int at = plans.FindIndex(known => known.Width == width && known.Height == height);
        if (at >= 0)
        {
            QualityTilePlan known = plans[at];
            plans.RemoveAt(at);
            plans.Add(known);
            return known;
        }
        // Large plans are few: one at a time from half a megapixel on.
        while (plans.Count > 0 && (plans.Count >= MostPlans || plans.Sum(p => p.Width * p.Height) + width * height > 1 << 19))
        {
            plans[0].Dispose();
            plans.RemoveAt(0);
        }
        plans.Add(new QualityTilePlan(stream, convolutions, cudnn, width, height));
        return plans[^1];
    }

    static (int Red, int Green, int Blue, int Step) Places(PixelFormat format) => format switch
    {
        PixelFormat.Gray8 => (0, 0, 0, 1),
        PixelFormat.Rgb24 => (0, 1, 2, 3),
        PixelFormat.Bgr24 => (2, 1, 0, 3),
        PixelFormat.Rgba32 => (0, 1, 2, 4),
        _ => (2, 1, 0, 4),
    };
}
