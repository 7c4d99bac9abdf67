using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Cuda.Jpeg;

// CudaJpegRoundTrip: JPEG compression and decompression on a device, many patches at a time, the same bytes as JpegRoundTrip.
// A patch is one thread block's, its planes lie in shared memory: about 1.5 bytes a pixel at 4:2:0, 3 at 4:4:4. Whole
// pictures go through as overlapping patches: what a pixel depends on is the 16x16 unit it lies in and those around it.
// For one thread at a time, as its stream.
sealed class CudaJpegRoundTrip(CudaStream stream)
{
    /// <summary>Threads of a block: one 8x8 block of samples each at a time.</summary>
    const int Threads = 128;

    // Rows and columns of the largest subsampled block, and of a picture's patch without what surrounds it.
    const int Unit = 16, Tile = 5 * Unit;

    readonly KernelFunction kernel = stream.Runtime.Kernel("jpeg", "jpeg_round_trip");

    /// <summary>Bytes of shared memory that a patch takes.</summary>
    public static int SharedBytes(int width, int height, ChromaSubsampling sampling)
    {
        (int h, int v) = sampling.LumaFactors();
        int chroma = sampling == ChromaSubsampling.Gray ? 0 : 2 * Padded((width + h - 1) / h) * Padded((height + v - 1) / v);
        return checked(Padded(width) * Padded(height) + chroma);
    }

    /// <summary>Writes the steps of both tables in natural order.</summary>
    public static void WriteTables(JpegCompression compression, Span<ushort> luminanceAndChrominance)
    {
        compression.Luminance.NaturalOrder.CopyTo(luminanceAndChrominance);
        compression.Chrominance.NaturalOrder.CopyTo(luminanceAndChrominance[64..]);
    }

    /// <summary>Launches patches whose description lies on the device.</summary>
    /// <param name="patches">[n].</param>
    /// <param name="tables">[.., 64] steps, natural order.</param>
    /// <param name="pixels">Where sources lie; overlaps no result.</param>
    /// <param name="pixelBytes">1 (gray), 3 (RGB) or 4 (RGB and one unused; on multiples of 4) of a source pixel.</param>
    /// <param name="result">Where results lie.</param>
    /// <param name="resultBytes">1, 3 or 4 (255 in the fourth) of a result's pixel.</param>
    /// <param name="sharedBytes">Largest <see cref="SharedBytes"/> of the patches.</param>
    public void Launch(
        DeviceSpan<JpegPatch> patches, DeviceSpan<ushort> tables, DeviceSpan<byte> pixels, int pixelBytes,
        DeviceSpan<byte> result, int resultBytes, int sharedBytes)
    {
        if (patches.Length > 0)
            stream.Launch(kernel, new Dim3(checked((int)patches.Length)), new Dim3(Threads), sharedBytes, patches, tables, pixels, result, pixelBytes, resultBytes);
    }

    /// <summary>Takes patches of one size through several compressions each, cropping before each one.</summary>
    /// <param name="pixels">[n, height, width, bytes].</param>
    /// <param name="width">Columns of a patch.</param>
    /// <param name="height">Rows of a patch.</param>
    /// <param name="format">Rgb24 or Gray8.</param>
    /// <param name="rounds">[n, rounds], first compression first.</param>
    /// <param name="resultWidth">Columns of the results, from the left of what the crops leave.</param>
    /// <param name="resultHeight">Rows of the results, from the top.</param>
    /// <param name="result">[n, resultHeight, resultWidth, bytes].</param>
    /// <exception cref="ArgumentException">A crop leaves less than the results, or a patch is too large for a block's shared memory.</exception>
    public void Apply(
        ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, ReadOnlySpan<JpegRound> rounds,
        int resultWidth, int resultHeight, Span<byte> result)
    {
        int bytes = BytesOf(format), between = bytes == 1 ? 1 : 4;
        int count = pixels.Length / (width * height * bytes), each = rounds.Length / Math.Max(count, 1);
        if (count == 0 || each == 0 || pixels.Length != (long)count * width * height * bytes || rounds.Length != count * each
            || result.Length != (long)count * resultWidth * resultHeight * bytes)
            throw new ArgumentException($"{pixels.Length} bytes of {width}x{height} patches, {rounds.Length} rounds, a result of {result.Length} bytes");
        using DeviceBuffer<byte> source = stream.Rent<byte>(pixels.Length), target = stream.Rent<byte>(result.Length);
        using DeviceBuffer<byte> one = stream.Rent<byte>((long)count * width * height * between), other = stream.Rent<byte>(one.Length);
        using DeviceBuffer<ushort> tables = stream.Rent<ushort>(128L * rounds.Length);
        using DeviceBuffer<JpegPatch> described = stream.Rent<JpegPatch>(count);
        ushort[] steps = new ushort[tables.Length];
        for (int i = 0; i < rounds.Length; i++)
            WriteTables(rounds[i].Compression, steps.AsSpan(128 * i));
        stream.Upload(pixels, source);
        stream.Upload<ushort>(steps, tables);
        JpegPatch[] patches = new JpegPatch[count];
        (int Width, int Height)[] left = new (int, int)[count];
        Array.Fill(left, (width, height));
        for (int round = 0; round < each; round++)
        {
            bool first = round == 0, last = round == each - 1;
            int from = first ? bytes : between, to = last ? bytes : between, shared = 0;
            for (int n = 0; n < count; n++)
            {
                JpegRound own = rounds[n * each + round];
                ArgumentOutOfRangeException.ThrowIfNegative(own.ShiftRows, nameof(rounds));
                ArgumentOutOfRangeException.ThrowIfNegative(own.ShiftColumns, nameof(rounds));
                int before = left[n].Width;
                left[n] = (left[n].Width - own.ShiftColumns, left[n].Height - own.ShiftRows);
                if (left[n].Width < resultWidth || left[n].Height < resultHeight)
                    throw new ArgumentException($"patch {n}: a crop leaves {left[n].Width}x{left[n].Height}", nameof(rounds));
                int stride = from * before;
                patches[n] = new JpegPatch
                {
                    Source = (long)n * width * height * from + (long)own.ShiftRows * stride + own.ShiftColumns * from, SourceStride = stride,
                    Width = left[n].Width, Height = left[n].Height,
                    Sampling = (int)own.Compression.Subsampling, Luminance = 2 * (n * each + round), Chrominance = 2 * (n * each + round) + 1,
                    Destination = last ? (long)n * resultWidth * resultHeight * to : (long)n * width * height * to,
                    DestinationStride = to * (last ? resultWidth : left[n].Width),
                    Rows = last ? resultHeight : left[n].Height, Columns = last ? resultWidth : left[n].Width,
                };
                shared = Math.Max(shared, SharedBytes(left[n].Width, left[n].Height, bytes == 1 ? ChromaSubsampling.Gray : own.Compression.Subsampling));
            }
            Require(shared, width, height);
            stream.Upload<JpegPatch>(patches, described);
            DeviceSpan<byte> input = first ? source : round % 2 == 1 ? one : other, output = last ? target : round % 2 == 0 ? one : other;
            Launch(described, tables, input, from, output, to, shared);
        }
        stream.Download(target, result);
    }

