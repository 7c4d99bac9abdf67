using System.Globalization;
using JpegQualityEstimation.Training;
using Spectre.Console;

namespace JpegQualityEstimation.Tool;

// Progress of a training run on standard error: a bar on a terminal, a line every ten seconds in a log.
static class TrainingDisplay
{
    public static T Show<T>(ToolConsole console, Func<IProgress<QualityTrainingProgress>, T> train)
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

    static string Describe(QualityTrainingProgress value) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {value.Step}/{value.Steps}  loss: quality {value.QualityLoss:F5} flag {value.FlagLoss:F5}  rate {value.LearningRate:G3}  {value.PatchesPerSecond:F1} patches/s  {value.Remaining:hh\\:mm\\:ss} left");

    sealed class Bar(ProgressTask task) : IProgress<QualityTrainingProgress>
    {
        public void Report(QualityTrainingProgress value)
        {
            task.Description = Markup.Escape(Describe(value));
            task.MaxValue = value.Steps;
            task.Value = value.Step;
        }
    }

    sealed class Lines(ToolConsole console) : IProgress<QualityTrainingProgress>
    {
        double next;

        public void Report(QualityTrainingProgress value)
        {
            if (value.Elapsed.TotalSeconds < next && value.Step < value.Steps)
                return;
            next = value.Elapsed.TotalSeconds + 10;
            console.Message(Describe(value));
        }
    }
}
