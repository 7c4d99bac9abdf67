using JpegQualityEstimation.Engine.Cpu;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

public sealed class WorkTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void EveryItemOfEveryStepIsDoneOnceByOneMemberAtATime(int members)
    {
        var team = new WorkTeam(members);
        for (int run = 0; run < 20; run++)
        {
            team.Begin();
            for (int step = 0; step < 50; step++)
            {
                var items = new Counting(step, members);
                team.Run(items, step);
                Assert.All(items.Done, done => Assert.Equal(1, done));
                Assert.False(items.TwoAtATime);
            }
            team.End();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void WhatAnItemThrowsReachesTheLeaderAndTheTeamGoesOn(int members)
    {
        var team = new WorkTeam(members);
        team.Begin();
        Assert.Throws<InvalidOperationException>(() => team.Run(new Failing(), 9));
        var items = new Counting(9, members);
        team.Run(items, 9);
        Assert.All(items.Done, done => Assert.Equal(1, done));
        team.End();
    }

    sealed class Counting(int items, int members) : ITeamWork
    {
        readonly int[] busy = new int[members];

        public int[] Done { get; } = new int[items];

        public bool TwoAtATime { get; private set; }

        public void Do(int item, int member)
        {
            if (Interlocked.Exchange(ref busy[member], 1) == 1)
                TwoAtATime = true;
            Interlocked.Increment(ref Done[item]);
            Volatile.Write(ref busy[member], 0);
        }
    }

    sealed class Failing : ITeamWork
    {
        public void Do(int item, int member)
        {
            if (item == 4)
                throw new InvalidOperationException();
        }
    }
}
