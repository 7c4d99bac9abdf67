using System.Globalization;
using System.Text;

namespace JpegQualityEstimation.Tool.Report;

// VisibleText: text of unknown origin as an examiner should see it: what prints nothing, turns the writing direction or
// cannot stand in XML becomes its code point, {U+202E}; halves of surrogate pairs become the replacement character.
static class VisibleText
{
    public static string Of(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return "";
        var text = new StringBuilder(value.Length);
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (IsVisible(rune))
                text.Append(rune.ToString());
            else
                text.Append(CultureInfo.InvariantCulture, $"{{U+{rune.Value:X4}}}");
        }
        return text.ToString();
    }

    /// <summary>At most so many characters, with a note of what was left out.</summary>
    public static string Cut(string value, int most)
    {
        if (value.Length <= most)
            return value;
        // Both halves of a surrogate pair or none.
        int kept = char.IsHighSurrogate(value[most - 1]) ? most - 1 : most;
        return string.Create(CultureInfo.InvariantCulture, $"{value[..kept]} [{value.Length - kept} more characters]");
    }

    static bool IsVisible(Rune rune) => rune.Value is '\n' or '\t' || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);
}
