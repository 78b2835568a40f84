namespace CertFunctions.App.Adapters;

/// <summary>Turns what an Azure SDK client throws into a port's own exception; one place for every adapter.</summary>
internal static class SdkCalls
{
    /// <summary>Runs one call; a failure that <paramref name="translate"/> knows comes out as what it says, the caller's own cancellation as it is.</summary>
    /// <param name="translate">Null: the failure is none of the service's, and passes.</param>
    public static async Task<T> Translate<T>(Func<Task<T>> call, Func<Exception, Exception?> translate, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && translate(failure) is { } translated)
        {
#pragma warning disable MA0027 // another exception, which carries this one as its inner
            throw translated;
#pragma warning restore MA0027
        }
    }
}
