using System.Globalization;
using System.Text;
using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Runtime;

// KernelFunction: a kernel of a loaded module, with what the device says of it. Thread-safe; lives as long as its module.
sealed unsafe class KernelFunction
{
    // What a launch may take of dynamic shared memory without asking for more.
    const int DynamicSharedByDefault = 48 * 1024;

    readonly LoadedModuleHandle module;
    readonly nint function;
    readonly KernelArgumentKind[]? parameters;
    readonly Lock gate = new();
    int dynamicShared;

    internal KernelFunction(LoadedModuleHandle module, string moduleName, string name, KernelArgumentKind[]? parameters)
    {
        this.module = module;
        this.parameters = parameters;
        Name = name;
        module.Context.MakeCurrent();
        byte[] text = [.. Encoding.ASCII.GetBytes(name), 0];
        nint found;
        fixed (byte* first = text)
            Check.Ok(CudaDriver.cuModuleGetFunction(&found, module.Pointer, first), $"kernel {name} of module {moduleName}");
        function = found;
        MaxThreads = Attribute(FunctionAttribute.MaxThreadsPerBlock);
        StaticShared = Attribute(FunctionAttribute.SharedSizeBytes);
        Registers = Attribute(FunctionAttribute.RegisterCount);
        LocalBytes = Attribute(FunctionAttribute.LocalSizeBytes);
        dynamicShared = DynamicSharedByDefault - StaticShared;
    }

    public string Name { get; }

    /// <summary>Most threads of a block.</summary>
    public int MaxThreads { get; }

    /// <summary>Bytes of shared memory that every block takes.</summary>
    public int StaticShared { get; }

    public int Registers { get; }

    /// <summary>Bytes of local memory a thread: above 0 where registers are spilled.</summary>
    public int LocalBytes { get; }

    /// <summary>Blocks of this size that one multiprocessor holds at once.</summary>
    public int ActiveBlocks(int threads, int dynamicBytes = 0)
    {
        module.Context.MakeCurrent();
        Allow(dynamicBytes);
        int blocks;
        Check.Ok(CudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, Pointer, threads, (nuint)dynamicBytes), Name);
        return blocks;
    }

    internal nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(module.IsDisposed, this);
            return function;
        }
    }

    /// <summary>Lets launches take that much dynamic shared memory; the context is current.</summary>
    internal void Allow(int dynamicBytes)
    {
        if (dynamicBytes <= Volatile.Read(ref dynamicShared))
            return;
        lock (gate)
        {
            if (dynamicBytes <= dynamicShared)
                return;
            Check.Ok(CudaDriver.cuFuncSetAttribute(Pointer, FunctionAttribute.MaxDynamicSharedSizeBytes, dynamicBytes),
                string.Create(CultureInfo.InvariantCulture, $"kernel {Name}, {dynamicBytes} bytes of dynamic shared memory beside {StaticShared} static ones"));
            dynamicShared = dynamicBytes;
        }
    }

    /// <summary>Refuses arguments that the kernel does not take.</summary>
    internal void CheckArguments(ReadOnlySpan<KernelArgument> arguments)
    {
        if (parameters is null)
            return;
        if (arguments.Length != parameters.Length)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"kernel {Name} takes {parameters.Length} arguments, given {arguments.Length}"));
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Kind != parameters[i])
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"argument {i} of kernel {Name} is {parameters[i]}, given {arguments[i].Kind}"));
        }
    }

    int Attribute(FunctionAttribute attribute)
    {
        int value;
        Check.Ok(CudaDriver.cuFuncGetAttribute(&value, attribute, function), Name);
        return value;
    }
}
