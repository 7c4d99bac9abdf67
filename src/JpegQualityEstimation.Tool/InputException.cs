namespace JpegQualityEstimation.Tool;

// An input that can be read but not answered for: why, as a code and a sentence.
sealed class InputException(string code, string message) : Exception(message)
{
    public string Code => code;
}
