using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Training;

/// <summary>What a training run works on.</summary>
public abstract record TrainingOptions
{
    private protected TrainingOptions()
    {
    }

    /// <summary>Folders of never-compressed pictures, subfolders included. JPEG and unreadable files are skipped.</summary>
    public required IReadOnlyList<string> DataFolders { get; init; }

    /// <summary>
    /// The model file, safetensors. Beside it stand NAME.checkpoint.safetensors (to resume from), NAME.csv (the run log)
    /// and NAME.png (the loss curve).
    /// </summary>
    public required string OutputPath { get; init; }

    /// <summary>Where all randomness comes from: same seed, recipe and pictures, same weights.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Minutes after which this run stops, to be resumed or not; null: none.</summary>
    public double? Minutes { get; init; }

    /// <summary>Replaces the recipe's steps, and with them the length of the schedule.</summary>
    public int? Steps { get; init; }

    /// <summary>Threads; they never change the result. With 1, batches are made on the caller's thread too. Default: one for each processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Where the network is trained; batches are made on the processor. A device's results repeat bit for bit, and differ from the
    /// processor's in the last bits. Checkpoints of one go on with the other. Default <see cref="ComputeDevice.Auto"/>.
    /// </summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;

    /// <summary>Arithmetic of a CUDA device; parameters and optimiser are floats in every case. The processor ignores it.</summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>A model file of the same shape whose weights are the start instead of random ones; not looked at when a checkpoint is resumed.</summary>
    public string? From { get; init; }

    /// <summary>Goes on from the checkpoint beside the model where there is one.</summary>
    public bool Resume { get; init; }

    /// <summary>Writes the model's values as 16-bit floats, half the file; the checkpoint stays as it is.</summary>
    public bool HalfPrecision { get; init; }

    /// <summary>Where the run log goes; null: beside the model.</summary>
    public string? LogPath { get; init; }

    /// <summary>Minutes between two checkpoints.</summary>
    public double CheckpointMinutes { get; init; } = 5;

    /// <summary>Told of each file that is not used, with the reason.</summary>
    public Action<string, string>? Skipped { get; init; }
}

/// <summary>What a training run came to.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="Step">Updates done, over all runs.</param>
/// <param name="Pictures">Pictures that patches were cut from.</param>
/// <param name="HeldOut">Pictures kept for the validation loss.</param>
/// <param name="DataManifest">SHA-256 over names and hashes of all pictures, lower-case hex.</param>
/// <param name="Device">Where the network was trained.</param>
/// <param name="DeviceReason">Why there: one sentence.</param>
public sealed record TrainingResult(
    TrainingEnd End, long Step, int Pictures, int HeldOut, string DataManifest, ComputeDevice Device, string DeviceReason);
