namespace JpegQualityEstimation.Findings;

/// <summary>How a whole table was made of the steps that the pixels tell.</summary>
public enum TableSource
{
    /// <summary>There is no whole table.</summary>
    None,

    /// <summary>The steps are those of a standard table (T.81 table K.1, scaled by libjpeg).</summary>
    Standard,

    /// <summary>The steps are those of a table of Adobe Photoshop (<see cref="Jpeg.PhotoshopTables"/>).</summary>
    Photoshop,

    /// <summary>Every step was read.</summary>
    Measured,

    /// <summary>Steps that were read, the others from the nearest standard table.</summary>
    Completed,
}
