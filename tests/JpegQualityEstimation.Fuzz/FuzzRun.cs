using System.Diagnostics;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Fuzz;

// FuzzRun: input i of a run is made from (seed, i) alone, so that every one can be made again with --only. A reader may
// return, or throw its typed exception with a name, an offset inside the file and a reason; in time and within memory.

sealed class FuzzRun(FuzzOptions options, IReadOnlyList<FuzzTarget> targets, TextWriter progress)
{
    static readonly TimeSpan s_hang = TimeSpan.FromSeconds(20);

    long _started;
    byte[] _current = [];

    public IReadOnlyList<FuzzTally> Execute()
    {
        FuzzTally[] tallies = [.. targets.Select(t => new FuzzTally(t.Name))];
        int[] turns = [.. targets.SelectMany((t, i) => Enumerable.Repeat(i, t.Share))];
        WarmUp();
        using Timer watchdog = new(_ => StopHang(), null, s_hang, TimeSpan.FromSeconds(1));
        (int first, int end) = options.Only < 0 ? (0, options.Inputs) : (options.Only, options.Only + 1);
        for (int i = first; i < end; i++)
        {
            FuzzMutator mutator = new(SyntheticRandom.Mix(options.Seed * 0x9E3779B97F4A7C15 + (ulong)i));
            int turn = turns[mutator.Next(turns.Length)];
            if (options.Format is { } format)
                turn = targets.Select(t => t.Name).ToList().IndexOf(format);
            FuzzTarget target = targets[turn];
            byte[] input = mutator.Mutate(target.Seeds);
            if (target.Repair is { } repair)
                input = repair(input, target.Seeds, mutator);
            if (Judge(target, input, tallies[turn]) is { } failure)
                Keep(tallies[turn], input, i, failure);
            if ((i + 1) % 10_000 == 0)
                progress.WriteLine($"{i + 1} inputs, {tallies.Sum(t => t.Failures.Count)} failures");
        }
        return [.. tallies.Where(t => t.Inputs > 0)];
    }

    /// <summary>Every seed once: compiling a reader takes longer than reading.</summary>
    void WarmUp()
    {
        foreach (FuzzTarget target in targets)
            foreach (byte[] seed in target.Seeds)
                Judge(target, seed, new FuzzTally(target.Name));
    }

    /// <summary>Reads one input; null, or what was wrong.</summary>
    string? Judge(FuzzTarget target, byte[] input, FuzzTally tally)
    {
        (string outcome, string? failure, long allocated, TimeSpan elapsed) = Read(target, input);
        // Other programs share the machine: what is slow is slow three times.
        for (int again = 0; again < 2 && elapsed > FuzzOptions.LongestInput; again++)
            elapsed = TimeSpan.FromTicks(Math.Min(elapsed.Ticks, Read(target, input).Elapsed.Ticks));
        tally.Inputs++;
        if (outcome == "accepted" && failure is null)
            tally.Accepted++;
        else if (failure is null)
            tally.Refused[outcome] = tally.Refused.GetValueOrDefault(outcome) + 1;
        tally.SlowestMilliseconds = Math.Max(tally.SlowestMilliseconds, elapsed.TotalMilliseconds);
        tally.LargestAllocation = Math.Max(tally.LargestAllocation, allocated);
        if (elapsed > FuzzOptions.LongestInput)
            failure ??= $"took {elapsed.TotalSeconds:F1} s ({outcome})";
        if (allocated > FuzzOptions.MostBytes(input.Length))
            failure ??= $"allocated {allocated} bytes, the limit is {FuzzOptions.MostBytes(input.Length)} ({outcome})";
        return failure;
    }

    (string Outcome, string? Failure, long Allocated, TimeSpan Elapsed) Read(FuzzTarget target, byte[] input)
    {
        _current = input;
        long started = Stopwatch.GetTimestamp();
        Volatile.Write(ref _started, started);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string outcome = "accepted";
        string? failure = null;
        try
        {
            target.Read(input);
        }
        catch (ImageFormatException e)
        {
            outcome = e.Code.ToString();
            failure = Complain(e.File, e.Offset, e.Reason, input);
        }
        catch (WeightsFormatException e)
        {
            outcome = "weights";
            failure = Complain(e.File, e.Offset, e.Reason, input);
        }
        catch (RecipeException e)
        {
            outcome = "recipe";
            failure = Complain(e.File, -1, e.Message, input);
        }
        catch (Exception e)
        {
            failure = $"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n')[0].Trim()}";
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        Volatile.Write(ref _started, 0);
        return (outcome, failure, allocated, elapsed);
    }

    static string? Complain(string file, long offset, string reason, byte[] input) =>
        file != "input" || reason.Length == 0 || offset < -1 || offset > input.Length
            ? $"a refusal without name, reason or place: {file} at {offset}: {reason}"
            : null;

    void Keep(FuzzTally tally, byte[] input, int index, string failure)
    {
        string path = Path.Combine(options.OutFolder, $"{tally.Format}-{options.Seed}-{index}.bin");
        tally.Failures.Add($"{path}: {failure}");
        if (tally.Failures.Count <= 20)
        {
            Directory.CreateDirectory(options.OutFolder);
            File.WriteAllBytes(path, input);
            progress.WriteLine(tally.Failures[^1]);
        }
    }

    void StopHang()
    {
        long started = Volatile.Read(ref _started);
        if (started == 0 || Stopwatch.GetElapsedTime(started) < s_hang)
            return;
        Directory.CreateDirectory(options.OutFolder);
        File.WriteAllBytes(Path.Combine(options.OutFolder, "hang.bin"), _current);
        progress.WriteLine($"an input takes longer than {s_hang.TotalSeconds} s: hang.bin");
        Environment.Exit(1);
    }
}
