using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>The two maps of a picture in device memory.</summary>
/// <param name="First">[h,w] and more.</param>
/// <param name="Second">As long.</param>
/// <param name="Stride">Values from a row to the next.</param>
readonly record struct MapPlanes(DeviceSpan<float> First, DeviceSpan<float> Second, int Stride);

// Map stitching (kernels/map.cu): a part of a tile's outputs [h,w,2 or more] to its place in the maps.
sealed class MapOps(OpContext context)
{
    readonly KernelFamily kernels = new(context.Runtime, "map", "map_stitch");

    /// <summary>maps[y + i, x + j] = tile[top + i, left + j] for i below height and j below width.</summary>
    /// <param name="tile">One picture; its first two channels are the maps.</param>
    /// <param name="left">First column of the part in the tile.</param>
    /// <param name="top">First row.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="maps">Of the picture.</param>
    /// <param name="x">First column in the maps.</param>
    /// <param name="y">First row.</param>
    /// <param name="limits">Values are limited to these, NaN is left; null: not limited.</param>
    public void Stitch(in FeatureSpan tile, int left, int top, int width, int height, in MapPlanes maps, int x, int y, (float Low, float High)? limits)
    {
        const string Op = "map stitching";
        FeatureLayout layout = tile.Layout;
        OpContext.Require(layout.Pictures == 1 && layout.Channels >= 2, Op, $"tile {layout}");
        OpContext.Require(left >= 0 && top >= 0 && width >= 1 && height >= 1 && left <= layout.Width - width && top <= layout.Height - height, Op,
            $"columns {left}+{width} and rows {top}+{height} of {layout}");
        OpContext.Require(x >= 0 && y >= 0 && x <= maps.Stride - width, Op, $"columns {x}+{width} of a map of {maps.Stride}");
        OpContext.RequireLength(Math.Min(maps.First.Length, maps.Second.Length), (long)(y + height - 1) * maps.Stride + x + width, Op);
        (long row, long pixel, long channel) = layout.IsPlanar ? (layout.Width, 1L, layout.Stride) : (layout.Width * layout.Stride, layout.Stride, 1L);
        (float low, float high) = limits ?? (float.NegativeInfinity, float.PositiveInfinity);
        long at = (long)y * maps.Stride + x;
        ulong from = tile.Address + (ulong)((top * row + left * pixel) * tile.Type.Bytes());
        context.Stream.Launch(kernels.For(tile.Type), context.Grid((long)width * height, 256), new Dim3(256), 0, from, row, pixel, channel,
            maps.First.Slice(at), maps.Second.Slice(at), (long)maps.Stride, width, height, low, high);
    }
}
