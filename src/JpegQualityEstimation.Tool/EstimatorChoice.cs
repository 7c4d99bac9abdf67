using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// --model, --device, --precision and --threads turned into an estimator; whatever is wrong with them ends the run before it starts.
static class EstimatorChoice
{
    public static IQualityMapEstimator Open(string? model, ComputeDevice device, int threads, ComputePrecision precision = default, bool networkOnly = false)
    {
        var options = new QualityMapEstimatorOptions
        {
            Network = ModelChoice.Load(model), Device = device, Threads = threads, Precision = precision, NetworkOnly = networkOnly,
        };
        try
        {
            return QualityMapEstimator.Create(options);
        }
        catch (DeviceUnavailableException e)
        {
            throw DeviceChoice.Refusal(e);
        }
        catch (DeviceException e)
        {
            throw new UsageException($"{device} does not work: {e.Message}");
        }
        catch (TypeInitializationException e)
        {
            // JQE_CPU_KERNELS asks for what is not there.
            throw new UsageException(Failure.Of(e).Message);
        }
    }
}
