namespace JpegQualityEstimation.Tool;

static class ExitStatus
{
    public const int Done = 0;
    public const int SomeFailed = 1;
    public const int WrongUsage = 2;

    // EX_IOERR: results cannot be written (a full disk); not all inputs are done.
    public const int OutputFailed = 74;

    // What shells report for a program stopped by Ctrl-C: 128 + SIGINT. StopSignals knows the other signals.
    public const int Interrupted = 130;

    // And for one that writes where nobody reads: 128 + SIGPIPE.
    public const int ReaderGone = 141;
}
