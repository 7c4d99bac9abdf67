using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

// The pictures that patches are cut from: every file of the given folders and their subfolders, held as RGB bytes,
// in the ordinal order of FOLDER/relative/path. The manifest hash names the very set: SHA-256 over the lines
// "path SHA-256-of-the-file\n" of the pictures in use.

/// <summary>A training picture in memory.</summary>
/// <param name="Name">Folder name and path below it, with forward slashes.</param>
/// <param name="Pixels">RGB.</param>
/// <param name="Sha256">Hash of the file, lower-case hex.</param>
sealed record TrainingPicture(string Name, ImageBuffer Pixels, string Sha256);

/// <summary>The pictures of one or several folders.</summary>
sealed class TrainingPictures
{
    static readonly string[] Extensions = [".png", ".bmp", ".pbm", ".pgm", ".ppm", ".pnm", ".tif", ".tiff", ".jpg", ".jpeg"];

    public TrainingPictures(IReadOnlyList<TrainingPicture> pictures)
    {
        Pictures = pictures;
    }

    public IReadOnlyList<TrainingPicture> Pictures { get; }

    /// <summary>SHA-256 over sorted names and file hashes, lower-case hex.</summary>
    public string ManifestHash
    {
        get
        {
            var lines = new StringBuilder();
            foreach (TrainingPicture picture in Pictures)
                lines.Append(picture.Name).Append(' ').Append(picture.Sha256).Append('\n');
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
        }
    }

    /// <summary>Reads all pictures of at least <paramref name="leastSide"/> pixels both ways.</summary>
    /// <param name="folders">Where to look, subfolders included.</param>
    /// <param name="leastSide">Smaller pictures are skipped.</param>
    /// <param name="skipped">Told of each file that is not used, with the reason. A JPEG file is never used: its pixels have a history.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is not there.</exception>
    /// <exception cref="InvalidDataException">No picture is left.</exception>
    public static TrainingPictures Load(IEnumerable<string> folders, int leastSide, Action<string, string>? skipped = null)
    {
        var pictures = new List<TrainingPicture>();
        foreach (string folder in folders)
        {
            string root = Path.GetFullPath(folder);
            if (!Directory.Exists(root))
                throw new DirectoryNotFoundException($"{folder}: no such folder");
            foreach (string path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
            {
                if (!Extensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
                    continue;
                string name = Path.GetFileName(root) + "/" + Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
                string? reason = TryRead(path, name, leastSide, pictures);
                if (reason is not null)
                    skipped?.Invoke(name, reason);
            }
        }
        if (pictures.Count == 0)
            throw new InvalidDataException($"no usable picture in {string.Join(", ", folders)}");
        pictures.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new TrainingPictures(pictures);
    }

    /// <summary>The first so many pictures.</summary>
    public TrainingPictures First(int count) => new([.. Pictures.Take(count)]);

    /// <summary>
    /// Splits off a share for validation, by the number in the file name or else the whole name, so that two sizes of
    /// one photograph under one number fall on the same side. Neither side is left empty.
    /// </summary>
    public (TrainingPictures Training, TrainingPictures HeldOut) Split(double heldOutShare)
    {
        var groups = Pictures.GroupBy(picture => SplitKey(picture.Name))
            .OrderBy(group => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(group.Key)))).ToList();
        if (heldOutShare <= 0 || groups.Count < 2)
            return (this, new TrainingPictures([]));
        int held = Math.Clamp((int)Math.Round(groups.Count * heldOutShare), 1, groups.Count - 1);
        return (Of(groups.Skip(held)), Of(groups.Take(held)));

        static TrainingPictures Of(IEnumerable<IGrouping<string, TrainingPicture>> groups) =>
            new([.. groups.SelectMany(group => group).OrderBy(picture => picture.Name, StringComparer.Ordinal)]);
    }

    static string SplitKey(string name)
    {
        string file = Path.GetFileNameWithoutExtension(name);
        string digits = new([.. file.Where(char.IsAsciiDigit)]);
        return digits.Length > 0 ? digits : file;
    }

    static string? TryRead(string path, string name, int leastSide, List<TrainingPicture> pictures)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes is [0xFF, 0xD8, ..])
                return "is a JPEG file";
            ImageBuffer picture = ImageFile.Read(bytes, name);
            if (Math.Min(picture.Width, picture.Height) < leastSide)
                return $"is {picture.Width}x{picture.Height}, smaller than the {leastSide} pixels that a patch is cut from";
            pictures.Add(new TrainingPicture(name, ToRgb(picture), Convert.ToHexStringLower(SHA256.HashData(bytes))));
            return null;
        }
        catch (Exception error) when (error is ImageFormatException or IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    static ImageBuffer ToRgb(ImageBuffer picture)
    {
        if (picture.Format == PixelFormat.Rgb24)
            return picture;
        var rgb = new ImageBuffer(picture.Width, picture.Height, PixelFormat.Rgb24);
        for (int i = 0; i < picture.Pixels.Length; i++)
            rgb.Pixels.AsSpan(3 * i, 3).Fill(picture.Pixels[i]);
        return rgb;
    }
}
