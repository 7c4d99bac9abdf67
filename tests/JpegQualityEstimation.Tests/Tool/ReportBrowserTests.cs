using System.Globalization;
using System.Text.Json.Nodes;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Tool.Report;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

// The page in a real browser: nothing to complain of, overlays switch, everything is there without script and on paper.
public sealed class ReportBrowserTests : IDisposable
{
    const string Overlay = "document.querySelector('#stack .overlay')";

    readonly ReportScene scene = new();

    public void Dispose() => scene.Dispose();

    string Page()
    {
        string picture = scene.AddJpeg("<b>photo&'\".jpg", 200, 140);
        Assert.Equal(0, scene.Report(picture, "--out", scene["out"]).Status);
        return scene["out/<b>photo&'\".jpg.html"];
    }

    [SkippableFact]
    public void OverlaysSwitchAndNothingIsFetchedOrComplainedOf()
    {
        HeadlessBrowser.SkipWithout();
        string page = Page();
        using var browser = new HeadlessBrowser();
        browser.Open(page);
        Assert.Equal("JPEG history: <b>photo&'\".jpg", Text(browser.Evaluate("document.title")));
        Assert.Equal("CSS1Compat", Text(browser.Evaluate("document.compatMode")));
        Assert.False(Truth(browser.Evaluate("document.getElementById('controls').hidden")));
        Assert.Equal("", Text(browser.Evaluate("Array.from(document.images).filter(i => !(i.complete && i.naturalWidth > 0)).map(i => i.id).join()")));
        foreach (string kind in (string[])["quality", "compressed", "primary", "confidence", "shift", "regions"])
        {
            browser.Evaluate($"document.querySelector('input[value={kind}]').click()");
            browser.Evaluate($"{Overlay}.decode()");
            Assert.True(Truth(browser.Evaluate($"{Overlay}.src === document.getElementById('map-{kind}').src")), kind);
            Assert.True(Truth(browser.Evaluate(
                $"(() => {{ const a = {Overlay}.getBoundingClientRect(), b = document.querySelector('#stack img').getBoundingClientRect(); return a.width > 100 && Math.abs(a.left - b.left) + Math.abs(a.top - b.top) + Math.abs(a.width - b.width) + Math.abs(a.height - b.height) < 1; }})()")), kind);
            Assert.True(Truth(browser.Evaluate("document.getElementById('shown-legend').textContent.length > 0")), kind);
        }
        browser.Evaluate("(() => { const o = document.getElementById('opacity'); o.value = 25; o.dispatchEvent(new Event('input', { bubbles: true })); })()");
        Assert.Equal("0.25", Text(browser.Evaluate($"getComputedStyle({Overlay}).opacity")));
        browser.Evaluate("document.querySelector('input[name=overlay][value=\"\"]').click()");
        Assert.True(Truth(browser.Evaluate($"{Overlay} === null")));
        Assert.True(Truth(browser.Evaluate("document.documentElement.scrollWidth <= window.innerWidth")));
        Assert.Empty(browser.Complaints);
    }

    [SkippableFact]
    public void ThePictureUnderAnOverlayIsTheMap()
    {
        HeadlessBrowser.SkipWithout();
        string page = Page();
        using var browser = new HeadlessBrowser();
        browser.Open(page);
        int without = Mean(browser);
        browser.Evaluate("document.querySelector('input[value=compressed]').click()");
        browser.Evaluate($"{Overlay}.decode()");
        browser.Evaluate("(() => { const o = document.getElementById('opacity'); o.value = 100; o.dispatchEvent(new Event('input', { bubbles: true })); })()");
        int with = Mean(browser);
        Assert.True(Math.Abs(with - without) > 4, $"{without} and {with}");
    }

    // Mean level of what is drawn where the picture is.
    static int Mean(HeadlessBrowser browser)
    {
        browser.Evaluate("document.getElementById('stack').scrollIntoView()");
        JsonNode box = browser.Evaluate("(() => { const b = document.getElementById('stack').getBoundingClientRect(); return { x: b.left + scrollX, y: b.top + scrollY, width: b.width, height: b.height, scale: 1 }; })()")!;
        string data = browser.Call("Page.captureScreenshot", new JsonObject { ["format"] = "png", ["clip"] = box.DeepClone(), ["captureBeyondViewport"] = true })["data"]!.GetValue<string>();
        ImageBuffer shot = ImageFile.Read(Convert.FromBase64String(data), "screenshot");
        return (int)(shot.Pixels.Sum(value => (long)value) / shot.Pixels.Length);
    }

    [SkippableFact]
    public void WithoutScriptAndOnPaperEverythingIsThere()
    {
        HeadlessBrowser.SkipWithout();
        string page = Page();
        using var browser = new HeadlessBrowser();
        browser.Open(page, script: false);
        Assert.Empty(browser.Complaints);
        byte[] pdf = Convert.FromBase64String(browser.Call("Page.printToPDF", new JsonObject { ["printBackground"] = true, ["preferCSSPageSize"] = true })["data"]!.GetValue<string>());
        Assert.True(pdf.AsSpan().StartsWith("%PDF"u8));

        browser.Open(page);
        browser.Evaluate("document.querySelector('input[value=quality]').click()");
        browser.Call("Emulation.setEmulatedMedia", new JsonObject { ["media"] = "print" });
        Assert.Equal("none", Text(browser.Evaluate("getComputedStyle(document.getElementById('controls')).display")));
        Assert.Equal("none", Text(browser.Evaluate($"getComputedStyle({Overlay}).display")));
        Assert.Equal(7, browser.Evaluate("Array.from(document.images).filter(i => i.getBoundingClientRect().width > 20).length")!.GetValue<int>());
        browser.Call("Emulation.setEmulatedMedia", new JsonObject
        {
            ["media"] = "screen",
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = "dark" }),
        });
        Assert.Equal("rgb(21, 24, 28)", Text(browser.Evaluate("getComputedStyle(document.body).backgroundColor")));
        Assert.Empty(browser.Complaints);
    }

    // The policy in the page lets no other script run, wherever it comes from.
    [SkippableFact]
    public void NoOtherScriptRuns()
    {
        HeadlessBrowser.SkipWithout();
        string page = Page();
        File.WriteAllText(page, File.ReadAllText(page).Replace("<main>", "<main><script>window.bad = 1</script><img src=\"x\" onerror=\"window.bad = 2\" />", StringComparison.Ordinal));
        using var browser = new HeadlessBrowser();
        browser.Open(page);
        Assert.True(Truth(browser.Evaluate("window.bad === undefined")));
        Assert.False(Truth(browser.Evaluate("document.getElementById('controls').hidden")));
        Assert.NotEmpty(browser.Complaints);
    }

    static string Text(JsonNode? value) => value!.GetValue<string>();

    static bool Truth(JsonNode? value) => value!.GetValue<bool>();
}
