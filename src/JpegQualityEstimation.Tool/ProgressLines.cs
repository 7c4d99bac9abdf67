using System.Diagnostics;
using System.Globalization;

namespace JpegQualityEstimation.Tool;

// Where there is no terminal for a bar: a line a minute.
sealed class ProgressLines(ToolConsole console, string label) : IProgress<double>
{
    readonly Stopwatch clock = Stopwatch.StartNew();
    double next = 60;

    // Hours, which may be more than 24, minutes and seconds.
    public static string Clock(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours:00}:{time:mm\\:ss}");

    public void Report(double value)
    {
        lock (clock)
        {
            if (clock.Elapsed.TotalSeconds < next)
                return;
            next = clock.Elapsed.TotalSeconds + 60;
            TimeSpan left = clock.Elapsed * (1 / value - 1);
            console.Message(string.Create(CultureInfo.InvariantCulture, $"{label}: {100 * value:F0} %, {Clock(left)} left"));
        }
    }
}
