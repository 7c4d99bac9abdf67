namespace JpegQualityEstimation.Tool;

// The command cannot start as it was given: wrong options, no such model or device.
sealed class UsageException(string message) : Exception(message);
