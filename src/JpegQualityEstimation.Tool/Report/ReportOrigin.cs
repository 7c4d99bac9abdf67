namespace JpegQualityEstimation.Tool.Report;

// ReportOrigin: how a report came about. Made and Milliseconds are all that differs between two reports of one input.
// Sha256: of the weight file, null where there is none.
sealed record ReportOrigin(
    DateTimeOffset Made, double Milliseconds, string Version, string Runtime, string Kernels, string Device, string Precision,
    ReportModel QualityModel, ReportModel? PrimaryModel, int Stride, string Command);

sealed record ReportModel(string Name, string? Sha256);
