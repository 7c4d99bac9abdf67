namespace JpegQualityEstimation.Jpeg;

/// <summary>One component of a frame and the sizes that follow from its sampling (T.81 A.1.1, A.2.3).</summary>
sealed class FrameComponent
{
    public FrameComponent(int id, int horizontal, int vertical, int tableIndex)
    {
        Id = id;
        Horizontal = horizontal;
        Vertical = vertical;
        TableIndex = tableIndex;
    }

    public int Id { get; }
    public int Horizontal { get; }
    public int Vertical { get; }
    public int TableIndex { get; }

    /// <summary>Samples a row and rows that belong to the picture.</summary>
    public int Width { get; private set; }
    public int Height { get; private set; }

    /// <summary>Blocks that hold at least one sample of the picture: what a scan of this component alone codes.</summary>
    public int WidthInBlocks { get; private set; }
    public int HeightInBlocks { get; private set; }

    /// <summary>Blocks up to whole minimum coded units: what an interleaved scan codes.</summary>
    public int BlocksAcross { get; private set; }
    public int BlocksDown { get; private set; }

    /// <summary>The table in force at this component's first scan; null before it.</summary>
    public QuantTable? Table { get; set; }

    public void Fit(JpegFrame frame)
    {
        Width = CeilingDivide((long)frame.Width * Horizontal, frame.MaxHorizontal);
        Height = CeilingDivide((long)frame.Height * Vertical, frame.MaxVertical);
        WidthInBlocks = CeilingDivide((long)frame.Width * Horizontal, frame.MaxHorizontal * 8);
        HeightInBlocks = CeilingDivide((long)frame.Height * Vertical, frame.MaxVertical * 8);
        BlocksAcross = frame.McusAcross * Horizontal;
        BlocksDown = frame.McusDown * Vertical;
    }

    internal static int CeilingDivide(long a, int b) => (int)((a + b - 1) / b);
}

/// <summary>What a SOFn segment says (T.81 B.2.2).</summary>
sealed class JpegFrame
{
    public JpegFrame(byte marker, int width, int height, FrameComponent[] components)
    {
        Marker = marker;
        Width = width;
        Height = height;
        Components = components;
        foreach (FrameComponent component in components)
        {
            MaxHorizontal = Math.Max(MaxHorizontal, component.Horizontal);
            MaxVertical = Math.Max(MaxVertical, component.Vertical);
        }
        McusAcross = FrameComponent.CeilingDivide(width, MaxHorizontal * 8);
        McusDown = FrameComponent.CeilingDivide(height, MaxVertical * 8);
        foreach (FrameComponent component in components)
            component.Fit(this);
    }

    public byte Marker { get; }
    public int Width { get; }
    public int Height { get; }
    public FrameComponent[] Components { get; }
    public int MaxHorizontal { get; }
    public int MaxVertical { get; }

    /// <summary>Interleaved minimum coded units; one row of them is MaxVertical * 8 rows of the picture.</summary>
    public int McusAcross { get; }
    public int McusDown { get; }

    public bool Progressive => Marker == JpegMarker.Sof2;

    /// <summary>Blocks that the scans must code at least.</summary>
    public long Blocks
    {
        get
        {
            long blocks = 0;
            foreach (FrameComponent component in Components)
                blocks += (long)component.WidthInBlocks * component.HeightInBlocks;
            return blocks;
        }
    }

    public static JpegFrame Read(byte marker, int markerOffset, ref JpegStream stream)
    {
        if (JpegMarker.WhyNot(marker) is { } reason)
            throw stream.Unsupported(markerOffset, $"{reason} is not read");
        JpegSegment segment = stream.ReadSegment("SOF");
        int precision = segment.Byte();
        if (precision != 8)
            throw segment.Unsupported($"{precision}-bit samples are not read");
        int height = segment.Word();
        int width = segment.Word();
        int count = segment.Byte();
        if (height == 0)
            throw segment.Unsupported("a frame whose height is told later (DNL) is not read");
        if (width == 0)
            throw segment.Corrupt("the frame has width 0");
        if (count is 0 or 2 or > 4)
            throw segment.Unsupported($"a frame of {count} components is not read");
        var components = new FrameComponent[count];
        for (int i = 0; i < count; i++)
        {
            int id = segment.Byte();
            int sampling = segment.Byte();
            int table = segment.Byte();
            if (sampling >> 4 is < 1 or > 4 || (sampling & 15) is < 1 or > 4)
                throw segment.Corrupt($"component {id} has sampling factors {sampling >> 4}x{sampling & 15}");
            if (table > 3)
                throw segment.Corrupt($"component {id} names quantization table {table}");
            components[i] = new FrameComponent(id, sampling >> 4, sampling & 15, table);
        }
        segment.ExpectEnd();
        return new JpegFrame(marker, width, height, components);
    }
}
