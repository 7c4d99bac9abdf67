namespace JpegQualityEstimation.Jpeg;

/// <summary>Second bytes of the markers (ITU-T T.81 table B.1) that this codec acts on.</summary>
static class JpegMarker
{
    public const byte Sof0 = 0xC0;
    public const byte Sof1 = 0xC1;
    public const byte Sof2 = 0xC2;
    public const byte Dht = 0xC4;
    public const byte Jpg = 0xC8;
    public const byte Dac = 0xCC;
    public const byte Sof15 = 0xCF;
    public const byte Rst0 = 0xD0;
    public const byte Rst7 = 0xD7;
    public const byte Soi = 0xD8;
    public const byte Eoi = 0xD9;
    public const byte Sos = 0xDA;
    public const byte Dqt = 0xDB;
    public const byte Dnl = 0xDC;
    public const byte Dri = 0xDD;
    public const byte Dhp = 0xDE;
    public const byte Exp = 0xDF;
    public const byte App0 = 0xE0;
    public const byte App14 = 0xEE;
    public const byte App15 = 0xEF;
    public const byte Com = 0xFE;
    public const byte Tem = 0x01;

    /// <summary>Why a frame of this kind is not read; null for the three kinds that are.</summary>
    public static string? WhyNot(byte sof) => sof switch
    {
        Sof0 or Sof1 or Sof2 => null,
        0xC3 => "lossless JPEG (SOF3)",
        0xC5 or 0xC6 or 0xC7 => $"hierarchical JPEG (SOF{sof - Sof0})",
        Jpg => "a frame of the reserved kind JPG (FFC8)",
        0xC9 or 0xCA => $"arithmetic coding (SOF{sof - Sof0})",
        0xCB => "lossless JPEG with arithmetic coding (SOF11)",
        0xCD or 0xCE or Sof15 => $"hierarchical JPEG with arithmetic coding (SOF{sof - Sof0})",
        _ => $"a frame of marker FF{sof:X2}",
    };
}
