namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>A number the JIT knows: channel counts and block shapes become constants of the compiled kernel.</summary>
interface IConstant
{
    static abstract int Value { get; }
}

readonly struct None : IConstant
{
    public static int Value => 0;
}

readonly struct One : IConstant
{
    public static int Value => 1;
}

readonly struct Two : IConstant
{
    public static int Value => 2;
}

readonly struct Three : IConstant
{
    public static int Value => 3;
}

readonly struct Four : IConstant
{
    public static int Value => 4;
}

readonly struct Eight : IConstant
{
    public static int Value => 8;
}

readonly struct SixtyFour : IConstant
{
    public static int Value => 64;
}
