using System.Buffers.Binary;

namespace JpegQualityEstimation.Onnx;

// OnnxGraph: operators, constants, inputs and outputs of a network, gathered in the order in which they run, then written
// as a model. Values are named; a node's only output, or the outputs of a split, carry the names given.
// Source: field numbers of onnx.proto3 (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto) of
// the ONNX project; IR 8, operator set 13.
sealed class OnnxGraph(string name, string description)
{
    public const int OperatorSet = 13;
    const int IntermediateVersion = 8;
    const int FloatElements = 1, Int64Elements = 7;
    const int RealAttribute = 1, WholeAttribute = 2, WholesAttribute = 7;

    readonly OnnxMessage graph = new OnnxMessage().Text(2, name).Text(10, description);

    /// <summary>An operator with one output, which bears the node's name.</summary>
    public string Node(string type, string output, string[] inputs, params OnnxMessage[] attributes) =>
        Node(type, output, inputs, [output], attributes);

    public string Node(string type, string nodeName, string[] inputs, string[] outputs, OnnxMessage[] attributes)
    {
        var node = new OnnxMessage();
        foreach (string input in inputs)
            node.Text(1, input);
        foreach (string output in outputs)
            node.Text(2, output);
        node.Text(3, nodeName).Text(4, type);
        foreach (OnnxMessage attribute in attributes)
            node.Message(5, attribute);
        graph.Message(1, node);
        return outputs[0];
    }

    public static OnnxMessage Whole(string name, long value) =>
        new OnnxMessage().Text(1, name).Number(3, value).Number(20, WholeAttribute);

    public static OnnxMessage Wholes(string name, params ReadOnlySpan<int> values)
    {
        OnnxMessage attribute = new OnnxMessage().Text(1, name);
        foreach (int value in values)
            attribute.Number(8, value);
        return attribute.Number(20, WholesAttribute);
    }

    public static OnnxMessage Real(string name, float value) =>
        new OnnxMessage().Text(1, name).Real(2, value).Number(20, RealAttribute);

    /// <summary>A constant of 32-bit floats, row-major.</summary>
    public string Constant(string name, ReadOnlySpan<int> shape, ReadOnlySpan<float> values)
    {
        byte[] bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        return Constant(name, shape, FloatElements, bytes);
    }

    /// <summary>A constant vector of whole numbers.</summary>
    public string Constant(string name, ReadOnlySpan<int> values)
    {
        byte[] bytes = new byte[8 * values.Length];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), values[i]);
        return Constant(name, [values.Length], Int64Elements, bytes);
    }

    string Constant(string name, ReadOnlySpan<int> shape, int elements, ReadOnlySpan<byte> bytes)
    {
        var tensor = new OnnxMessage();
        foreach (int extent in shape)
            tensor.Number(1, extent);
        graph.Message(5, tensor.Number(2, elements).Text(8, name).Bytes(9, bytes));
        return name;
    }

    /// <summary>What the caller gives; an extent is a number, or the name of one that may be any.</summary>
    public string Input(string name, string meaning, params object[] shape)
    {
        graph.Message(11, Value(name, meaning, shape));
        return name;
    }

    /// <summary>What the caller gets.</summary>
    public void Output(string name, string meaning, params object[] shape) => graph.Message(12, Value(name, meaning, shape));

    static OnnxMessage Value(string name, string meaning, object[] shape)
    {
        var extents = new OnnxMessage();
        foreach (object extent in shape)
            extents.Message(1, extent is int size ? new OnnxMessage().Number(1, size) : new OnnxMessage().Text(2, (string)extent));
        OnnxMessage tensor = new OnnxMessage().Number(1, FloatElements).Message(2, extents);
        return new OnnxMessage().Text(1, name).Message(2, new OnnxMessage().Message(1, tensor)).Text(3, meaning);
    }

    /// <summary>Writes the model: the graph, the operators' version, and texts by key.</summary>
    public void Write(Stream stream, string producerVersion, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        OnnxMessage model = new OnnxMessage()
            .Number(1, IntermediateVersion)
            .Text(2, "JpegQualityEstimation")
            .Text(3, producerVersion)
            .Text(6, description)
            .Message(7, graph)
            .Message(8, new OnnxMessage().Text(1, "").Number(2, OperatorSet));
        foreach ((string key, string value) in metadata)
            model.Message(14, new OnnxMessage().Text(1, key).Text(2, value));
        stream.Write(model.Written());
    }
}
