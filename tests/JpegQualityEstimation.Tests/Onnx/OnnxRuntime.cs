using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace JpegQualityEstimation.Tests.Onnx;

// OnnxRuntime: ONNX Runtime through Node.js and its package onnxruntime-node, in the node_modules folder that
// JQE_ONNXRUNTIME_NODE names; skips the test with a reason where it is absent.
static class OnnxRuntime
{
    const string Variable = "JQE_ONNXRUNTIME_NODE";

    const string Script = """
        const { readFileSync, writeFileSync } = require('node:fs');
        const [modules, model, input, dims, output] = process.argv.slice(1);
        const ort = require(require('node:path').resolve(modules, 'onnxruntime-node'));
        (async () => {
          const session = await ort.InferenceSession.create(model);
          const file = readFileSync(input);
          const values = new Float32Array(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
          const results = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', values, dims.split(',').map(Number)) });
          for (const name of session.outputNames)
            writeFileSync(`${output}.${name}`, Buffer.from(results[name].data.buffer, results[name].data.byteOffset, results[name].data.byteLength));
        })().catch(e => { console.error(e); process.exit(1); });
        """;

    public static void SkipWithout()
    {
        string? modules = Environment.GetEnvironmentVariable(Variable);
        Skip.If(string.IsNullOrEmpty(modules), $"{Variable} names no node_modules folder with onnxruntime-node");
        Skip.IfNot(Directory.Exists(Path.Combine(modules!, "onnxruntime-node")), $"{Variable}: no onnxruntime-node in {modules}");
    }

    /// <summary>The named outputs of a model with one input.</summary>
    public static float[][] Run(Action<Stream> write, float[] values, int[] shape, params string[] outputs)
    {
        string folder = Directory.CreateTempSubdirectory("jqe-onnx-").FullName;
        try
        {
            string model = Path.Combine(folder, "model.onnx"), input = Path.Combine(folder, "input"), output = Path.Combine(folder, "output");
            using (FileStream stream = File.Create(model))
                write(stream);
            File.WriteAllBytes(input, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
            using Process process = Process.Start(new ProcessStartInfo("node",
                ["-e", Script, Environment.GetEnvironmentVariable(Variable)!, model, input, string.Join(',', shape), output]) { RedirectStandardError = true })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors);
            return [.. outputs.Select(name => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes($"{output}.{name}")).ToArray())];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
