namespace JpegQualityEstimation.Tool;

static class ExitStatus
{
    public const int Done = 0;
    public const int SomeFailed = 1;
    public const int WrongUsage = 2;

    // What shells report for a program stopped by Ctrl-C: 128 + SIGINT.
    public const int Interrupted = 130;
}
