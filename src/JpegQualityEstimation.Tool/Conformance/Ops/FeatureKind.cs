using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

/// <summary>How feature maps lie and are stored in a case.</summary>
readonly record struct FeatureKind(StorageType Type, bool Planar)
{
    public string Name => $"{Type.Suffix()}, {(Planar ? "planar" : "channels last")}";

    /// <summary>Arithmetic is float whatever is stored.</summary>
    public int Bytes => Type.Bytes();

    /// <summary>Every storage in both layouts; where time is taken, those that the networks use.</summary>
    public static IEnumerable<FeatureKind> All(TrialScale scale) => scale == TrialScale.Timing
        ? [new(StorageType.Float32, false), new(StorageType.BFloat16, false)]
        :
        [
            .. from planar in (bool[])[false, true]
               from type in Enum.GetValues<StorageType>()
               select new FeatureKind(type, planar),
        ];

    public FeatureLayout Layout(int pictures, int channels, int height, int width) => Planar
        ? FeatureLayout.Planar(pictures, channels, height, width)
        : FeatureLayout.ChannelsLast(pictures, channels, height, width);

    /// <summary>Where value (n,c) of a pixel lies.</summary>
    public static long At(in FeatureLayout layout, int picture, int channel, int pixel) =>
        picture * layout.PictureStride + (layout.IsPlanar ? channel * layout.Stride + pixel : pixel * layout.Stride + channel);

    public static StorageType StorageOf(ComputePrecision precision) => StorageTypes.Of(precision);
}
