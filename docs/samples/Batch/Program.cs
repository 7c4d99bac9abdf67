using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

// A batch job: every file of a folder, one estimator for all, one line each as it is done; a broken file costs its line, not the job.
//   dotnet run -c Release --project docs/samples/Batch -- photos

using IQualityMapEstimator estimator = QualityMapEstimator.Create(new() { Threads = 1 });
int failed = 0;
object turn = new();
Parallel.ForEach(Directory.EnumerateFiles(args[0]).Order(StringComparer.Ordinal), path =>
{
    string line;
    try
    {
        QualityMap map = estimator.Estimate(ImageFile.Read(path).View);
        line = string.Create(CultureInfo.InvariantCulture, $"{path}\t{map.Verdict}\t{map.ReliableQuality:F1}");
    }
    catch (Exception e) when (e is ImageFormatException or IOException)
    {
        Interlocked.Increment(ref failed);
        line = $"{path}\terror\t{(e is ImageFormatException image ? image.Reason : e.Message)}";
    }
    lock (turn)
        Console.WriteLine(line);
});
return failed == 0 ? 0 : 1;
