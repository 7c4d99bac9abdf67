using Xunit;

// One device, one memory cap: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
