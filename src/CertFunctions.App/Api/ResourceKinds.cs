using System.Collections.Frozen;

namespace CertFunctions.App.Api;

/// <summary>The table of kinds. A new kind is one file and one line in <c>Program.cs</c>' feature.</summary>
public sealed class ResourceKinds(IEnumerable<ResourceKind> kinds)
{
    private readonly FrozenDictionary<string, ResourceKind> _byPlural = kinds.ToFrozenDictionary(kind => kind.Plural);

    public IEnumerable<ResourceKind> All => _byPlural.Values;

    public ResourceKind? Find(string plural) => _byPlural.GetValueOrDefault(plural);
}
