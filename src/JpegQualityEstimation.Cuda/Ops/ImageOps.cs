using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>Pictures of one size and format in device memory.</summary>
/// <param name="Bytes">The first picture's first row on.</param>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Stride">Bytes from a row to the next.</param>
/// <param name="Format">Order of the samples.</param>
/// <param name="PictureStride">Bytes from a picture to the next.</param>
readonly record struct DevicePicture(DeviceSpan<byte> Bytes, int Width, int Height, int Stride, PixelFormat Format, long PictureStride)
{
    /// <summary>Pictures without gaps.</summary>
    public static DevicePicture Packed(DeviceSpan<byte> bytes, int width, int height, PixelFormat format) =>
        new(bytes, width, height, width * format.BytesPerPixel(), format, (long)width * height * format.BytesPerPixel());
}

// Image to tensor (kernels/image.cu): bytes / 255 of any format, RGB or JPEG's luma, to the first channels of an input;
// channels behind them become zero. Equal to PixelConversion and WindowPixels of the processor.
sealed class ImageOps(OpContext context)
{
    readonly KernelFamily kernels = new(context.Runtime, "image", "image");

    /// <summary>Fills an input with the rectangle of each picture that begins at (left, top); what lies beyond the picture is zero.</summary>
    /// <param name="picture">As many as the output has.</param>
    /// <param name="left">Column of the picture under column 0 of the output.</param>
    /// <param name="top">Row of the picture under row 0.</param>
    /// <param name="luma">JPEG's luma in channel 0, else red, green and blue.</param>
    /// <param name="output">Without gaps between pixels, planes or pictures; channels-last with 4 or 8 channels is quickest.</param>
    public void ToTensor(in DevicePicture picture, int left, int top, bool luma, in FeatureSpan output)
    {
        const string Op = "image to tensor";
        FeatureLayout layout = output.Layout;
        FeatureLayout packed = layout.IsPlanar
            ? FeatureLayout.Planar(layout.Pictures, layout.Channels, layout.Height, layout.Width)
            : FeatureLayout.ChannelsLast(layout.Pictures, layout.Channels, layout.Height, layout.Width);
        OpContext.Require(layout == packed, Op, $"output {layout} has gaps");
        int step = picture.Format.BytesPerPixel();
        OpContext.RequireLength(picture.Bytes.Length, (layout.Pictures - 1) * picture.PictureStride + (long)(picture.Height - 1) * picture.Stride
            + (long)picture.Width * step, Op);
        bool quick = layout.IsPlanar || layout.Channels is not (4 or 8) || output.Address % (ulong)Math.Min(16, layout.Channels * output.Type.Bytes()) == 0;
        OpContext.Require(quick, Op, $"output at {output.Address:x} is not aligned");
        (int red, int green, int blue) = picture.Format switch
        {
            PixelFormat.Gray8 => (0, 0, 0),
            PixelFormat.Rgb24 or PixelFormat.Rgba32 => (0, 1, 2),
            _ => (2, 1, 0),
        };
        context.Stream.Launch(kernels.For(output), context.Grid((long)layout.Pictures * layout.Pixels, 256), new Dim3(256), 0,
            picture.Bytes, picture.PictureStride, (long)picture.Stride, step, red, green, blue, picture.Width, picture.Height, left, top,
            layout.Pictures, layout.Width, layout.Height, layout.Channels, luma ? 1 : 0, output.Address);
    }
}
