using System.Globalization;
using System.Text;
using static JpegQualityEstimation.Training.Evaluation.MarkdownTable;

namespace JpegQualityEstimation.Training.Evaluation;

// The report as Markdown: summary, Table 1, splices, double compression, Figure 2; models side by side.

static class QualityEvaluationMarkdown
{
    static readonly int[] Table1 = [95, 97, 98, 99, 100];

    public static string Render(QualityEvaluationReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Pictures} pictures, manifest `{report.DataManifest}`, seed {report.Seed}.");
        if (report.Models.Any(model => model.NetworkOnly))
            text.Append(CultureInfo.InvariantCulture, $" Networks alone, without evidence of the last grid: {string.Join(", ", report.Models.Where(model => model.NetworkOnly).Select(model => model.Name))}.");
        text.Append("\n\n");
        Summary(text, report);
        Flags(text, report);
        Splices(text, report);
        SpliceBands(text, report);
        Doubles(text, report);
        Figure2(text, report);
        return text.ToString();
    }

    static void Summary(StringBuilder text, QualityEvaluationReport report)
    {
        text.Append("## Image-level quality: mean absolute error\n\n");
        Row(text, ["sampling", "model", "5..100", "10..95", "reliable 5..100", "reliable 10..95"], header: true);
        ForEach(report, (model, sampling, name) => Row(text,
            [name, model.Name, F(sampling.Error), F(sampling.ErrorInner), F(sampling.ReliableError), F(sampling.ReliableErrorInner)]));
        text.Append("\n\"Reliable\" weighs each pixel by its reliability.\n\n");
    }

    static void Flags(StringBuilder text, QualityEvaluationReport report)
    {
        text.Append("## Share called never compressed (mean flag below 0.5; Table 1 of the paper)\n\n");
        int[] qualities = [.. Table1.Where(quality => report.Models[0].Samplings[0].Points.Any(point => point.Quality == quality))];
        Row(text, ["sampling", "model", .. qualities.Select(quality => $"{quality}"), "uncompressed", "flagged at 95 and below", "the same, reliable", "uncompressed, reliable"], header: true);
        ForEach(report, (model, sampling, name) => Row(text,
        [
            name, model.Name,
            .. qualities.Select(quality => F(1 - sampling.Points.First(point => point.Quality == quality).Flagged)),
            F(1 - sampling.NeverCompressed.Flagged), MarkdownTable.Number(sampling.FlaggedAtMost95, 3), MarkdownTable.Number(sampling.ReliableFlaggedAtMost95, 3), F(1 - sampling.NeverCompressed.ReliableFlagged),
        ]));
        text.Append('\n');
    }

    static void Splices(StringBuilder text, QualityEvaluationReport report)
    {
        if (report.Models[0].Samplings.All(sampling => sampling.Splices.Count == 0))
            return;
        text.Append("## Synthetic splices: finding the foreign region\n\n");
        Row(text, ["sampling", "region in picture", "model", "splices", "flag AUC", "flag best F1", "flag F1 at 0.5", "quality AUC", "quality best F1"], header: true);
        ForEachSplice(report, (model, sampling, splice) => Row(text,
        [
            sampling, Name(splice.Kind), model.Name, $"{splice.Count}",
            MarkdownTable.Number(splice.FlagAuc, 3), MarkdownTable.Number(splice.FlagBestF1, 3), MarkdownTable.Number(splice.FlagF1, 3), MarkdownTable.Number(splice.QualityAuc, 3), MarkdownTable.Number(splice.QualityBestF1, 3),
        ]));
        text.Append('\n');
    }

    static void SpliceBands(StringBuilder text, QualityEvaluationReport report)
    {
        if (report.Models[0].Samplings.SelectMany(sampling => sampling.Splices).FirstOrDefault(splice => splice.Bands is not null)?.Bands is not { } bands)
            return;
        text.Append("## Splices by quality of the JPEG part: the flag\n\n");
        Row(text, ["sampling", "region in picture", "model", .. bands.SelectMany(band => new[] { $"{band.Qualities}: AUC", "best F1", "F1 at 0.5" })], header: true);
        ForEachSplice(report, (model, sampling, splice) =>
        {
            if (splice.Bands is not null)
                Row(text, [sampling, Name(splice.Kind), model.Name, .. splice.Bands.SelectMany(b => new[] { MarkdownTable.Number(b.FlagAuc, 3), MarkdownTable.Number(b.FlagBestF1, 3), MarkdownTable.Number(b.FlagF1, 3) })]);
        });
        text.Append('\n');
    }

    static void Doubles(StringBuilder text, QualityEvaluationReport report)
    {
        if (report.Models[0].DoubleCompression.Count == 0)
            return;
        text.Append("## Compressed twice: reading the last quality\n\n");
        Row(text, ["sampling", "grid", "first", "last", .. report.Models.SelectMany(model => new[] { $"{model.Name}: mean", "error", "reliable mean", "error" })], header: true);
        for (int i = 0; i < report.Models[0].DoubleCompression.Count; i++)
        {
            DoubleCompressionPoint at = report.Models[0].DoubleCompression[i];
            Row(text,
            [
                QualityEvaluationFiles.SamplingName(at.Sampling), at.Aligned ? "aligned" : "shifted", $"{at.First}", $"{at.Last}",
                .. report.Models.Select(model => model.DoubleCompression[i]).SelectMany(p => new[] { F(p.Mean), F(p.Error), F(p.ReliableMean), F(p.ReliableError) }),
            ]);
        }
        text.Append('\n');
    }

    static void Figure2(StringBuilder text, QualityEvaluationReport report)
    {
        text.Append("## Mean and standard deviation of the estimate (Figure 2 of the paper)\n\n");
        for (int s = 0; s < report.Models[0].Samplings.Count; s++)
        {
            text.Append(CultureInfo.InvariantCulture, $"### {QualityEvaluationFiles.SamplingName(report.Models[0].Samplings[s].Sampling)}\n\n");
            Row(text, ["quality", .. report.Models.SelectMany(model => new[] { $"{model.Name}: mean", "deviation", "error", "reliable mean", "error" })], header: true);
            for (int i = 0; i <= report.Models[0].Samplings[s].Points.Count; i++)
            {
                bool last = i == report.Models[0].Samplings[s].Points.Count;
                IEnumerable<QualityPoint> points = report.Models.Select(model => last ? model.Samplings[s].NeverCompressed : model.Samplings[s].Points[i]);
                Row(text,
                [
                    last ? "never compressed" : $"{report.Models[0].Samplings[s].Points[i].Quality}",
                    .. points.SelectMany(p => new[] { F(p.Mean), F(p.Deviation), F(p.Error), F(p.ReliableMean), F(p.ReliableError) }),
                ]);
            }
            text.Append('\n');
        }
    }

    static void ForEach(QualityEvaluationReport report, Action<ModelEvaluation, SamplingEvaluation, string> row)
    {
        for (int s = 0; s < report.Models[0].Samplings.Count; s++)
        {
            foreach (ModelEvaluation model in report.Models)
                row(model, model.Samplings[s], QualityEvaluationFiles.SamplingName(model.Samplings[s].Sampling));
        }
    }

    static void ForEachSplice(QualityEvaluationReport report, Action<ModelEvaluation, string, SpliceEvaluation> row)
    {
        for (int s = 0; s < report.Models[0].Samplings.Count; s++)
            for (int k = 0; k < report.Models[0].Samplings[s].Splices.Count; k++)
                foreach (ModelEvaluation model in report.Models)
                    row(model, QualityEvaluationFiles.SamplingName(model.Samplings[s].Sampling), model.Samplings[s].Splices[k]);
    }

    static string Name(SpliceKind kind) => kind switch
    {
        SpliceKind.JpegInNeverCompressed => "JPEG in never compressed",
        SpliceKind.NeverCompressedInJpeg => "never compressed in JPEG",
        _ => "JPEG in JPEG of another quality",
    };

    static string F(double? value) => MarkdownTable.Number(value, 2);
}