    /// <summary>Compresses and decompresses a picture of any size into a new one: Gray8 from a gray one, else Rgb24.</summary>
    public ImageBuffer Apply(PixelView picture, JpegCompression compression)
    {
        PixelFormat format = picture.Format == PixelFormat.Gray8 ? PixelFormat.Gray8 : PixelFormat.Rgb24;
        int bytes = BytesOf(format), stride = bytes * picture.Width;
        var result = new ImageBuffer(picture.Width, picture.Height, format);
        byte[] rows = new byte[checked(stride * picture.Height)];
        for (int y = 0; y < picture.Height; y++)
        {
            if (bytes == 1)
                picture.Row(y).CopyTo(rows.AsSpan(y * stride));
            else
                WindowByWindowSource.CopyRow(picture.Crop(0, y, picture.Width, 1), rows.AsSpan(y * stride, stride));
        }
        var patches = new List<JpegPatch>();
        int shared = 0;
        for (int top = 0; top < picture.Height; top += Tile)
            for (int left = 0; left < picture.Width; left += Tile)
            {
                int firstRow = Math.Max(top - Unit, 0), firstColumn = Math.Max(left - Unit, 0);
                int height = Math.Min(top + Tile + Unit, picture.Height) - firstRow, width = Math.Min(left + Tile + Unit, picture.Width) - firstColumn;
                patches.Add(new JpegPatch
                {
                    Source = (long)firstRow * stride + firstColumn * bytes, SourceStride = stride, Width = width, Height = height,
                    Sampling = (int)compression.Subsampling, Luminance = 0, Chrominance = 1, Top = top - firstRow, Left = left - firstColumn,
                    Destination = (long)top * stride + left * bytes, DestinationStride = stride,
                    Rows = Math.Min(Tile, picture.Height - top), Columns = Math.Min(Tile, picture.Width - left),
                });
                shared = Math.Max(shared, SharedBytes(width, height, bytes == 1 ? ChromaSubsampling.Gray : compression.Subsampling));
            }
        using DeviceBuffer<byte> source = stream.Rent<byte>(rows.Length), target = stream.Rent<byte>(rows.Length);
        using DeviceBuffer<ushort> tables = stream.Rent<ushort>(128);
        using DeviceBuffer<JpegPatch> described = stream.Rent<JpegPatch>(patches.Count);
        Span<ushort> steps = stackalloc ushort[128];
        WriteTables(compression, steps);
        stream.Upload<ushort>(steps, tables);
        stream.Upload<byte>(rows, source);
        stream.Upload<JpegPatch>(patches.ToArray(), described);
        Launch(described, tables, source, bytes, target, bytes, shared);
        stream.Download(target, result.Pixels.AsSpan(0, rows.Length));
        return result;
    }

    void Require(int shared, int width, int height)
    {
        int most = stream.Runtime.MaxSharedPerBlock - kernel.StaticShared;
        if (shared > most)
            throw new ArgumentException($"patches of {width}x{height} pixels need {shared} bytes of shared memory a block, {stream.Runtime.Name} has {most}");
    }

    static int BytesOf(PixelFormat format) => format switch
    {
        PixelFormat.Gray8 => 1,
        PixelFormat.Rgb24 => 3,
        _ => throw new ArgumentException($"patches are Gray8 or Rgb24, not {format}", nameof(format)),
    };

    static int Padded(int samples) => checked(samples + 7) & ~7;
}
