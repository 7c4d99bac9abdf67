using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace JpegQualityEstimation.Benchmarks;

/// <summary>A column of what a <see cref="WorkAttribute"/> says and the median time; "-" where it says nothing.</summary>
sealed class WorkColumn(string name, string legend, Func<WorkAttribute, double, string?> cell) : IColumn
{
    public static IColumn[] All { get; } =
    [
        new WorkColumn("Rate", "work of one call divided by the median time", (work, s) => Text($"{work.Amount / s:F1} {work.Unit}/s")),
        new WorkColumn("GFLOP/s", "arithmetic of the definition divided by the median time",
            (work, s) => work.GigaFlop == 0 ? null : Text($"{work.GigaFlop / s:F1}")),
        new WorkColumn("Of peak", "that, held to the multiply-add peak of the same run on as many threads (above 1: the arithmetic is less than the definition's)",
            (work, s) => work.GigaFlop == 0 ? null : Text($"{work.GigaFlop / s / PeakLoop.Rate(work.Threads):F2}")),
        new WorkColumn("Result", "bytes that the caller keeps, of those allocated", (work, _) => work.ResultBytes < 0 ? null : Text($"{work.ResultBytes} B")),
    ];

    public string Id => $"{nameof(WorkColumn)}.{name}";

    public string ColumnName => name;

    public bool AlwaysShow => false;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => false;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => legend;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(one => Work(one) is { } work && cell(work, 1) is not null);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        Work(benchmarkCase) is { } work && summary[benchmarkCase]?.ResultStatistics?.Median is { } nanoseconds ? cell(work, nanoseconds / 1e9) ?? "-" : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    static WorkAttribute? Work(BenchmarkCase one) => one.Descriptor.WorkloadMethod.GetCustomAttribute<WorkAttribute>();

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
