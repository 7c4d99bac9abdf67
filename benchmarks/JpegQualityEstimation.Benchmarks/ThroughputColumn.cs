using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace JpegQualityEstimation.Benchmarks;

/// <summary>What one call does, in units of its own: "GFLOP" makes a column of GFLOP/s, "MP" of megapixels a second.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class WorkAttribute(double amount, string unit) : Attribute
{
    public double Amount { get; } = amount;

    public string Unit { get; } = unit;
}

/// <summary>Work divided by the median time.</summary>
sealed class ThroughputColumn : IColumn
{
    public string Id => nameof(ThroughputColumn);

    public string ColumnName => "Rate";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => false;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "work of one call divided by the median time";

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        WorkAttribute? work = benchmarkCase.Descriptor.WorkloadMethod.GetCustomAttribute<WorkAttribute>();
        double? nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Median;
        if (work is null || nanoseconds is null)
            return "-";
        return string.Create(CultureInfo.InvariantCulture, $"{work.Amount / nanoseconds.Value * 1e9:F1} {work.Unit}/s");
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
}
