using System.Text;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Cuda.Tests.Jpeg;

// A temporary folder with a few pictures to train on.
sealed class PictureFolder : IDisposable
{
    public PictureFolder(int count = 3)
    {
        for (int i = 0; i < count; i++)
        {
            ImageBuffer picture = TestPicture.Create(230 + 20 * i, 220, PixelFormat.Rgb24, i);
            System.IO.File.WriteAllBytes(File($"{i}.ppm"), [.. Encoding.ASCII.GetBytes($"P6\n{picture.Width} {picture.Height}\n255\n"), .. picture.Pixels]);
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("jqe-cuda-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
