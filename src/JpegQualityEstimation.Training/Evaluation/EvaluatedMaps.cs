using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

// EvaluatedMaps: the quality maps that all models of an evaluation make of a picture. A network that is measured both as served
// and alone runs once; the grid of the last compression, which is the picture's and not the network's, is looked for once.
sealed class EvaluatedMaps : IDisposable
{
    readonly EvaluatedModel[] models;
    readonly int[] networkOf;
    readonly IQualityMapEstimator[] networks;

    public EvaluatedMaps(IReadOnlyList<EvaluatedModel> models)
    {
        this.models = [.. models];
        var distinct = new List<QualityNetwork>();
        networkOf = [.. models.Select(model => Number(distinct, model.Network))];
        networks = [.. distinct.Select(network => QualityMapEstimator.Create(new QualityMapEstimatorOptions { Network = network, Threads = 1, NetworkOnly = true }))];
    }

    /// <summary>Makes the maps of a picture: those that an estimator of each model would make.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="take">Given the number of a model and its map, in order of the models.</param>
    /// <param name="cancellation">Stops the work.</param>
    public void Estimate(PixelView picture, Action<int, QualityMap> take, CancellationToken cancellation)
    {
        var alone = new QualityMap[networks.Length];
        for (int n = 0; n < networks.Length; n++)
            alone[n] = networks[n].Estimate(picture, cancellationToken: cancellation);
        LastCompressionTrace? trace = models.All(model => model.NetworkOnly) ? null : LastCompressionTrace.Of(picture, threads: 1, cancellation);
        for (int m = 0; m < models.Length; m++)
            take(m, models[m].NetworkOnly ? alone[networkOf[m]] : trace!.Fuse(alone[networkOf[m]]));
    }

    public void Dispose()
    {
        foreach (IQualityMapEstimator network in networks)
            network.Dispose();
    }

    static int Number(List<QualityNetwork> distinct, QualityNetwork network)
    {
        int number = distinct.FindIndex(other => other.Parameters.AsSpan().SequenceEqual(network.Parameters) && other.Calibration == network.Calibration);
        if (number >= 0)
            return number;
        distinct.Add(network);
        return distinct.Count - 1;
    }
}
