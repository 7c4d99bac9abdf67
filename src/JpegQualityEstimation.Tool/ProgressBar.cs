using System.Runtime.CompilerServices;
using Spectre.Console;

namespace JpegQualityEstimation.Tool;

// A bar on standard error while one piece of work runs, gone when it ends; nothing where standard error is no terminal.
static class ProgressBar
{
    public static T Show<T>(ToolConsole console, string label, Func<IProgress<double>?, T> work)
    {
        return console.Interactive ? Drawn(console, label, work) : work(null);
    }

    // Apart, so that what draws is loaded only where something is drawn.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static T Drawn<T>(ToolConsole console, string label, Func<IProgress<double>?, T> work)
    {
        IAnsiConsole terminal = Terminal(console);
        T result = default!;
        terminal.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => result = work(new Bar(context.AddTask(Markup.Escape(label)))));
        return result;
    }

    // Of several pictures at a time none has a bar.
    public static T Show<T>(ToolConsole console, PictureTurn turn, string label, Func<IProgress<double>?, T> work) =>
        turn.HasAllThreads ? Show(console, label, work) : work(null);

    // A file's name, short enough for one line of a terminal.
    public static string Label(string path)
    {
        string name = Path.GetFileName(path);
        return name.Length <= 30 ? name : $"{name[..14]}..{name[^14..]}";
    }

    public static IAnsiConsole Terminal(ToolConsole console) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = console.Interactive ? AnsiSupport.Detect : AnsiSupport.No,
        Interactive = console.Interactive ? InteractionSupport.Detect : InteractionSupport.No,
        Out = new AnsiConsoleOutput(console.Error),
    });

    sealed class Bar(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = 100 * value;
    }
}
