using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

// HeadlessBrowser: Chromium without a window, told what to do through its DevTools protocol; skips the test with a reason
// where none is installed. Events keeps all that the page logs, throws or fetches.
sealed partial class HeadlessBrowser : IDisposable
{
    static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    // On a machine with other work.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    readonly string profile = Directory.CreateTempSubdirectory("jqe-browser-").FullName;
    readonly ClientWebSocket socket = new();
    readonly CancellationTokenSource patience = new(Patience);
    readonly Process process;
    int calls;
    string? session;

    public HeadlessBrowser()
    {
        process = Process.Start(new ProcessStartInfo(Find()!,
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--window-size=1200,900",
                $"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            // Both pipes are read to the end: a full one would stop the browser.
            var address = new TaskCompletionSource<Uri>();
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is null)
                    address.TrySetException(new InvalidOperationException("the browser ended before it listened"));
                else if (Address().Match(line.Data) is { Success: true } found)
                    address.TrySetResult(new Uri(found.Value));
            };
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            socket.ConnectAsync(address.Task.WaitAsync(patience.Token).GetAwaiter().GetResult(), patience.Token).GetAwaiter().GetResult();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public List<JsonNode> Events { get; } = [];

    public static void SkipWithout() => Skip.If(Find() is null, "no Chromium is installed (apt-get install chromium)");

    // What the page said or did wrong, and what it asked for beside itself and its own data.
    public string[] Complaints =>
    [
        .. Events.Where(e => Method(e) is "Runtime.consoleAPICalled" or "Runtime.exceptionThrown" or "Log.entryAdded").Select(e => e.ToJsonString()),
        .. Events.Where(e => Method(e) == "Network.requestWillBeSent")
            .Select(e => e["params"]!["request"]!["url"]!.GetValue<string>())
            .Where(url => !url.StartsWith("data:", StringComparison.Ordinal) && !url.StartsWith("file:", StringComparison.Ordinal)),
    ];

    public void Open(string file, bool script = true)
    {
        string target = Call("Target.createTarget", new JsonObject { ["url"] = "about:blank" })["targetId"]!.GetValue<string>();
        session = Call("Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true })["sessionId"]!.GetValue<string>();
        foreach (string domain in (string[])["Runtime", "Log", "Page", "Network"])
            Call($"{domain}.enable");
        Call("Emulation.setScriptExecutionDisabled", new JsonObject { ["value"] = !script });
        Events.Clear();
        Call("Page.navigate", new JsonObject { ["url"] = new Uri(file).AbsoluteUri });
        while (!Events.Any(e => Method(e) == "Page.loadEventFired"))
            Receive();
    }

    /// <summary>Value of an expression in the page.</summary>
    public JsonNode? Evaluate(string expression)
    {
        JsonNode result = Call("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        Assert.True(result["exceptionDetails"] is null, result.ToJsonString());
        return result["result"]!["value"];
    }

    public JsonNode Call(string method, JsonObject? parameters = null)
    {
        int id = ++calls;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (session is not null)
            message["sessionId"] = session;
        socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, patience.Token).GetAwaiter().GetResult();
        while (true)
        {
            JsonNode answer = Receive();
            if (answer["id"]?.GetValue<int>() != id)
                continue;
            Assert.True(answer["error"] is null, $"{method}: {answer.ToJsonString()}");
            return answer["result"]!;
        }
    }

    JsonNode Receive()
    {
        using var text = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        WebSocketReceiveResult part;
        do
        {
            part = socket.ReceiveAsync(buffer, patience.Token).GetAwaiter().GetResult();
            text.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        JsonNode message = JsonNode.Parse(text.ToArray(), documentOptions: new JsonDocumentOptions { MaxDepth = 512 })!;
        if (message["method"] is not null)
            Events.Add(message);
        return message;
    }

    static string? Method(JsonNode message) => message["method"]?.GetValue<string>();

    static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    public void Dispose()
    {
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        patience.Dispose();
        try
        {
            Directory.Delete(profile, recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser may still write for a moment; the folder is a temporary one.
        }
    }

    [GeneratedRegex("ws://[^ ]+")]
    private static partial Regex Address();
}
