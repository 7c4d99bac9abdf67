using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Tool;

// Standard output as a stream that tells when its reader has gone. The runtime's own swallows that, and a run over a
// million pictures would go on into nothing. On Unix write(2), one call for what a writer flushes: a line that fits a pipe's
// atomic write stays whole beside those of other processes. A full pipe is waited for, until stop is asked for;
// so is one whose other end made it non-blocking. Standard error the same way, but nobody is told that it cannot be written.
// Windows has the runtime's streams. System.Console, which costs a start 3 ms, is loaded there only.
sealed partial class StandardOutput : Stream
{
    const int Output = 1, Error = 2;
    const short PollOut = 4;
    const int Interrupted = 4;
    const int BrokenPipe = 32;
    const int WaitMilliseconds = 100;

    // EAGAIN.
    static readonly int TryAgain = OperatingSystem.IsLinux() ? 11 : 35;

    readonly int descriptor;
    readonly CancellationToken stop;
    bool failed;

    StandardOutput(int descriptor, CancellationToken stop) => (this.descriptor, this.stop) = (descriptor, stop);

    // Whether standard error is a terminal.
    public static bool IsErrorTerminal => OperatingSystem.IsWindows() ? !OnWindows.IsErrorRedirected : IsTerminal(Error) == 1;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static Stream Open(CancellationToken stop) => OperatingSystem.IsWindows() ? OnWindows.Output() : new StandardOutput(Output, stop);

    public static Stream OpenError(CancellationToken stop) => OperatingSystem.IsWindows() ? OnWindows.Error() : new StandardOutput(Error, stop);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    // After a failure, which the caller has been told, nothing is written: a writer that is disposed of flushes once more.
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0 && !failed)
        {
            if (!Wait())
                return;
            nint written = WriteBytes(descriptor, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
            int error = Marshal.GetLastPInvokeError();
            if (written >= 0)
                buffer = buffer[(int)written..];
            else if (error != Interrupted && error != TryAgain)
                Fail(error);
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    void Fail(int error)
    {
        failed = true;
        if (descriptor == Error)
            return;
        throw error == BrokenPipe
            ? new OutputException("nobody reads standard output any more", ExitStatus.ReaderGone)
            : new OutputException($"standard output: {Marshal.GetPInvokeErrorMessage(error)}", ExitStatus.OutputFailed);
    }

    // Until something can be written, or the write will say why not; false where that is waited for no longer.
    bool Wait()
    {
        var request = new PollRequest { Descriptor = descriptor, Events = PollOut };
        while (Poll(ref request, 1, WaitMilliseconds) <= 0)
        {
            failed = stop.IsCancellationRequested;
            if (failed && descriptor == Error)
                return false;
            stop.ThrowIfCancellationRequested();
        }
        return true;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteBytes(int descriptor, ref byte bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollRequest requests, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsTerminal(int descriptor);

    static class OnWindows
    {
        public static bool IsErrorRedirected => Console.IsErrorRedirected;

        public static Stream Output() => Console.OpenStandardOutput();

        public static Stream Error() => Console.OpenStandardError();
    }

    // struct pollfd.
    struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
