namespace JpegQualityEstimation.Tool;

// Results can no longer be written: the run ends, since what it would still find out is lost. status: what it ends with.
sealed class OutputException(string message, int status) : Exception(message)
{
    public int Status => status;
}
