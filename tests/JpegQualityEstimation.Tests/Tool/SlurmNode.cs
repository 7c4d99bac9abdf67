using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

// A Slurm of one node with two processors, in a folder of its own, for one test: munged, slurmctld and slurmd of the
// distribution's packages (slurmctld, slurmd, slurm-client, munge), run by root.
sealed class SlurmNode : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly JobScene scene;
    readonly string folder;
    readonly List<Process> daemons = [];

    SlurmNode(JobScene scene)
    {
        this.scene = scene;
        folder = scene["slurm"];
    }

    // Skips the test where there is none, or where its daemons do not run.
    public static SlurmNode Require(JobScene scene)
    {
        foreach (string tool in (string[])["munged", "slurmctld", "slurmd", "sbatch"])
            Skip.If(JobScene.Try("which", tool) is null, $"no {tool}: Slurm is not installed");
        Skip.If(JobScene.Try("id", "-u")?.Trim() != "0", "Slurm's daemons here want root");
        var node = new SlurmNode(scene);
        try
        {
            node.StartDaemons();
            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    public string Run(string command, params string[] arguments)
    {
        ToolRun run = scene.Run(command, arguments, ("SLURM_CONF", Configuration));
        return run.Status == 0 ? run.Output.Trim() : throw new InvalidOperationException($"{command}: {run.Error}{run.Output}");
    }

    public void Dispose()
    {
        foreach (Process daemon in Enumerable.Reverse(daemons))
        {
            if (!daemon.HasExited)
                daemon.Kill(entireProcessTree: true);
            daemon.WaitForExit();
            daemon.Dispose();
        }
    }

    string Configuration => Path.Combine(folder, "slurm.conf");

    void StartDaemons()
    {
        string host = JobScene.Try("hostname", "-s")!.Trim();
        foreach (string below in (string[])["state", "spool"])
            Directory.CreateDirectory(Path.Combine(folder, below));
        File.WriteAllBytes(Path.Combine(folder, "munge.key"), System.Security.Cryptography.RandomNumberGenerator.GetBytes(1024));
        JobScene.Try("chmod", "-R", "go=", folder);
        string socket = Path.Combine(folder, "munge.socket");
        Start("munged", "--foreground", "--force", $"--key-file={folder}/munge.key", $"--socket={socket}", $"--pid-file={folder}/munged.pid",
            $"--log-file={folder}/munged.log", $"--seed-file={folder}/munge.seed");
        Await(() => File.Exists(socket), "munged");
        // Where no control groups are to be had, version 1 asks for the least.
        if (!File.Exists("/sys/fs/cgroup/cgroup.controllers"))
            File.WriteAllText(Path.Combine(folder, "cgroup.conf"), "CgroupPlugin=cgroup/v1\n");
        File.WriteAllText(Configuration, $"""
            ClusterName=one
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            AuthInfo=socket={socket},cred_expire=5
            CredType=cred/munge
            SlurmctldPort={FreePort()}
            SlurmdPort={FreePort()}
            StateSaveLocation={folder}/state
            SlurmdSpoolDir={folder}/spool
            SlurmctldPidFile={folder}/slurmctld.pid
            SlurmdPidFile={folder}/slurmd.pid
            SlurmctldLogFile={folder}/slurmctld.log
            SlurmdLogFile={folder}/slurmd.log
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            MpiDefault=none
            SwitchType=switch/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SlurmdParameters=config_overrides
            ReturnToService=2
            KillWait=5
            SchedulerParameters=sched_interval=1
            NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
            PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP

            """);
        Start("slurmctld", "-D", "-f", Configuration);
        Start("slurmd", "-D", "-f", Configuration);
        Await(() => scene.Run("sinfo", ["-h", "-o", "%T"], ("SLURM_CONF", Configuration)).Output.Trim() == "idle", "slurmd");
    }

    void Start(string command, params string[] arguments)
    {
        Process daemon = scene.Start(command, arguments);
        // Their logs are files; what they also print must not fill a pipe.
        _ = daemon.StandardOutput.ReadToEndAsync();
        _ = daemon.StandardError.ReadToEndAsync();
        daemons.Add(daemon);
    }

    void Await(Func<bool> there, string daemon)
    {
        for (long start = Stopwatch.GetTimestamp(); !there(); Thread.Sleep(100))
        {
            bool over = Stopwatch.GetElapsedTime(start) > Patience || daemons.Any(d => d.HasExited);
            string log = Path.Combine(folder, $"{daemon}.log");
            Skip.If(over, $"{daemon} does not run here: {(File.Exists(log) ? File.ReadAllLines(log).LastOrDefault() : "no log")}");
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
