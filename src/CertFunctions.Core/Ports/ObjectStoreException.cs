namespace CertFunctions.Core.Ports;

/// <summary>The store could not be asked, or refused for a reason that is no conflict. Whether a write happened is unknown.</summary>
/// <param name="retryAfter">When the store said so; null: whenever the caller likes.</param>
public sealed class ObjectStoreException(string message, TimeSpan? retryAfter, Exception? inner) : IOException(message, inner)
{
    public TimeSpan? RetryAfter => retryAfter;
}
