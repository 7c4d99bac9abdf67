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

    // Parts of any length, empty ones too; a member who has much to do is helped.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void EveryItemOfEveryPartIsDoneOnceByOneMemberAtATime(int members)
    {
        var team = new WorkTeam(members);
        for (int run = 0; run < 20; run++)
        {
            team.Begin();
            for (int step = 0; step < 50; step++)
            {
                int[] ends = new int[members];
                for (int part = 0, end = 0; part < members; part++)
                    ends[part] = end += step * (part + 3) * 7 % 11;
                var items = new Counting(ends[^1], members);
                team.RunParts(items, ends);
                Assert.All(items.Done, done => Assert.Equal(1, done));
                Assert.False(items.TwoAtATime);
                team.Run(items, ends[^1]);
                Assert.All(items.Done, done => Assert.Equal(2, done));
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
        int[] ends = [.. Enumerable.Range(1, members).Select(part => 9 * part / members)];
        Assert.Throws<InvalidOperationException>(() => team.RunParts(new Failing(), ends));
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
