namespace JpegQualityEstimation.Images;

// SyntheticPicture: deterministic pictures without any JPEG history, for examples, tests and benchmarks.
// Only additions, multiplications, divisions and square roots of doubles, and integer hashes: the same size,
// seed and content give the same bytes on every machine.
// Dead leaves: A. B. Lee, D. Mumford, J. Huang, "Occlusion models for natural images" (IJCV 2001): discs with
// radii of density r^-3 that hide one another have the scale invariance of photographs.

/// <summary>What a synthetic picture shows.</summary>
public enum SyntheticContent
{
    /// <summary>All of the others together, with sensor grain: the nearest to a photograph.</summary>
    Scene,
    /// <summary>Textured, shaded discs of all sizes that hide one another.</summary>
    DeadLeaves,
    /// <summary>Noise with a spectrum of about 1/f.</summary>
    Noise,
    /// <summary>A smooth colour gradient, without noise.</summary>
    Gradient,
    /// <summary>Lines of dark strokes on a light ground, like print.</summary>
    Text,
}

/// <summary>Makes deterministic pictures that were never JPEG, for examples and tests.</summary>
public static class SyntheticPicture
{
    /// <summary>Makes a picture; the same arguments give the same bytes on every machine.</summary>
    /// <param name="width">Pixels a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="seed">Which picture of its kind.</param>
    /// <param name="content">What it shows.</param>
    /// <returns>Rgb24 pixels.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or content is none of its values.</exception>
    public static ImageBuffer Create(int width, int height, ulong seed, SyntheticContent content = SyntheticContent.Scene)
    {
        ImageBuffer image = new(width, height, PixelFormat.Rgb24);
        SyntheticCanvas canvas = new(width, height, seed);
        switch (content)
        {
            case SyntheticContent.Scene:
                canvas.Gradient();
                canvas.DeadLeaves(depth: 1.2);
                canvas.Text(share: 0.25);
                canvas.Grain(sigma: 1.5 / 255);
                break;
            case SyntheticContent.DeadLeaves:
                canvas.DeadLeaves(depth: 6);
                break;
            case SyntheticContent.Noise:
                canvas.Noise();
                break;
            case SyntheticContent.Gradient:
                canvas.Gradient();
                break;
            case SyntheticContent.Text:
                canvas.Paper();
                canvas.Text(share: 1);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(content), content, "not a synthetic content");
        }
        canvas.CopyTo(image.Pixels);
        return image;
    }
}
