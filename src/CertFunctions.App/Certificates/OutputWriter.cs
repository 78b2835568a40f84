using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CertFunctions.Core.Pki;
using CertFunctions.Core.Pki.Keystores;
using CertFunctions.Core.Policy;
using CertFunctions.Core.Ports;
using CertFunctions.Core.Resources;
using Microsoft.Extensions.Logging;

namespace CertFunctions.App.Certificates;

/// <summary>Makes outputs from the key pair in the vault and writes them as plain secrets; disables those that are wanted no more.</summary>
public sealed class OutputWriter(IVault vault, TimeProvider time, ILogger<OutputWriter> log)
{
    private const int MaxSecretBytes = 25 * 1024;
    private const int MaxPassword = 256;   // as OutputRules allows for one in the spec

    /// <summary>One pass over what differs. Problems are kept by secret name; what was written is for the next look to see.</summary>
    internal async Task WriteAsync(Certificate certificate, OutputLook look, Dictionary<string, Reason> problems, CancellationToken cancellationToken)
    {
        foreach (var fact in look.Facts.All.Where(fact => fact.Step is OutputStep.Disable)) { await DisableAsync(certificate, look, fact, cancellationToken); }

        var due = look.Facts.All.Where(fact => fact.Step is OutputStep.Write).ToList();
        if (due.Count == 0) { return; }
        if (await OpenAsync(look, cancellationToken) is not { } source)
        {
            foreach (var fact in due) { problems[fact.Secret] = new("OutputSourceUnreadable", $"The key pair of {look.Source.Name} cannot be read."); }
            return;
        }

        using (source.Key)
        {
            foreach (var fact in due)
            {
                if (await WriteOneAsync(certificate, look, fact, source, cancellationToken) is { } problem) { problems[fact.Secret] = problem; }
            }
        }
    }

    private async Task<Reason?> WriteOneAsync(Certificate certificate, OutputLook look, OutputFact fact, OutputSource source, CancellationToken cancellationToken)
    {
        var (password, unusable) = await PasswordAsync(look.Passwords.GetValueOrDefault(fact.Type), cancellationToken);
        if (password is null) { return unusable; }

        var spec = certificate.Spec;
        var style = new OutputStyle(
            spec.PrivateKey?.Encoding,
            spec.Keystores?.Jks?.AliasOrDefault() ?? "",
            Pkcs12Profile.Of(spec.Keystores?.Pkcs12?.ProfileOrDefault() ?? Pkcs12Profile.Names[0]),
            password);
        var value = OutputContent.Write(fact.Type, source, style, time.GetUtcNow());
        var size = Encoding.UTF8.GetByteCount(value.Reveal());
        if (size > MaxSecretBytes)
        {
            return new("OutputTooLarge", $"{fact.Secret} would have {size} bytes; a secret of Key Vault holds at most {MaxSecretBytes}.");
        }

        var place = look.Source with { Name = fact.Secret };
        try
        {
            var version = await vault.SetSecretAsync(place, value, OutputContent.ContentType(fact.Type), Tags(certificate, look, fact), cancellationToken);
            log.OutputWritten(certificate.Metadata.Namespace, certificate.Metadata.Name, fact.Type, fact.Secret, version);
            return null;
        }
        catch (VaultException refused) when (refused is { Status: 409, Code: "ObjectIsDeletedButRecoverable" })
        {
            if (await vault.FindDeletedSecretAsync(place, cancellationToken) is { } tags && !OutputPolicy.IsOurs(tags, certificate)) { return OutputPolicy.Taken(fact.Secret); }

            await vault.RecoverSecretAsync(place, cancellationToken);   // the next look decides what it lacks
            return null;
        }
    }

    private async Task DisableAsync(Certificate certificate, OutputLook look, OutputFact fact, CancellationToken cancellationToken)
    {
        foreach (var version in look.Versions[fact.Secret].Where(each => each.IsEnabled && OutputPolicy.IsOurs(each.Tags, certificate)))
        {
            await vault.DisableSecretVersionAsync(look.Source with { Name = fact.Secret }, version.Version, cancellationToken);
        }

        log.OutputDisabled(certificate.Metadata.Namespace, certificate.Metadata.Name, fact.Type, fact.Secret);
    }

    /// <summary>The one place outside of an issuance where a private key is read: null when that version is gone, disabled or no PFX.</summary>
    private async Task<OutputSource?> OpenAsync(OutputLook look, CancellationToken cancellationToken)
    {
        if (await vault.FindSecretAsync(look.Source, look.Stored.Version, cancellationToken) is not { } pfx) { return null; }

        try
        {
            var (key, certificates) = Pfx.Read(pfx, password: "");
            return new OutputSource(key, Chains.Build(certificates) is { Problem: null } ordered ? ordered.Chain : certificates, look.Ca);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private async Task<(SecretText? Password, Reason? Unusable)> PasswordAsync(PasswordSource? source, CancellationToken cancellationToken)
    {
        if (source?.Place is not { } place) { return (new SecretText(source?.Inline ?? ""), null); }
        if (await vault.FindSecretAsync(place, source.Version, cancellationToken) is not { } value)
        {
            return (null, new("KeystorePasswordSecretNotFound", $"The system vault holds no enabled secret {place.Name}, which spec.keystores refers to."));
        }

        var password = SecretValues.Pick(value, source.Key);
        return password.Reveal().Length is > 0 and <= MaxPassword
            ? (password, null)
            : (null, new("KeystorePasswordInvalid", $"The password in secret {place.Name} of the system vault must have 1 to {MaxPassword} characters."));
    }

    private static ValueMap Tags(Certificate certificate, OutputLook look, OutputFact fact)
    {
        var tags = ValueMap.From(
        [
            new(Annotations.Namespace, certificate.Metadata.Namespace!),
            new(Annotations.CertificateName, certificate.Metadata.Name),
            new(Annotations.CertificateUid, certificate.Metadata.Uid!),
            new(Annotations.CertificateRevision, (look.Stored.Revision ?? 0).ToString(CultureInfo.InvariantCulture)),
            new(Annotations.Output, fact.Type),
            new(Annotations.OutputDigest, fact.Wanted!),
        ]);

        // What "az keyvault secret download" looks at.
        return OutputContent.IsBinary(fact.Type) ? tags.With("file-encoding", "base64") : tags;
    }
}
