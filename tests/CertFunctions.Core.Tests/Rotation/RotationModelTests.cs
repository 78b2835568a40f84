using System.Globalization;

namespace CertFunctions.Core.Tests.Rotation;

/// <summary>The randomised proof of CA rotation: thousands of schedules keep the invariant of ca-rotation.md, and none of its rules can be left out.</summary>
/// <remarks>To see what happened: <see cref="Schedule.Play"/> with the seed printed and <c>isListening</c>.</remarks>
public sealed class RotationModelTests
{
    private const int Enough = 4000;   // most rules show within a few; the rare ones are why there are so many

    private static int Schedules => Environment.GetEnvironmentVariable("MODEL_SCHEDULES") switch
    {
        null or "" => 150,
        "all" => 2000,
        { } number => int.Parse(number, CultureInfo.InvariantCulture),
    };

    public static TheoryData<Rule> Rules => new(Enum.GetValues<Rule>().Where(rule => rule is not Rule.None));

    [Fact]
    public void No_schedule_makes_a_client_refuse_what_is_served()
    {
        var found = First(Rule.None, Rule.None, Schedules);

        Assert.True(found is null, $"Seed {found?.Seed}: {found?.Violation}");
    }

    [Theory, MemberData(nameof(Rules))]
    public void Without_this_rule_one_does(Rule rule)
    {
        var found = First(rule, rule, Enough);

        Assert.True(found is not null, $"{Enough} schedules without {rule} kept the invariant: the model does not see what the rule is for.");
        Assert.True(First(rule, Rule.None, found.Value.Seed) is null, $"Schedules about {rule} fail with it, too.");
    }

    private static (int Seed, string Violation)? First(Rule about, Rule off, int schedules)
    {
        for (var seed = 1; seed <= schedules; seed++)
        {
            if (Invariant.Violation(Schedule.Play(seed, about, off)) is { } violation) { return (seed, violation); }
        }

        return null;
    }
}
