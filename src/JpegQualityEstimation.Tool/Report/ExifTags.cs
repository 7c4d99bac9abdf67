namespace JpegQualityEstimation.Tool.Report;

// ExifTags: names of the fields that are shown (Exif 2.32, tables 4 to 15; TIFF 6.0).
static class ExifTags
{
    public static IReadOnlyDictionary<int, string> Picture { get; } = new Dictionary<int, string>
    {
        [0x0100] = "Width",
        [0x0101] = "Height",
        [0x0103] = "Compression",
        [0x0106] = "Photometric interpretation",
        [0x010D] = "Document name",
        [0x010E] = "Image description",
        [0x010F] = "Camera make",
        [0x0110] = "Camera model",
        [0x0112] = "Orientation",
        [0x011A] = "X resolution",
        [0x011B] = "Y resolution",
        [0x0128] = "Resolution unit",
        [0x0131] = "Software",
        [0x0132] = "Date and time of change",
        [0x013B] = "Artist",
        [0x013C] = "Host computer",
        [0x8298] = "Copyright",
        [0x02BC] = "XMP",
        [0x8649] = "Photoshop resources",
    };

    public static IReadOnlyDictionary<int, string> Exposure { get; } = new Dictionary<int, string>
    {
        [0x829A] = "Exposure time (s)",
        [0x829D] = "F number",
        [0x8822] = "Exposure program",
        [0x8827] = "ISO speed",
        [0x9000] = "Exif version",
        [0x9003] = "Date and time taken",
        [0x9004] = "Date and time digitized",
        [0x9010] = "Time zone of change",
        [0x9011] = "Time zone taken",
        [0x9290] = "Fraction of second, change",
        [0x9291] = "Fraction of second, taken",
        [0x9204] = "Exposure bias (EV)",
        [0x9207] = "Metering mode",
        [0x9209] = "Flash",
        [0x920A] = "Focal length (mm)",
        [0x927C] = "Maker note",
        [0x9286] = "User comment",
        [0xA001] = "Colour space",
        [0xA002] = "Pixel width",
        [0xA003] = "Pixel height",
        [0xA300] = "File source",
        [0xA401] = "Custom rendering",
        [0xA402] = "Exposure mode",
        [0xA403] = "White balance",
        [0xA405] = "Focal length, 35 mm film (mm)",
        [0xA406] = "Scene capture type",
        [0xA420] = "Unique image number",
        [0xA430] = "Camera owner",
        [0xA431] = "Body serial number",
        [0xA433] = "Lens make",
        [0xA434] = "Lens model",
        [0xA435] = "Lens serial number",
    };

    public static IReadOnlyDictionary<int, string> Position { get; } = new Dictionary<int, string>
    {
        [0x0001] = "North or south",
        [0x0002] = "Latitude (degrees, minutes, seconds)",
        [0x0003] = "East or west",
        [0x0004] = "Longitude (degrees, minutes, seconds)",
        [0x0006] = "Altitude (m)",
        [0x0007] = "Time (UTC)",
        [0x001D] = "Date (UTC)",
    };
}
