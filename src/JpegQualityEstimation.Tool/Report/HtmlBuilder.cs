using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace JpegQualityEstimation.Tool.Report;

// HtmlBuilder: a page as text. Add($"<td>{value}</td>"): literal parts are markup, every hole is escaped (a Markup is not),
// numbers in the invariant culture. What is written is well-formed XML too. Not thread-safe.
sealed class HtmlBuilder
{
    readonly StringBuilder text = new();

    public HtmlBuilder Add([InterpolatedStringHandlerArgument("")] ref Fragment fragment) => this;

    /// <summary>Bytes as a data URI, which an attribute takes as it is.</summary>
    public HtmlBuilder AddData(string mediaType, ReadOnlySpan<byte> content)
    {
        text.Append("data:").Append(mediaType).Append(";base64,");
        // Thirds of a whole number of lines: the parts join without padding.
        for (; content.Length > 3 * 4096; content = content[(3 * 4096)..])
            text.Append(Convert.ToBase64String(content[..(3 * 4096)]));
        text.Append(Convert.ToBase64String(content));
        return this;
    }

    public override string ToString() => text.ToString();

    void Escape(string? value)
    {
        foreach (Rune rune in VisibleText.Of(value).EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '&':
                    text.Append("&amp;");
                    break;
                case '<':
                    text.Append("&lt;");
                    break;
                case '>':
                    text.Append("&gt;");
                    break;
                case '"':
                    text.Append("&quot;");
                    break;
                case '\'':
                    text.Append("&#39;");
                    break;
                default:
                    text.Append(rune.ToString());
                    break;
            }
        }
    }

    [InterpolatedStringHandler]
    public readonly ref struct Fragment
    {
        readonly HtmlBuilder html;

        public Fragment(int literalLength, int formattedCount, HtmlBuilder html) => this.html = html;

        public void AppendLiteral(string markup) => html.text.Append(markup);

        public void AppendFormatted(Markup markup) => html.text.Append(markup.Html);

        public void AppendFormatted(string? value) => html.Escape(value);

        public void AppendFormatted<T>(T value, string? format = null)
            where T : IFormattable => html.Escape(value.ToString(format, CultureInfo.InvariantCulture));
    }
}

/// <summary>Text that is HTML already, of our own making.</summary>
readonly record struct Markup(string Html);
