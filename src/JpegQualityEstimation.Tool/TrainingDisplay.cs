using System.Globalization;
using JpegQualityEstimation.Training;
using Spectre.Console;

namespace JpegQualityEstimation.Tool;

// Progress of a training run on standard error: a bar on a terminal, a line every ten seconds in a log.
static class TrainingDisplay
{
    public static T Show<T>(ToolConsole console, Func<IProgress<TrainingProgress>, T> train)
    {
        if (!console.Interactive)
            return train(new Lines(console));
        T result = default!;
        ProgressBar.Terminal(console).Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context => result = train(new Bar(context.AddTask("reading pictures"))));
        return result;
    }

    static string Describe(TrainingProgress value) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {value.Step}/{value.Steps}  {Values(value)}  rate {value.LearningRate:G3}  {value.PerSecond:F1} {value.Unit}/s  {ProgressLines.Clock(value.Remaining)} left");

    static string Values(TrainingProgress value) => string.Join("  ", value.Values.Select(
        measure => string.Create(CultureInfo.InvariantCulture, $"{measure.Name} {measure.Value:F5}")));

    sealed class Bar(ProgressTask task) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            task.Description = Markup.Escape(Describe(value));
            task.MaxValue = value.Steps;
            task.Value = value.Step;
        }
    }

    sealed class Lines(ToolConsole console) : IProgress<TrainingProgress>
    {
        double next;

        public void Report(TrainingProgress value)
        {
            if (value.Elapsed.TotalSeconds < next && value.Step < value.Steps)
                return;
            next = value.Elapsed.TotalSeconds + 10;
            console.Message(Describe(value));
        }
    }
}
