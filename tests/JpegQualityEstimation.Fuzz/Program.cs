using JpegQualityEstimation.Fuzz;

// Mutates valid files and feeds them to the readers. docs/fuzzing.md says what is checked and what was found.
// Exit status: 0 nothing found, 1 something found (the inputs lie in the folder of --out), 2 wrong usage.

if (FuzzOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(FuzzOptions.Usage);
    return 2;
}
FuzzRun run = new(options, FuzzTarget.All(), Console.Error);
IReadOnlyList<FuzzTally> tallies = run.Execute();
FuzzReport.Write(Console.Out, options, tallies);
return tallies.Any(t => t.Failures.Count > 0) ? 1 : 0;
