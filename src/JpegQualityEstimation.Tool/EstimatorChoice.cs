using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Tool;

// --model, --device and --threads turned into an estimator; whatever is wrong with them ends the run before it starts.
static class EstimatorChoice
{
    public static IQualityMapEstimator Open(string? model, ComputeDevice device, int threads)
    {
        try
        {
            return QualityMapEstimator.Create(new QualityMapEstimatorOptions { ModelPath = model, Device = device, Threads = threads });
        }
        catch (DeviceUnavailableException e)
        {
            throw DeviceChoice.Refusal(e);
        }
        catch (Exception e) when (e is WeightsFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--model {model}: {Failure.Of(e)}");
        }
        catch (Exception e) when (e is InvalidOperationException or TypeInitializationException)
        {
            // No bundled weights, or JQE_CPU_KERNELS asks for what is not there.
            throw new UsageException(Failure.Of(e).Message);
        }
    }
}
