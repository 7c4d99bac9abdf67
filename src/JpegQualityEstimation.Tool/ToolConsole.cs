namespace JpegQualityEstimation.Tool;

// The streams of one run: results go to Output, progress and messages to Error, names come from Input.
// Interactive: Error is a terminal that progress bars may be drawn on.
sealed record ToolConsole(TextReader Input, TextWriter Output, TextWriter Error, bool Interactive, CancellationToken Cancellation)
{
    // One result, there at once for whoever reads along.
    public void Result(string line)
    {
        try
        {
            Output.WriteLine(line);
            Output.Flush();
        }
        catch (IOException e)
        {
            throw new OutputException(e.Message, ExitStatus.OutputFailed);
        }
    }

    public void Message(string line)
    {
        Error.WriteLine(line);
        Error.Flush();
    }
}
