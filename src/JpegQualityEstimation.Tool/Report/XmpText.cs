using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace JpegQualityEstimation.Tool.Report;

// XmpText: properties of an XMP packet that tell of software, dates and edits, whether written as attributes or as
// elements. The packet is searched as text, not parsed as XML: it may be hostile.
static partial class XmpText
{
    const int MaxEntries = 60;

    static readonly HashSet<string> shown = new(StringComparer.Ordinal)
    {
        "xmp:CreatorTool", "xmp:CreateDate", "xmp:ModifyDate", "xmp:MetadataDate", "xmp:Rating", "tiff:Make", "tiff:Model", "tiff:Software",
        "photoshop:DateCreated", "photoshop:Source", "photoshop:Credit", "photoshop:ColorMode", "photoshop:ICCProfile", "dc:format",
        "xmpMM:DocumentID", "xmpMM:InstanceID", "xmpMM:OriginalDocumentID", "stEvt:action", "stEvt:softwareAgent", "stEvt:when", "stEvt:changed",
        "stRef:documentID", "stRef:originalDocumentID", "Iptc4xmpExt:DigitalSourceType", "GCamera:MicroVideo", "GCamera:MotionPhoto", "crs:Version",
    };

    public static IReadOnlyList<MetadataEntry> Read(ReadOnlySpan<byte> packet)
    {
        var entries = new List<MetadataEntry>();
        foreach (Match match in Property().Matches(Encoding.UTF8.GetString(packet)))
        {
            if (shown.Contains(match.Groups[1].Value))
                entries.Add(new MetadataEntry(match.Groups[1].Value, VisibleText.Cut(WebUtility.HtmlDecode(match.Groups[2].Value + match.Groups[3].Value), MetadataText.Most)));
            if (entries.Count == MaxEntries)
                break;
        }
        return entries;
    }

    [GeneratedRegex("""([A-Za-z0-9]{2,12}:[A-Za-z]{2,24})(?:="([^"<]*)"|>([^<>]+)<)""")]
    private static partial Regex Property();
}
