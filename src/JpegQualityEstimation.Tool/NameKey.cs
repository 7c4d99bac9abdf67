using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace JpegQualityEstimation.Tool;

// A name as 16 bytes, the first of its SHA-256 in UTF-8: the same on every machine, and a million are held in 32 MB.
static class NameKey
{
    public static UInt128 Of(string name) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
