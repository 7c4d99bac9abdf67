using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Engine.Ops;

// IPrimaryEngine: a network that reads the first quantization table from 64x64 windows, on some device.
//   windows [n,64,64,3] RGB bytes, in phase with the second grid -> logits [n,226] in the order of PrimaryBlocks, and,
//   where the network gives it, a posterior over the phases of the first grid [n,64], each summing to 1.
// Phase 8r + c: the first grid's block corners lie r rows below and c columns right of the second's, modulo 8. RunWindows
// takes a window's own corner for one of the second grid; a source knows the grid and counts from it.
// Calls are safe from several threads at once and use the calling thread only (SharedBy: more). A window's outputs do not depend on the
// windows beside it nor on the order of calls; for windows in phase RunWindows and sources agree to
// rounding; those of phase-histogram networks on the processor to the last bit.
interface IPrimaryEngine : IDisposable
{
    /// <summary>Whether there is a posterior over the first grid's phases.</summary>
    bool GivesPhase { get; }

    /// <summary>Windows of a call that keep the device busy.</summary>
    int Together => WindowByWindowSource.Batch;

    /// <summary>An engine with the same outputs whose <see cref="RunWindows"/> may use so many threads; it lives as long as this one.</summary>
    IPrimaryEngine SharedBy(int threads) => this;

    /// <summary>Runs windows.</summary>
    /// <param name="windows">[n,64,64,3] RGB.</param>
    /// <param name="count">n.</param>
    /// <param name="secondZigZag">[64] steps of the second luminance table.</param>
    /// <param name="logits">[n,226], overwritten.</param>
    /// <param name="phase">[n,64], overwritten; empty where the network gives none.</param>
    void RunWindows(ReadOnlySpan<byte> windows, int count, ReadOnlySpan<ushort> secondZigZag, Span<float> logits, Span<float> phase);

    /// <summary>
    /// Bands of rows that a source computes together, all of them of about the same height: band b is rows [rows * b / bands, rows * (b + 1) / bands).
    /// Threads that share a map had better take whole bands.
    /// </summary>
    int Bands(WindowGrid grid) => grid.Rows;

    /// <summary>Opens a picture for the windows of a grid. A source serves one thread at a time; each thread opens its own.</summary>
    /// <param name="picture">Any format; stays pinned while the source is used.</param>
    /// <param name="secondZigZag">[64] steps of the second luminance table.</param>
    /// <param name="grid">Which windows; at least one.</param>
    IPrimaryMapSource Open(PinnedPixels picture, ReadOnlySpan<ushort> secondZigZag, WindowGrid grid) =>
        new WindowByWindowSource(this, picture, secondZigZag, grid);
}

/// <summary>The windows of one picture, asked for by one thread at a time.</summary>
interface IPrimaryMapSource : IDisposable
{
    /// <summary>Outputs of the windows (row, first) ... (row, first + count - 1).</summary>
    /// <remarks>Any order is right; rising rows may reuse work. Working memory is bounded by rows of the picture.</remarks>
    /// <param name="row">Row of the grid.</param>
    /// <param name="first">First window of the row.</param>
    /// <param name="count">Windows.</param>
    /// <param name="logits">[count,226], overwritten.</param>
    /// <param name="phase">[count,64], overwritten; empty where the network gives none.</param>
    void FillRow(int row, int first, int count, Span<float> logits, Span<float> phase);
}
