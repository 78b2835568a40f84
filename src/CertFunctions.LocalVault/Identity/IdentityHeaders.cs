using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CertFunctions.LocalVault.Storage;

namespace CertFunctions.LocalVault.Identity;

/// <summary>
/// The values of <c>IDENTITY_HEADER</c>: the first gives any identity, each other one its own and no more, so that a consumer who
/// has only its own cannot become the administrator by asking without a client id.
/// </summary>
internal sealed class IdentityHeaders(string folder, byte[] operatorHeader, byte[] key)
{
    public const string FileName = "identity-header";

    public string PathOf(string clientId) => Path.Combine(folder, clientId == VaultIdentity.Default.ClientId ? FileName : $"{FileName}.{clientId}");

    public void Provide(string clientId) => PrivateFile.ReadOrCreate(PathOf(clientId), () => Encoding.ASCII.GetBytes(Of(clientId)));

    /// <summary>Who is given, or null for a wrong header. <paramref name="asked"/> may be empty.</summary>
    public string? Resolve(string header, string asked)
    {
        var given = Encoding.UTF8.GetBytes(header);
        if (CryptographicOperations.FixedTimeEquals(given, operatorHeader)) { return asked.Length > 0 ? asked : VaultIdentity.Default.ClientId; }

        var dot = header.LastIndexOf('.');
        var owner = dot > 0 ? header[..dot] : "";
        var isOwn = owner.Length > 0 && CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(Of(owner)));
        return isOwn && (asked.Length == 0 || asked == owner) ? owner : null;
    }

    private string Of(string clientId) => $"{clientId}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(clientId)))}";
}
