using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Runtime;

// Small whole numbers: every order of sums gives the same, in every precision.
public sealed class ConvolutionPlanTests
{
    const string None = "cuDNN is not installed";

    public static TheoryData<string> Cases { get; } =
        ["dense", "one by one", "dilated", "unpadded", "concatenated", "part of a wider picture", "three inputs", "one pixel"];

    static ConvolutionGeometry Geometry(string name) => name switch
    {
        "dense" => new(2, 7, 9, 8, 16),
        "one by one" => new(3, 5, 4, 8, 24) { Side = 1 },
        "dilated" => new(1, 12, 11, 16, 8) { Dilation = 3 },
        "unpadded" => new(2, 9, 10, 8, 8) { Dilation = 2, Padding = 0 },
        "concatenated" => new(2, 6, 5, 24, 8) { InputPitch = 40, OutputPitch = 48 },
        "part of a wider picture" => new(1, 6, 7, 8, 8) { InputRow = 11, OutputRow = 9, InputPitch = 16 },
        "three inputs" => new(2, 6, 6, 3, 8),
        _ => new(1, 1, 1, 8, 8),
    };

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Float32(string name) => Run(Geometry(name), v => v, v => v);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void TensorFloat32(string name) => Run(Geometry(name) with { Precision = ComputePrecision.TensorFloat32 }, v => v, v => v);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Float16(string name) => Run(Geometry(name) with { Precision = ComputePrecision.Float16 }, v => (Half)v, v => (float)v);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void BFloat16Stored(string name) => Run(Geometry(name) with { Precision = ComputePrecision.BFloat16 }, v => (BFloat16)v, v => (float)v);

    static void Run<T>(ConvolutionGeometry g, Func<float, T> store, Func<T, float> load)
        where T : unmanaged
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using CudnnContext? cudnn = runtime.CreateCudnn(stream);
        Skip.If(cudnn is null, runtime.WithoutCudnn ?? None);
        ConvolutionPlan plan = cudnn!.Convolution(g);
        Assert.Same(plan, cudnn.Convolution(g));
        var reference = new ConvolutionReference(g);
        float[] x = reference.RandomInput(1), y = reference.RandomOutput(2), w = reference.RandomFilter(3), bias = ConvolutionReference.Random(g.Outputs, 4, 3);
        using DeviceBuffer<T> dx = Put(x), dy = Put(y), dw = Put(w), db = Put(bias);

        Skip.IfNot(plan.Supports(ConvolutionPass.Forward), $"cuDNN declines {g}");
        Assert.Contains("Gemm", plan.AlgorithmName(ConvolutionPass.Forward), StringComparison.Ordinal);
        plan.Forward(dx.Span, dw.Span, dy.Span);
        Assert.Equal(reference.Forward(x, w, y, 0), Get(dy));
        plan.Forward(dx.Span, dw.Span, dy.Span, add: true);
        Assert.Equal(reference.Forward(x, w, reference.Forward(x, w, y, 0), 1), Get(dy));

        plan.ForwardBiasRelu(dx.Span, dw.Span, db.Span, dy.Span);
        Assert.Equal(reference.BiasRelu(reference.Forward(x, w, y, 0), bias), Get(dy));
        Assert.True(plan.IsFused || !runtime.IsEmulated);

        using DeviceBuffer<T> dOut = Put(y), dIn = Put(x), dWeight = Put(w);
        if (plan.Supports(ConvolutionPass.InputGradient))
        {
            plan.InputGradient(dOut.Span, dw.Span, dIn.Span);
            Assert.Equal(reference.InputGradient(y, w, x, 0), Get(dIn));
            plan.InputGradient(dOut.Span, dw.Span, dIn.Span, add: true);
            Assert.Equal(reference.InputGradient(y, w, reference.InputGradient(y, w, x, 0), 1), Get(dIn));
        }
        if (plan.Supports(ConvolutionPass.WeightGradient))
        {
            plan.WeightGradient(dx.Span, dOut.Span, dWeight.Span);
            Assert.Equal(reference.WeightGradient(x, y), Get(dWeight));
        }

        DeviceBuffer<T> Put(float[] values)
        {
            DeviceBuffer<T> buffer = stream.Rent<T>(values.Length);
            stream.Upload<T>([.. values.Select(store)], buffer);
            return buffer;
        }

        float[] Get(DeviceBuffer<T> buffer)
        {
            T[] values = new T[buffer.Length];
            stream.Download<T>(buffer, values);
            return [.. values.Select(load)];
        }
    }

    [SkippableFact]
    public void PlansRunInsideAGraph()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using CudnnContext? cudnn = runtime.CreateCudnn(stream);
        Skip.If(cudnn is null, runtime.WithoutCudnn ?? None);
        ConvolutionGeometry g = Geometry("dense");
        ConvolutionPlan plan = cudnn!.Convolution(g);
        var reference = new ConvolutionReference(g);
        float[] x = reference.RandomInput(1), w = reference.RandomFilter(2), zero = new float[g.OutputStrides.Length(g.Count, g.OutputHeight, g.OutputWidth, g.Outputs)];
        using DeviceBuffer<float> dx = stream.Rent<float>(x.Length), dw = stream.Rent<float>(w.Length), dy = stream.Rent<float>(zero.Length);
        stream.Upload<float>(w, dw);
        plan.Forward(dx.Span, dw.Span, dy.Span);
        using CudaGraph graph = stream.Capture(_ => plan.Forward(dx.Span, dw.Span, dy.Span));
        // A plan that needs more workspace afterwards does not take the graph's away.
        cudnn.Convolution(new ConvolutionGeometry(4, 64, 64, 64, 64));
        stream.Upload<float>(x, dx);
        stream.Launch(graph);
        float[] read = new float[zero.Length];
        stream.Download<float>(dy, read);
        Assert.Equal(reference.Forward(x, w, zero, 0), read);
    }

    [SkippableFact]
    public void WhatDoesNotFitIsRefused()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using CudnnContext? cudnn = runtime.CreateCudnn(stream);
        Skip.If(cudnn is null, runtime.WithoutCudnn ?? None);
        Assert.Throws<ArgumentException>(() => cudnn!.Convolution(new ConvolutionGeometry(1, 2, 2, 8, 8) { Padding = 0 }));
        Assert.Throws<ArgumentException>(() => cudnn!.Convolution(new ConvolutionGeometry(1, 8, 8, 8, 8) { InputPitch = 7 }));
        Assert.Throws<ArgumentException>(() => cudnn!.Convolution(new ConvolutionGeometry(0, 8, 8, 8, 8)));
        ConvolutionPlan plan = cudnn!.Convolution(new ConvolutionGeometry(1, 4, 4, 8, 8));
        using DeviceBuffer<float> x = stream.Rent<float>(128), w = stream.Rent<float>(576), y = stream.Rent<float>(127);
        var e = Assert.Throws<ArgumentException>(() => plan.Forward(x.Span, w.Span, y.Span));
        Assert.StartsWith("output of 127 elements, 128 are needed", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => plan.Forward(x.Span.As<Half>(), w.Span.As<Half>(), y.Span.As<Half>()));
    }

    [SkippableFact]
    public void ContextsGiveEverythingBack()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        long before = runtime.UsedBytes;
        for (int i = 0; i < 3; i++)
        {
            using CudnnContext? cudnn = runtime.CreateCudnn(stream);
            Skip.If(cudnn is null, runtime.WithoutCudnn ?? None);
            cudnn!.Convolution(Geometry("dense"));
            using CublasContext? cublas = runtime.CreateCublas(stream);
        }
        Assert.Equal(before, runtime.UsedBytes);
    }
}
