using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Tool;

// --model, --device, --precision and --threads turned into an estimator of primary quantization; whatever is wrong with them ends the
// run before it starts. --model takes a file, or the name of a bundled or specialised model where there is no such file.
// Tests give what makes estimators; it then stands for a bundled model, too.
sealed class PrimaryEstimatorChoice(Func<PrimaryQuantEstimatorOptions, IPrimaryQuantEstimator>? made)
{
    readonly Func<PrimaryQuantEstimatorOptions, IPrimaryQuantEstimator> create = made ?? PrimaryQuantEstimator.Create;

    // Whether Open succeeds without a model's name.
    public bool HasDefault => made is not null || PrimaryNetworks.BundledNames.Count > 0;

    public IPrimaryQuantEstimator Open(string option, string? model, ComputeDevice device, int threads, ComputePrecision precision = default)
    {
        try
        {
            bool named = model is not null && PrimaryModelName.Means(model);
            return create(new PrimaryQuantEstimatorOptions
            {
                ModelPath = named ? null : model,
                Network = named ? PrimaryModelName.Load(model!) : null,
                Device = device,
                Threads = threads,
                Precision = precision,
            });
        }
        catch (DeviceUnavailableException e)
        {
            throw DeviceChoice.Refusal(e);
        }
        catch (DeviceException e)
        {
            throw new UsageException($"{device} does not work: {e.Message}");
        }
        catch (Exception e) when (e is WeightsFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option} {model}: {Failure.Of(e)}");
        }
        catch (InvalidOperationException e)
        {
            throw new UsageException(e.Message);
        }
        catch (TypeInitializationException e)
        {
            // JQE_CPU_KERNELS asks for what is not there.
            throw new UsageException(Failure.Of(e).Message);
        }
    }
}
