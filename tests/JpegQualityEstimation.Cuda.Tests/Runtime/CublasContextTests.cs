using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Runtime;

public sealed class CublasContextTests
{
    public static TheoryData<string> Cases { get; } = ["plain", "left transposed", "right transposed", "both transposed", "pitched", "batch", "batch of one left", "one by one"];

    static GemmShape Shape(string name) => name switch
    {
        "plain" => new(5, 7, 11),
        "left transposed" => new(6, 4, 9) { TransposeA = true },
        "right transposed" => new(6, 4, 9) { TransposeB = true },
        "both transposed" => new(3, 8, 5) { TransposeA = true, TransposeB = true },
        "pitched" => new(4, 5, 6) { APitch = 10, BPitch = 9, CPitch = 7 },
        "batch" => new(4, 3, 5) { Batch = 3, AStep = 25, BStep = 15, CStep = 13, TransposeB = true },
        "batch of one left" => new(4, 6, 5) { Batch = 3, AStep = 0, BStep = 30, CStep = 24 },
        _ => new(1, 1, 1),
    };

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void FloatTimesFloat(string name) => Run<float, float>(Shape(name), v => v, v => v, v => v);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void RoundedFloats(string name) => Run<float, float>(Shape(name) with { Precision = ComputePrecision.TensorFloat32 }, v => v, v => v, v => v);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Halves(string name) => Run<Half, Half>(Shape(name), v => (Half)v, v => (Half)v, v => (float)v);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void HalvesToFloats(string name) => Run<Half, float>(Shape(name), v => (Half)v, v => v, v => v);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void BFloat16ToFloats(string name) => Run<BFloat16, float>(Shape(name), v => (BFloat16)v, v => v, v => v);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void BFloat16s(string name) => Run<BFloat16, BFloat16>(Shape(name), v => (BFloat16)v, v => (BFloat16)v, v => (float)v);

    static void Run<TIn, TOut>(GemmShape shape, Func<float, TIn> storeIn, Func<float, TOut> storeOut, Func<TOut, float> load)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using CublasContext? cublas = runtime.CreateCublas(stream);
        Skip.If(cublas is null, runtime.WithoutCublas);
        float[] a = ConvolutionReference.Random(100, 1, 2), b = ConvolutionReference.Random(100, 2, 2), c = ConvolutionReference.Random(100, 3, 3);
        using DeviceBuffer<TIn> da = stream.Rent<TIn>(100), db = stream.Rent<TIn>(100);
        using DeviceBuffer<TOut> dc = stream.Rent<TOut>(100);
        stream.Upload<TIn>([.. a.Select(storeIn)], da);
        stream.Upload<TIn>([.. b.Select(storeIn)], db);
        foreach ((float alpha, float beta) in (ReadOnlySpan<(float, float)>)[(1, 0), (2, 1), (-1, 2)])
        {
            stream.Upload<TOut>([.. c.Select(storeOut)], dc);
            cublas!.Gemm(shape, da.Span, db.Span, dc.Span, alpha, beta);
            TOut[] read = new TOut[100];
            stream.Download<TOut>(dc, read);
            Assert.Equal(Reference(shape, a, b, c, alpha, beta), read.Select(load));
        }
    }

    static float[] Reference(GemmShape s, float[] a, float[] b, float[] c, float alpha, float beta)
    {
        float[] result = (float[])c.Clone();
        for (int batch = 0; batch < s.Batch; batch++)
            for (int m = 0; m < s.M; m++)
                for (int n = 0; n < s.N; n++)
                {
                    float sum = 0;
                    for (int k = 0; k < s.K; k++)
                        sum += a[batch * s.AStep + (s.TransposeA ? k * s.ARow + m : m * s.ARow + k)] * b[batch * s.BStep + (s.TransposeB ? n * s.BRow + k : k * s.BRow + n)];
                    long at = batch * s.CStep + m * s.CRow + n;
                    result[at] = alpha * sum + beta * c[at];
                }
        return result;
    }

    [SkippableFact]
    public void WhatDoesNotFitIsRefused()
    {
        using CudaRuntime runtime = TestDevice.Open();
        using CudaStream stream = runtime.CreateStream();
        using CublasContext? cublas = runtime.CreateCublas(stream);
        Skip.If(cublas is null, runtime.WithoutCublas);
        using DeviceBuffer<float> a = stream.Rent<float>(12), b = stream.Rent<float>(12), c = stream.Rent<float>(8);
        var e = Assert.Throws<ArgumentException>(() => cublas!.Gemm(new GemmShape(3, 3, 4), a.Span, b.Span, c.Span));
        Assert.StartsWith("C has 8 elements, 9 are needed", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => cublas!.Gemm(new GemmShape(2, 2, 4) { APitch = 3 }, a.Span, b.Span, c.Span));
        Assert.Throws<NotSupportedException>(() => cublas!.Gemm(new GemmShape(1, 1, 1), a.Span.As<int>(), b.Span.As<int>(), c.Span));
    }
}
