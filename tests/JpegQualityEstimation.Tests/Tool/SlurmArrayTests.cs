using System.Diagnostics;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

// docs/samples/slurm on a real Slurm of one node: five hundred pictures, one of them broken, in four tasks on two processors. One
// task is killed outright and requeued, one requeued while it runs; every picture is reported once.
public sealed class SlurmArrayTests
{
    const int Shards = 4;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [SkippableFact]
    public void AnArrayLosesNothingWhenTasksAreKilledAndRequeued()
    {
        using var scene = new JobScene(pictures: 500, side: 140);
        using SlurmNode node = SlurmNode.Require(scene);
        string job = node.Run(
            "sbatch", "--parsable", $"--array=0-{Shards - 1}", $"--export=ALL,SHARDS={Shards}", $"--output={scene["task-%a.log"]}",
            JobScene.Sample("slurm/jqe-array.sh"), "quality", scene["pictures"], scene["results"]);

        Await(() => Lines(scene, 0) >= 2, "task 0 reports");
        // The step: of a whole job Slurm would ask before it kills.
        node.Run("scancel", "--signal=KILL", $"{job}_0.0");
        Await(() => State(node, $"{job}_0") == "FAILED", "task 0 is killed");
        int killedAt = Lines(scene, 0);
        // As a machine that loses its power leaves it.
        File.AppendAllText(scene["results/0.jsonl"], "{\"file\":\"torn");
        node.Run("scontrol", "requeue", $"{job}_0");

        Await(() => Lines(scene, 1) >= 2, "task 1 reports");
        node.Run("scontrol", "requeue", $"{job}_1");

        Await(() => node.Run("squeue", "-h").Length == 0, "all tasks end");
        for (int task = 0; task < Shards; task++)
            Assert.True(State(node, $"{job}_{task}") == "COMPLETED", File.ReadAllText(scene[$"task-{task}.log"]));
        string[] files = [.. Enumerable.Range(0, Shards).Select(task => scene[$"results/{task}.jsonl"])];
        Assert.Equal(files, Directory.GetFiles(scene["results"]).Order(StringComparer.Ordinal));
        scene.RequireEveryPictureOnce(files);
        Assert.InRange(killedAt, 2, File.ReadAllLines(files[0]).Length - 1);
        Assert.Contains("skipped: reported already", File.ReadAllText(scene["task-0.log"]), StringComparison.Ordinal);
        Assert.Contains("skipped: reported already", File.ReadAllText(scene["task-1.log"]), StringComparison.Ordinal);
    }

    static int Lines(JobScene scene, int task)
    {
        string file = scene[$"results/{task}.jsonl"];
        return File.Exists(file) ? JobScene.Try("cat", file)!.Count(c => c == '\n') : 0;
    }

    static string State(SlurmNode node, string task) =>
        node.Run("scontrol", "show", "job", task).Split([' ', '\n']).First(word => word.StartsWith("JobState=", StringComparison.Ordinal))["JobState=".Length..];

    static void Await(Func<bool> done, string what)
    {
        for (long start = Stopwatch.GetTimestamp(); !done(); Thread.Sleep(50))
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"not seen: {what}");
    }
}
