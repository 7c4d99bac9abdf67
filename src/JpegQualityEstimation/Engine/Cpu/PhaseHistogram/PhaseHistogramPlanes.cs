using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramPlanes: what one thread holds of the few windows that it takes through the network together, and what
// the backward pass needs of the forward one. Names as in PhaseHistogramArchitecture, n = window.
//   Evidence [n,K,64,F]   Overall [n,K,F]   Seconds [n,K,2] = u   Starts [n,8,H]: rows 0..7 of what h starts from
//   Hidden [K,n,64,H]     Phases [n,64,V] = v   Pooled [n,64,D] = w   Alpha [n,64,16]: heads, then 1/64, then zeros
//   Inputs [n,X'] = x     Trunk [n,G] = g   Attended [n,15,H]   Paths [n,15*Z] = t   Logits [n,240]
// Evidence of window n and coefficient c lies at n * EvidenceSize + c * EvidenceStep: the caller's [n,K,64,F], or own ones,
// [K,n,64,F] where the backward pass reads them again, else that of one coefficient at a time, [n,64,F].
// Of overall, seconds, inputs, trunk, attended, paths and logits there is room for the windows of several groups: those of
// the group at hand start at window First.
// X' = X padded to 16. Without the backward pass only the first 15 coefficients keep their hidden units, the others
// share one place.
sealed unsafe class PhaseHistogramPlanes
{
    public const int AlphaRow = 16;

    readonly PhaseHistogramOptions options;
    readonly bool withBackward;
    readonly int kept;
    bool usesOwn;
    float* callersOverall;
    readonly AlignedFloats evidence, overall, seconds, starts, hidden, phases, pooled, alpha, inputs, trunk, attended, paths, logits;

    public PhaseHistogramPlanes(PhaseHistogramOptions options, int windows, bool withBackward, bool withEvidence, int kept = 0)
    {
        kept = Math.Max(windows, kept);
        this.kept = kept;
        this.options = options;
        this.withBackward = withBackward;
        Windows = windows;
        OverallSize = options.Coefficients * options.Features;
        InputRow = PhaseHistogramLayout.Padded(options.TrunkInputs);
        LogitRow = PhaseHistogramLayout.Padded(PrimaryBlocks.Outputs);
        HiddenSize = PhaseHistogramArchitecture.Phases * options.Hidden;
        int places = !withEvidence ? 0 : withBackward ? windows * options.Coefficients : windows;
        evidence = new AlignedFloats((long)places * CoefficientSize);
        overall = new AlignedFloats(withEvidence ? kept * OverallSize : 0);
        UseOwn();
        seconds = new AlignedFloats(kept * options.Coefficients * 2);
        starts = new AlignedFloats(windows * 8 * options.Hidden);
        hidden = new AlignedFloats(windows * HiddenPlanes * HiddenSize);
        phases = new AlignedFloats(windows * PhaseHistogramArchitecture.Phases * options.PhaseWidth);
        pooled = new AlignedFloats(windows * PhaseHistogramArchitecture.Phases * options.PooledWidth);
        alpha = new AlignedFloats(windows * PhaseHistogramArchitecture.Phases * AlphaRow);
        inputs = new AlignedFloats(kept * InputRow);
        trunk = new AlignedFloats(kept * options.Trunk);
        attended = new AlignedFloats(kept * PrimaryBlocks.Count * options.Hidden);
        paths = new AlignedFloats(kept * PathRow);
        logits = new AlignedFloats(kept * LogitRow);
    }

    /// <summary>Most windows at a time.</summary>
    public int Windows { get; }

    /// <summary>Windows that are kept of the parts that see whole windows.</summary>
    public int Kept => kept;

    /// <summary>The first of the group's windows among those kept.</summary>
    public int First { get; set; }

    /// <summary>What the products on the way ahead will need.</summary>
    public MemoryAhead Ahead { get; } = new();

    /// <summary>Floats from one window's evidence to the next one's.</summary>
    public int EvidenceSize { get; private set; }

    /// <summary>Floats from one coefficient's evidence to the next one's; 0 where they take the same place in turn.</summary>
    public int EvidenceStep { get; private set; }

    public int OverallSize { get; }

    public int HiddenSize { get; }

    public int InputRow { get; }

    public int LogitRow { get; }

    public int PathRow => PrimaryBlocks.Count * options.CoefficientWidth;

    public float* Evidence { get; private set; }

    /// <summary>Of the group's first window.</summary>
    public float* Overall => usesOwn ? overall.Pointer + First * OverallSize : callersOverall;


    /// <summary>[64,F].</summary>
    public float* EvidenceOf(int n, int c) => Evidence + (nint)n * EvidenceSize + (nint)c * EvidenceStep;

    public float* Starts(int n) => starts.Pointer + n * 8 * options.Hidden;

    public float* Seconds(int n) => seconds.Pointer + (First + n) * 2 * options.Coefficients;

    public float* Hidden(int n, int c) => hidden.Pointer + (Math.Min(c, HiddenPlanes - 1) * Windows + n) * HiddenSize;

    /// <summary>Coefficient c's hidden units have a place of their own.</summary>
    public bool KeepsHidden(int c) => c < HiddenPlanes;

    public float* Phases(int n) => phases.Pointer + n * PhaseHistogramArchitecture.Phases * options.PhaseWidth;

    public float* Pooled(int n) => pooled.Pointer + n * PhaseHistogramArchitecture.Phases * options.PooledWidth;

    public float* Alpha(int n) => alpha.Pointer + n * PhaseHistogramArchitecture.Phases * AlphaRow;

    public float* Inputs(int n) => inputs.Pointer + (First + n) * InputRow;

    public float* Trunk => trunk.Pointer + First * options.Trunk;

    public float* Attended(int n) => attended.Pointer + (First + n) * PrimaryBlocks.Count * options.Hidden;

    public float* Paths => paths.Pointer + First * PathRow;

    public float* Logits(int n) => logits.Pointer + (First + n) * LogitRow;

    int CoefficientSize => PhaseHistogramArchitecture.Phases * options.Features;

    int HiddenPlanes => withBackward ? options.Coefficients : Math.Min(options.Coefficients, PrimaryBlocks.Count + 1);

    /// <summary>Own planes, to be filled coefficient by coefficient.</summary>
    public void UseOwn()
    {
        usesOwn = true;
        Evidence = evidence.Pointer;
        (EvidenceSize, EvidenceStep) = (CoefficientSize, withBackward ? Windows * CoefficientSize : 0);
    }

    /// <summary>The caller's, [n,K,64,F] and [n,K,F].</summary>
    public void Use(float* callersEvidence, float* overallOfCaller)
    {
        Evidence = callersEvidence;
        usesOwn = false;
        callersOverall = overallOfCaller;
        (EvidenceSize, EvidenceStep) = (options.Coefficients * CoefficientSize, CoefficientSize);
    }

    /// <summary>u = (s / 8, 2 / s) of the first K zig-zag steps, s clipped to 1..64; zero where there are none.</summary>
    public void SetSecond(int n, ReadOnlySpan<ushort> steps)
    {
        float* u = Seconds(n);
        for (int c = 0; c < options.Coefficients; c++)
        {
            float s = steps.IsEmpty ? 0 : Math.Clamp(steps[c], (ushort)1, (ushort)64);
            u[2 * c] = s / 8;
            u[2 * c + 1] = s == 0 ? 0 : 2 / s;
        }
    }
}
