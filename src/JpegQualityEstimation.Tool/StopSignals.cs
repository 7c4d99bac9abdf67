using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Tool;

// Ctrl-C, SIGTERM (schedulers, containers) and SIGHUP ask the work to stop; the second of them ends the process at once.
sealed class StopSignals : IDisposable
{
    // 128 + the signal's number: what shells report for a program ended by it.
    static readonly (PosixSignal Signal, int Status)[] Statuses =
    [
        (PosixSignal.SIGHUP, 128 + 1), (PosixSignal.SIGINT, ExitStatus.Interrupted), (PosixSignal.SIGTERM, 128 + 15),
    ];

    readonly CancellationTokenSource source = new();
    readonly PosixSignalRegistration[] registrations;
    int first;

    public StopSignals()
    {
        registrations = new PosixSignalRegistration[Statuses.Length];
        for (int i = 0; i < registrations.Length; i++)
        {
            int status = Statuses[i].Status;
            registrations[i] = PosixSignalRegistration.Create(Statuses[i].Signal, context => Received(context, status));
        }
    }

    public CancellationToken Token => source.Token;

    // The status of a run that ended so: one that was interrupted tells by what.
    public int Of(int status) => status == ExitStatus.Interrupted && first != 0 ? first : status;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
    }

    void Received(PosixSignalContext context, int status)
    {
        if (Interlocked.CompareExchange(ref first, status, 0) != 0)
            return;
        context.Cancel = true;
        source.Cancel();
    }
}
