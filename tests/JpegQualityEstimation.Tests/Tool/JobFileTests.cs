using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

// docs/samples: what an engine would start is started here. Slurm's: SlurmArrayTests.
public sealed class JobFileTests
{
    static JsonElement Job()
    {
        const string ToJson = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
        string file = JobScene.Sample("kubernetes/jqe-job.yaml");
        string? json = new[] { "/usr/bin/python3", "python3" }.Select(python => JobScene.Try(python, "-c", ToJson, file)).FirstOrDefault(o => o is not null);
        Skip.If(json is null, "no Python with yaml");
        return JsonDocument.Parse(json!).RootElement;
    }

    static JsonElement Container(JsonElement job) =>
        Assert.Single(job.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers").EnumerateArray());

    static Dictionary<string, string> Variables(JsonElement container) =>
        container.GetProperty("env").EnumerateArray().ToDictionary(e => e.GetProperty("name").GetString()!, e => e.GetProperty("value").GetString()!);

    [SkippableFact]
    public void TheKubernetesJobFitsTogether()
    {
        JsonElement job = Job(), spec = job.GetProperty("spec"), container = Container(job);
        Assert.Equal(("batch/v1", "Job"), (job.GetProperty("apiVersion").GetString(), job.GetProperty("kind").GetString()));
        Assert.Equal("Indexed", spec.GetProperty("completionMode").GetString());
        Assert.Equal(spec.GetProperty("completions").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture), Variables(container)["SHARDS"]);
        // Rules on failures of pods need it.
        JsonElement pod = spec.GetProperty("template").GetProperty("spec");
        Assert.Equal("Never", pod.GetProperty("restartPolicy").GetString());
        Assert.All(
            spec.GetProperty("podFailurePolicy").GetProperty("rules").EnumerateArray().Where(r => r.TryGetProperty("onExitCodes", out _)),
            rule => Assert.Equal(container.GetProperty("name").GetString(), rule.GetProperty("onExitCodes").GetProperty("containerName").GetString()));
        Assert.Equal(
            pod.GetProperty("volumes").EnumerateArray().Select(v => v.GetProperty("name").GetString()),
            container.GetProperty("volumeMounts").EnumerateArray().Select(v => v.GetProperty("name").GetString()));
        Assert.Equal(
            [Variables(container)["PICTURES"], Variables(container)["RESULTS"]],
            container.GetProperty("volumeMounts").EnumerateArray().Select(v => v.GetProperty("mountPath").GetString()));
    }

    [SkippableFact]
    public void PodsOfTheKubernetesJobAnswerEveryPictureOnce()
    {
        JsonElement container = Container(Job());
        string[] command = [.. container.GetProperty("command").EnumerateArray().Concat(container.GetProperty("args").EnumerateArray()).Select(a => a.GetString()!)];
        using var scene = new JobScene(pictures: 18, side: 150);
        (string, string)[] Pod(int index) =>
        [
            ("JOB_COMPLETION_INDEX", $"{index}"), ("SHARDS", "2"), ("VERB", "quality"), ("PICTURES", scene["pictures"]), ("RESULTS", scene["results"]),
        ];
        string first = scene["results/0.jsonl"];
        using (Process evicted = scene.Start(command[0], command[1..], Pod(0)))
        {
            Assert.True(SpinWait.SpinUntil(() => File.Exists(first) && new FileInfo(first).Length > 0, TimeSpan.FromSeconds(60)));
            Assert.NotNull(JobScene.Try("kill", "-TERM", $"{evicted.Id}"));
            Assert.True(evicted.WaitForExit(TimeSpan.FromSeconds(60)));
            Assert.Equal(143, evicted.ExitCode);
        }
        Assert.EndsWith("}\n", File.ReadAllText(first), StringComparison.Ordinal);
        for (int index = 0; index < 2; index++)
            Assert.Equal(0, scene.Run(command[0], command[1..], Pod(index)).Status);
        scene.RequireEveryPictureOnce(Directory.GetFiles(scene["results"]));
    }

    [SkippableFact]
    public void CostsAreReckonedFromWhatWasMeasured()
    {
        Skip.If(JobScene.Try("python3", "--version") is null, "no Python");
        Assert.NotNull(JobScene.Try("python3", Path.Combine(RepositoryFolder.Root, "benchmarks", "scale.py"), "--check"));
    }

    // A stand-in for what the sample uses of PySpark, after its documentation; the real one needs Java.
    const string PySpark = """
        import os, shlex, subprocess, threading
        class RDD:
            def __init__(self, parts): self.parts = parts
            def count(self): return sum(map(len, self.parts))
            def repartition(self, n):
                rows = [row for part in self.parts for row in part]
                return RDD([rows[k::n] for k in range(n)])
            def pipe(self, command, env=None, checkCode=False):
                return RDD([self.run(part, command, checkCode) for part in self.parts])
            def run(self, part, command, checkCode):
                process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                def feed():
                    try:
                        for row in part: process.stdin.write((row.rstrip("\n") + "\n").encode())
                        process.stdin.close()
                    except BrokenPipeError: pass
                threading.Thread(target=feed, daemon=True).start()
                rows = [line.rstrip(b"\n").decode() for line in process.stdout]
                if process.wait() and checkCode: raise RuntimeError(f"status {process.returncode}")
                return rows
            def saveAsTextFile(self, folder):
                os.makedirs(folder)
                for n, part in enumerate(self.parts):
                    with open(f"{folder}/part-{n:05}", "w") as out: out.writelines(row + "\n" for row in part)
        class SparkContext:
            def textFile(self, path): return RDD([open(path).read().splitlines()])
        class SparkSession:
            sparkContext = SparkContext()
            def appName(self, name): return self
            def getOrCreate(self): return self
            def stop(self): pass
        SparkSession.builder = SparkSession()
        """;

    static ToolRun Spark(JobScene scene, string tool)
    {
        Skip.If(JobScene.Try("python3", "--version") is null, "no Python");
        Directory.CreateDirectory(scene["stand-in/pyspark"]);
        File.WriteAllText(scene["stand-in/pyspark/__init__.py"], "");
        File.WriteAllText(scene["stand-in/pyspark/sql.py"], PySpark);
        File.WriteAllLines(scene["names.txt"], scene.Pictures);
        const string Small = "import sys; sys.path.insert(0, sys.argv.pop(1)); import jqe_pipe; jqe_pipe.NAMES_OF_A_PARTITION = 5; jqe_pipe.main(*sys.argv[1:])";
        return scene.Run("python3", ["-c", Small, JobScene.Sample("spark"), "quality", scene["names.txt"], scene["results"]],
            ("PYTHONPATH", scene["stand-in"]), ("PYTHONDONTWRITEBYTECODE", "1"), ("JQE", tool));
    }

    [SkippableFact]
    public void SparksPipeAnswersEveryNameOnce()
    {
        using var scene = new JobScene(pictures: 12, side: 24);
        ToolRun run = Spark(scene, "jqe");
        Assert.True(run.Status == 0, run.Error);
        string[] parts = Directory.GetFiles(scene["results"]);
        Assert.Equal(3, parts.Length);
        scene.RequireEveryPictureOnce(parts);
    }

    [SkippableFact]
    public void SparkIsToldOfAToolThatIsNotThere()
    {
        using var scene = new JobScene(pictures: 2, side: 24);
        Assert.NotEqual(0, Spark(scene, "no-such-tool").Status);
    }
}
