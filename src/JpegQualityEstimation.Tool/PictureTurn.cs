using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Tool;

// PictureTurn: one picture on its way through a batch: how many threads it has, and what it reports, which is told when all pictures
// before it have been.
sealed class PictureTurn
{
    // Larger pictures are worked on alone: cutting them among threads costs little, holding several of them much.
    public const long SmallPixels = 2_000_000;

    readonly ThreadShare share;
    readonly List<Report> lines = [];
    string? heading;

    public PictureTurn(ThreadShare share)
    {
        this.share = share;
        HasAllThreads = share.Threads == 1;
    }

    // Whether the picture has all threads of the run, else one.
    public bool HasAllThreads { get; private set; }

    public bool IsDone { get; set; }

    // Reads the picture, and settles how many threads it has from here on.
    public ImageBuffer Read(ReadOnlySpan<byte> file, string path)
    {
        if (HasAllThreads)
            return ImageFile.Read(file, path);
        try
        {
            ImageBuffer image = ImageFile.Read(file, path, ImageReadOptions.Default with { MaxPixels = SmallPixels });
            HasAllThreads = share.TakeAllIfAlone();
            return image;
        }
        catch (ImageFormatException e) when (e.Code == ImageErrorCode.TooLarge)
        {
            share.WaitForAll();
            HasAllThreads = true;
            return ImageFile.Read(file, path);
        }
    }

    public void Result(string line) => lines.Add(new Report(true, line));

    // A row of a table; the heading is told before the first one of the run.
    public void Row(string columns, string line)
    {
        heading = columns;
        Result(line);
    }

    public void Message(string line) => lines.Add(new Report(false, line));

    sealed record Report(bool IsResult, string Line);

    public void Tell(ToolConsole console, ref bool headingTold)
    {
        if (heading is not null && !headingTold)
            console.Result(heading);
        headingTold |= heading is not null;
        foreach ((bool isResult, string line) in lines)
        {
            if (isResult)
                console.Result(line);
            else
                console.Message(line);
        }
    }
}
