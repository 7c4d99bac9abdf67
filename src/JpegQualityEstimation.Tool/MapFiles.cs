using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Tool;

// The files that a verb writes for a picture: planes as .npy, and pictures, that of the map among them. Each is written whole
// or not at all; the map's picture comes last, so that where it is, all are.
sealed class MapFiles(params string[] files)
{
    const string Picture = ".map.png";

    public bool Exist(OutputNames names, InputPicture input) => files.Append(Picture).All(ending => File.Exists(names.Of(input, ending)));

    // path: NAME without an ending; content: writes one file each.
    public void Write(string path, ImageBuffer picture, params Action<Stream>[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        foreach ((string ending, Action<Stream> write) in files.Zip(content))
            OutputFile.Write(path + ending, write);
        OutputFile.Write(path + Picture, stream => PngWriter.Write(stream, picture.View));
    }

    // All files side by side, then the picture.
    public void Write(string path, Func<ImageBuffer> picture, Action<Stream[]> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var streams = new Stream[files.Length];
        Open(0);
        ImageBuffer drawn = picture();
        OutputFile.Write(path + Picture, stream => PngWriter.Write(stream, drawn.View));

        void Open(int plane)
        {
            if (plane == files.Length)
                content(streams);
            else
                OutputFile.Write(path + files[plane], stream =>
                {
                    streams[plane] = stream;
                    Open(plane + 1);
                });
        }
    }
}
