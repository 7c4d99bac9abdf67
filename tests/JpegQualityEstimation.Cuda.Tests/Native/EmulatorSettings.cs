using System.Runtime.InteropServices;
using System.Text;

namespace JpegQualityEstimation.Cuda.Tests.Native;

// Settings of the emulated GPU for the time of one test: it reads its environment once, and .NET's is not the process's.
sealed unsafe class EmulatorSettings : IDisposable
{
    /// <summary>Tests that change settings take turns.</summary>
    public const string Collection = "emulator settings";

    readonly string[] changed;

    /// <param name="settings">Names without "JQE_EMULATOR_" and values: ("ORDER", "reverse").</param>
    public EmulatorSettings(params (string Name, string Value)[] settings)
    {
        changed = [.. settings.Select(setting => setting.Name)];
        foreach ((string name, string value) in settings)
            Set(name, value);
    }

    public void Dispose()
    {
        foreach (string name in changed)
            Set(name, "");
    }

    static void Set(string name, string value)
    {
        nint library = NativeLibrary.Load(TestDevice.Emulator!);
        var set = (delegate* unmanaged<byte*, byte*, int>)NativeLibrary.GetExport(library, "jqe_emulator_set");
        fixed (byte* first = Text($"JQE_EMULATOR_{name}"), second = Text(value))
        {
            if (set(first, second) != 0)
                throw new ArgumentException($"the emulated GPU has no setting {name}");
        }
    }

    static byte[] Text(string text) => [.. Encoding.ASCII.GetBytes(text), 0];
}
