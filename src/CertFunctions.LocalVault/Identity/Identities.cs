using System.Text.Json;
using System.Text.RegularExpressions;

namespace CertFunctions.LocalVault.Identity;

/// <summary>The identities besides the default one: those given at start, and those of <c>identities.json</c>, which is read again when it changes.</summary>
internal sealed partial class Identities
{
    public const string FileName = "identities.json";
    private readonly string _path;
    private readonly VaultIdentity[] _given;
    private readonly Action<string> _appeared;
    private readonly Lock _lock = new();
    private (DateTime, long) _seen;
    private VaultIdentity[] _read = [];

    /// <param name="appeared">Told every client id.</param>
    /// <exception cref="InvalidDataException">An identity breaks a rule; the text says which.</exception>
    public Identities(string folder, IReadOnlyList<VaultIdentity> given, Action<string> appeared)
    {
        (_path, _given, _appeared) = (Path.Combine(folder, FileName), [.. given], appeared);
        Check(_given);
        foreach (var identity in _given) { appeared(identity.ClientId); }
        Refresh(mayThrow: true);
    }

    public VaultIdentity? Find(string clientId)
    {
        if (clientId == VaultIdentity.Default.ClientId) { return VaultIdentity.Default; }

        Refresh(mayThrow: false);
        lock (_lock) { return _given.Concat(_read).FirstOrDefault(each => each.ClientId == clientId); }
    }

    // A file that became unreadable takes all its rights away: the alternative keeps a right that was meant to go.
    private void Refresh(bool mayThrow)
    {
        lock (_lock)
        {
            var file = new FileInfo(_path);
            var now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            if (now == _seen) { return; }

            _seen = now;
            _read = [];
            if (!file.Exists) { return; }

            try
            {
                var read = JsonSerializer.Deserialize(File.ReadAllBytes(_path), WireJson.Default.VaultIdentityArray) ?? [];
                Check([.. _given, .. read]);
                foreach (var identity in read) { _appeared(identity.ClientId); }
                _read = read;
            }
            catch (Exception e) when (e is JsonException or InvalidDataException)
            {
                if (mayThrow) { throw new InvalidDataException($"{_path}: {e.Message}", e); }
            }
        }
    }

    private static void Check(IReadOnlyCollection<VaultIdentity> identities)
    {
        foreach (var identity in identities)
        {
            if (!ClientIdForm().IsMatch(identity.ClientId) || identity.ClientId == VaultIdentity.Default.ClientId)
            {
                throw new InvalidDataException($"'{identity.ClientId}' cannot be a clientId: 1 to 64 letters, digits and hyphens, and not '{VaultIdentity.Default.ClientId}'.");
            }

            if (identities.Count(each => each.ClientId == identity.ClientId) > 1) { throw new InvalidDataException($"The clientId '{identity.ClientId}' is there twice."); }

            foreach (var assignment in identity.Assignments ?? [])
            {
                if (Roles.ActionsOf(assignment.Role) is null) { throw new InvalidDataException($"'{assignment.Role}' is no role here. Roles: {Roles.Names}."); }
                if (!ScopeForm().IsMatch(assignment.Scope))
                {
                    throw new InvalidDataException($"'{assignment.Scope}' is no scope: default or system, alone or followed by /secrets/NAME or /certificates/NAME.");
                }
            }
        }
    }

    [GeneratedRegex("^[0-9a-zA-Z-]{1,64}\\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ClientIdForm();

    [GeneratedRegex("^(default|system)(/(secrets|certificates)/[0-9a-zA-Z-]{1,127})?\\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ScopeForm();
}
