namespace CertFunctions.AwkwardCa;

/// <summary>How challenges are looked at, for a test to choose from.</summary>
public static class Validators
{
    public static Task<AcmeFault?> AlwaysValid(Validation validation) => Task.FromResult<AcmeFault?>(null);

    /// <summary>http-01 by a real GET to a port of this machine, with the name as <c>Host</c>.</summary>
    public static Func<Validation, Task<AcmeFault?>> HttpAt(int port) => async validation =>
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/.well-known/acme-challenge/{validation.Token}");
        request.Headers.Host = validation.Identifier.Value;
        try
        {
            using var answer = await http.SendAsync(request);
            return await JudgeAsync(validation, (int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException) { return Boulder.HttpTimeout(validation.Identifier.Value, validation.Token); }
    };

    /// <summary>http-01 by asking the test for status and body.</summary>
    public static Func<Validation, Task<AcmeFault?>> HttpBy(Func<string, string, Task<(int Status, string Body)>> ask) => async validation =>
    {
        var (status, body) = await ask(validation.Identifier.Value, validation.Token);
        return await JudgeAsync(validation, status, body);
    };

    /// <summary>dns-01 by asking the test for the TXT values at a name.</summary>
    public static Func<Validation, Task<AcmeFault?>> TxtBy(Func<string, IReadOnlyCollection<string>> ask) => validation =>
    {
        var found = ask(validation.TxtName);
        return Task.FromResult(found.Contains(validation.TxtValue) ? null
            : found.Count == 0 ? Boulder.NoTxt(validation.Identifier.Value) : Boulder.WrongTxt(validation.Identifier.Value, found.First()));
    };

    private static Task<AcmeFault?> JudgeAsync(Validation validation, int status, string body) => Task.FromResult(
        status != 200 ? Boulder.HttpNotFound(validation.Identifier.Value, validation.Token) with { Detail = $"127.0.0.1: Invalid response from http://{validation.Identifier.Value}/.well-known/acme-challenge/{validation.Token}: {status}" }
        : body.TrimEnd() == validation.KeyAuthorization ? null
        : Boulder.Unauthorized($"127.0.0.1: The key authorization file from the server did not match this challenge. Expected \"{validation.KeyAuthorization}\""));
}
