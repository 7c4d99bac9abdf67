namespace JpegQualityEstimation.Tool.Report;

// What the findings cannot bear.
static class LimitsSection
{
    public static void Write(HtmlBuilder html) => html.Add($"""
        <section id="limits"><h2>Limits</h2>
        <ul>
        <li>Findings are estimates of statistical models, made on pictures of known history. They are evidence for a person to weigh together with everything else, not proof, and never proof of intent.</li>
        <li>The quality map sees what was compressed last and strongest. At quality 97 and above many JPEG pictures look never compressed.</li>
        <li>The first table is read from windows of 64x64 pixels. Parts smaller than that, flat, clipped or blurred parts cannot be read, and regions have edges no finer than the windows' distance.</li>
        <li>A last compression much coarser than the one before leaves hardly anything to read; an earlier compression of quality 98 and above reads as none.</li>
        <li>Resizing, rotating, filtering or recapturing after a compression hides it: the 8x8 grid is gone. No finding then means nothing.</li>
        <li>Two parts with the same history look alike, whatever their origin; one picture's own parts can differ where a program composed, bordered or retouched it.</li>
        <li>Probabilities and likelihood ratios are the models' own. They were measured on test pictures (docs/accuracy.md of the software), not on the circumstances of this case.
        Words: probability from 0.95 very high, from 0.8 high, from 0.5 moderate, else low. Support for another source by the likelihood ratio: from 2 weak, 10 moderate, 100 moderately strong, 1,000 strong, 10,000 very strong, 1,000,000 extremely strong (ENFSI guideline for evaluative reporting, 2015); moderate at most for a part without a grid of its own, whose steps can be read wrong all over alike.</li>
        </ul></section>

        """);
}
