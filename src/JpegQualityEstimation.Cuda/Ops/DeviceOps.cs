using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

// DeviceOps: every op of one stream, made when it is first asked for, on one scratch buffer. Linear layers take cuBLAS where
// it is given, which stays the caller's; a cap on the blocks of a launch changes no bit. For one thread at a time.
sealed class DeviceOps(CudaStream stream, CublasContext? cublas = null, int mostBlocks = int.MaxValue) : IDisposable
{
    readonly OpContext context = new(stream, mostBlocks);
    ImageOps? images;
    BlockSoftmaxOps? softmax;
    PrimaryLossOps? primaryLoss;
    SquaredErrorOps? squaredError;
    BatchNormOps? batchNorm;
    BiasOps? bias;
    ValueOps? values;
    PoolingOps? pooling;
    DropoutOps? dropout;
    MatrixProductOps? products;
    LinearOps? linear;
    MapOps? maps;

    public OpContext Context => context;

    public ImageOps Images => images ??= new(context);

    public BlockSoftmaxOps Softmax => softmax ??= new(context);

    public PrimaryLossOps PrimaryLoss => primaryLoss ??= new(context);

    public SquaredErrorOps SquaredError => squaredError ??= new(context);

    public BatchNormOps BatchNorm => batchNorm ??= new(context);

    public BiasOps Bias => bias ??= new(context);

    public ValueOps Values => values ??= new(context);

    public PoolingOps Pooling => pooling ??= new(context);

    public DropoutOps Dropout => dropout ??= new(context);

    public MatrixProductOps Products => products ??= new(context);

    public LinearOps Linear => linear ??= new(Products, Bias, cublas);

    public MapOps Maps => maps ??= new(context);

    /// <summary>An optimiser on this stream; the caller disposes of it.</summary>
    public CudaOptimizer CreateOptimizer(int count, int trainable, IReadOnlyList<Engine.ParameterMatrix> matrices) =>
        new(context, Products, count, trainable, matrices);

    public void Dispose() => context.Dispose();
}
