namespace JpegQualityEstimation.Engine;

/// <summary>A call to a device failed; the message names the call, its status and what it was given.</summary>
public class DeviceException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">The call, its status, what it was given.</param>
    /// <param name="inner">What it came from, or null.</param>
    public DeviceException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
