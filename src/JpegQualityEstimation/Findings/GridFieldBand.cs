using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Findings;

// GridFieldBand: what one thread works in at a band of a GridField. Kept from band to band; one band at a time.
sealed class GridFieldBand
{
    KeptArray<float> residues, blocks, rowResidues, rowBlocks;
    int tiles, row;

    public ResidueRows Rows { get; } = new();

    /// <summary>[tile rows, row]: sums of residues.</summary>
    public Span<float> Residues => residues.Values(tiles * row);

    /// <summary>[tile rows, row]: blocks that count.</summary>
    public Span<float> Blocks => blocks.Values(tiles * row);

    /// <summary>[row]: sums over the tile rows of a window.</summary>
    public Span<float> RowResidues => rowResidues.Values(row);

    /// <summary>[row].</summary>
    public Span<float> RowBlocks => rowBlocks.Values(row);

    /// <summary>Sums are zeros; those of a row are what they were.</summary>
    /// <param name="tileRows">Of the band and beside it.</param>
    /// <param name="rowLength">Phases of a row of tiles.</param>
    public void Begin(int tileRows, int rowLength)
    {
        (tiles, row) = (tileRows, rowLength);
        residues.Room(tiles * row);
        blocks.Room(tiles * row);
        rowResidues.Room(row);
        rowBlocks.Room(row);
        Residues.Clear();
        Blocks.Clear();
    }
}
