using System.CommandLine;
using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe simulate IN OUT: one or two compressions of a picture, bit-exact with libjpeg-turbo.
sealed class SimulateVerb(ToolConsole console)
{
    public const string Example = """
        jqe simulate scan.png twice.png --qf1 70 --shift 3,5 --qf2 90
        jqe simulate scan.png once.jpg --qf1 85 --subsampling 444
        """;

    readonly Argument<string> source = new("IN") { Description = "The picture to compress." };
    readonly Argument<string> target = new("OUT")
    {
        Description = "Where to: .png takes the pixels after the last decompression, .jpg the last file.",
    };
    readonly Option<int> quality1 = SharedOptions.Positive("--qf1", "Quality factor of the first compression, 1-100.", 1, 100);
    readonly Option<int> quality2 = SharedOptions.Positive("--qf2", "Quality factor of the second compression; without it and --table2 there is one only.", 1, 100);
    readonly Option<string?> table1 = TableOption("--table1", "first");
    readonly Option<string?> table2 = TableOption("--table2", "second");
    readonly Option<string?> shift = new("--shift")
    {
        Description = "Rows and columns cut off at the top and left between the compressions, to move the block grid.",
        HelpName = "R,C",
    };
    readonly Option<string> subsampling = SamplingChoice.Option();
    readonly Option<bool> json = SharedOptions.Json();

    public static Command Create(ToolConsole console)
    {
        var verb = new SimulateVerb(console);
        var command = new Command("simulate", "Compresses a picture once or twice, as libjpeg-turbo does to the last bit.")
        {
            verb.source, verb.target, verb.quality1, verb.table1, verb.quality2, verb.table2, verb.shift, verb.subsampling, verb.json,
        };
        command.SetAction(verb.Run);
        return command;
    }

    static Option<string?> TableOption(string name, string which) => new(name)
    {
        Description = $"Luminance steps of the {which} compression: 64 numbers in natural order. Chrominance stays that of the quality factor; without one it takes these steps too.",
        HelpName = "FILE",
    };

    int Run(ParseResult parse)
    {
        string from = parse.GetValue(source)!, to = parse.GetValue(target)!;
        bool file = Path.GetExtension(to).ToLowerInvariant() switch
        {
            ".jpg" or ".jpeg" => true,
            ".png" => false,
            _ => throw new UsageException($"{to}: OUT ends in .png (pixels) or .jpg (file)"),
        };
        ChromaSubsampling sampling = SamplingChoice.Of(parse.GetValue(subsampling)!);
        JpegCompression first = Compression(parse.GetValue(quality1), parse.GetValue(table1), sampling)
            ?? throw new UsageException("--qf1 or --table1 is needed");
        JpegCompression? second = Compression(parse.GetValue(quality2), parse.GetValue(table2), sampling);
        (int rows, int columns) = Shift(parse.GetValue(shift));
        if (second is null && (rows, columns) != (0, 0))
            throw new UsageException("--shift moves the grid between two compressions: --qf2 or --table2 is needed");

        JpegRound[] rounds = second is null ? [new(first)] : [new(first), new(second, rows, columns)];
        (int Width, int Height) size;
        try
        {
            ImageBuffer image = ImageFile.Read(from);
            console.Cancellation.ThrowIfCancellationRequested();
            size = JpegSimulation.Write(to, file, image, rounds);
        }
        catch (Exception e) when (e is not OperationCanceledException and not UsageException)
        {
            Failure failure = Failure.Of(e);
            if (parse.GetValue(json))
                console.Result(failure.ToJson(from));
            else
                console.Message($"{from}: {failure}");
            return ExitStatus.SomeFailed;
        }
        Report(parse, from, to, size, rounds.Length);
        return ExitStatus.Done;
    }

    void Report(ParseResult parse, string from, string to, (int Width, int Height) size, int compressions)
    {
        if (parse.GetValue(json))
            console.Result(JsonLine.Of(writer =>
            {
                writer.WriteString("file", from);
                writer.WriteString("output", to);
                writer.WriteNumber("width", size.Width);
                writer.WriteNumber("height", size.Height);
                writer.WriteNumber("compressions", compressions);
            }));
        else
            console.Result(string.Create(
                CultureInfo.InvariantCulture, $"{to}: {size.Width}x{size.Height}, {compressions} compression{(compressions == 1 ? "" : "s")}"));
    }

    static JpegCompression? Compression(int quality, string? table, ChromaSubsampling sampling)
    {
        if (table is null)
            return quality == 0 ? null : JpegCompression.FromQuality(quality, sampling);
        try
        {
            QuantTable luminance = QuantTable.ReadFile(table);
            return new JpegCompression(luminance, quality == 0 ? luminance : QuantTable.StandardChrominance(quality), sampling);
        }
        catch (Exception e) when (e is ImageFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{table}: {Failure.Of(e)}");
        }
    }

    static (int Rows, int Columns) Shift(string? text)
    {
        if (text is null)
            return (0, 0);
        string[] parts = text.Split(',');
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int rows)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int columns))
            throw new UsageException($"--shift {text}: not two whole numbers R,C");
        return (rows, columns);
    }
}
