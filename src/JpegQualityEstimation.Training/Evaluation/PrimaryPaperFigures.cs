namespace JpegQualityEstimation.Training.Evaluation;

// What the text of Tondi et al. 2021 (sections 5.1 and 5.2) says in numbers, by the scenario that is nearest to it. The
// paper's own pictures are RAISE and Dresden photographs of 3600x2700 and above: for orientation, not the same test.

sealed record PrimaryPaperFigures(string Scenario, string Source, double Accuracy, double Mse)
{
    static readonly PrimaryPaperFigures[] All =
    [
        new("mixed-90", "paper, Dresden photographs: DenseNet-40", 0.644, 0.538),
        new("mixed-90", "paper, Dresden photographs: Niu 2020", 0.523, 0.694),
        new("mixed-92-told-90", "paper, model of 90: DenseNet-40", 0.591, 0.859),
        new("mixed-92-told-90", "paper, model of 90: Niu 2020", 0.500, 0.944),
        new("aligned-92-told-90", "paper, model of 90: DenseNet-40", 0.579, 1.029),
        new("aligned-92-told-90", "paper: Galvan 2014", 0.331, 15.8),
        new("aligned-92-told-90", "paper: Bianchi, Piva 2012", 0.397, 35.5),
    ];

    public static IEnumerable<PrimaryPaperFigures> Of(string scenario) => All.Where(figures => figures.Scenario == scenario);
}
