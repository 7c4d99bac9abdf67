using System.Text;
using JpegQualityEstimation.Tool;

using var signals = new StopSignals();
var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
using var input = new StandardInput(() => Console.OpenStandardInput());
// Room for the longest line: it goes out in one write.
using var output = new StreamWriter(StandardOutput.Open(signals.Token), encoding, bufferSize: 1 << 16);
using var error = new StreamWriter(StandardOutput.OpenError(signals.Token), encoding) { AutoFlush = true };
return signals.Of(Application.Run(args, new ToolConsole(input, output, error, StandardOutput.IsErrorTerminal, signals.Token)));
