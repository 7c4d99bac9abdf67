using JpegQualityEstimation.DependencyInjection;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

// A web service: POST /quality with a picture as its body answers its quality, flag and verdict as JSON.
//   dotnet run -c Release --project docs/samples/WebApi -- --urls http://127.0.0.1:5080
//   curl --data-binary @photo.jpg http://127.0.0.1:5080/quality

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddJpegQualityEstimation();
WebApplication app = builder.Build();

app.MapPost("/quality", async (HttpRequest request, IQualityMapEstimator estimator, CancellationToken stopped) =>
{
    using var file = new MemoryStream();
    await request.Body.CopyToAsync(file, stopped);
    try
    {
        ImageBuffer picture = ImageFile.Read(file.ToArray(), "upload");
        QualityMap map = estimator.Estimate(picture.View, cancellationToken: stopped);
        return Results.Ok(new { map.Width, map.Height, map.MeanQuality, map.MeanCompressed, Verdict = map.Verdict.ToString(), map.ReliableShare });
    }
    catch (ImageFormatException e)
    {
        return Results.BadRequest(new { Code = e.Code.ToString(), e.Reason });
    }
});

app.Run();
