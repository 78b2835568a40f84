using System.Text.Json.Nodes;

namespace CertFunctions.Servers.Tests;

/// <summary>How long a certificate lives, and when it is renewed, where that is not just as asked.</summary>
public sealed class DatesEndToEndTests
{
    // Due a moment after it was issued.
    private const string Due = ", duration: 1h, renewBefore: 59m58s";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_leaf_ends_with_its_CA_and_both_resources_say_so_for_as_long_as_it_is_so()
    {
        using var app = await Given.RootAsync(root: ", duration: 24h");
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(", duration: 48h"));
        await app.RevisionAsync(Given.Leaf, 1, Cancel);

        using var vault = await VaultReader.OfAsync(app, Given.Leaf, Cancel);
        using var ca = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(await app.Http.GetStringAsync("ca/default/web-tls/ca.crt", Cancel));
        var certificate = await app.GetAsync(Given.Leaf, Cancel);
        Assert.Equal(ca.NotAfter, (await vault.ReadAsync(Given.Object, Cancel)).Leaf.NotAfter);
        Assert.Equal(ca.NotAfter.ToUniversalTime(), ((DateTimeOffset)certificate!["status"]!["notAfter"]!).UtcDateTime);
        foreach (var told in (JsonNode?[])[certificate, await app.GetAsync("namespaces/default/certificaterequests/web-1", Cancel)])
        {
            Assert.Equal("True", LocalApp.Condition(told, "NotAfterShortened"));
        }

        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(", duration: 2h"));
        await app.RevisionAsync(Given.Leaf, 2, Cancel);
        Assert.Null(LocalApp.Condition(await app.GetAsync(Given.Leaf, Cancel), "NotAfterShortened"));
    }

    [Fact]
    public async Task What_is_due_waits_for_its_window_and_stays_Ready()
    {
        using var app = await Given.RootAsync();
        var opening = TimeProvider.System.GetUtcNow().AddMinutes(30);
        opening = opening.AddTicks(-(opening.Ticks % TimeSpan.TicksPerMinute));
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(Due + Window($"{opening.Minute} {opening.Hour} * * *")));
        await app.RevisionAsync(Given.Leaf, 1, Cancel);
        await LookedAtAfterDueAsync(app);

        var certificate = await app.GetAsync(Given.Leaf, Cancel);
        Assert.Equal(opening, (DateTimeOffset)certificate!["status"]!["renewalTime"]!);
        Assert.Equal(("True", 1), (LocalApp.Condition(certificate, "Ready"), (int?)certificate["status"]!["revision"]));
    }

    [Fact]
    public async Task What_is_due_is_renewed_in_an_open_window()
    {
        using var app = await Given.RootAsync();
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(Due + Window("* * * * *")));

        await app.EventuallyAsync(async () => (int?)(await app.GetAsync(Given.Leaf, Cancel))?["status"]?["revision"] >= 2, "it is renewed", Cancel);
    }

    [Fact]
    public async Task A_window_that_opens_too_late_is_told_and_does_not_let_the_certificate_expire()
    {
        using var app = await Given.RootAsync();
        var late = TimeProvider.System.GetUtcNow().AddHours(12);
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(", duration: 1h" + Window($"{late.Minute} {late.Hour} * * *")));
        await Given.ReasonAsync(app, "WindowError");

        var status = (await app.GetAsync(Given.Leaf, Cancel))!["status"]!;
        Assert.InRange((DateTimeOffset)status["renewalTime"]!, (DateTimeOffset)status["notBefore"]!, (DateTimeOffset)status["notAfter"]!);
    }

    [Fact]
    public async Task What_renews_by_hand_only_stays_when_due_and_goes_on_when_asked()
    {
        using var app = await Given.RootAsync();
        await Given.ApplyAsync(app, Given.Leaf, Given.Wish(Due + ", renewal: {policy: Disabled}"));
        await app.RevisionAsync(Given.Leaf, 1, Cancel);
        await LookedAtAfterDueAsync(app);
        Assert.Null((await app.GetAsync(Given.Leaf, Cancel))!["status"]!["renewalTime"]);

        await Given.RenewAsync(app);
        await app.RevisionAsync(Given.Leaf, 2, Cancel);
    }

    private static string Window(string cron) => $", renewal: {{windows: [{{cron: '{cron}', windowDuration: 5m}}]}}";

    /// <summary>Touches the Certificate when its renewal would be due without windows, and waits until a run has looked at it.</summary>
    private static async Task LookedAtAfterDueAsync(LocalApp app)
    {
        const string Rests = "Certificate default/web: Rest";
        var due = (DateTimeOffset)(await app.GetAsync(Given.Leaf, Cancel))!["status"]!["notBefore"]! + TimeSpan.FromSeconds(3);
        var runs = 0;
        await app.EventuallyAsync(async () =>
        {
            if (TimeProvider.System.GetUtcNow() < due) { return false; }
            if (runs == 0) { runs = app.Told(Rests) + 1; }

            var found = (await app.GetAsync(Given.Leaf, Cancel))!;
            found["metadata"]!["labels"] = new JsonObject { ["touched"] = $"{app.Told(Rests)}" };
            found["metadata"]!.AsObject().Remove("resourceVersion");
            await Given.ApplyAsync(app, Given.Leaf, found.ToJsonString());
            return app.Told(Rests) > runs || (int?)found["status"]!["revision"] > 1;
        }, "it was looked at after it was due", Cancel);
    }
}
