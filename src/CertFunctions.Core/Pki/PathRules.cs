using System.Formats.Asn1;

namespace CertFunctions.Core.Pki;

/// <summary>What the CAs of a path allow below them: path lengths and names (RFC 5280 §4.2.1.9, §4.2.1.10). Our issuers keep to both; what other issuers return is held to both.</summary>
internal static class PathRules
{
    /// <summary>A path length counts the CA certificates that follow, self-issued ones left out.</summary>
    /// <param name="cas">From the one that signs upward.</param>
    /// <returns>A sentence about the first CA that allows fewer than there would be.</returns>
    public static string? LengthProblem(IEnumerable<DerCertificate> cas, bool isCA)
    {
        var below = isCA ? 1 : 0;
        foreach (var ca in cas)
        {
            if (ca.PathLength < below) { return $"The CA \"{ca.CommonName}\" allows {ca.PathLength} CA certificates below it; this one would be number {below}."; }
            if (!ca.HasSameNameTwice) { below++; }
        }

        return null;
    }

    /// <summary>How many CAs a new CA under these may have below it; null: no limit.</summary>
    public static int? Remaining(IEnumerable<DerCertificate> cas)
    {
        int? remaining = null;
        var between = 1;
        foreach (var ca in cas)
        {
            if (ca.PathLength - between is { } left && !(remaining < left)) { remaining = left; }
            if (!ca.HasSameNameTwice) { between++; }
        }

        return remaining;
    }

    /// <summary>A sentence about the first CA whose name constraints cannot be read: nobody knows what it may certify.</summary>
    public static string? UnreadableConstraints(IEnumerable<DerCertificate> cas)
    {
        foreach (var ca in cas)
        {
            try
            {
                if (ca.Find(NameConstraintsExtension.Oid) is { } value) { NameConstraintsExtension.Read(value); }
            }
            catch (Exception exception) when (exception is AsnContentException or ArgumentException)
            {
                return $"The name constraints of the CA \"{ca.CommonName}\" cannot be read: {exception.Message}";
            }
        }

        return null;
    }

    /// <summary>A sentence about the first CA that does not permit one of these names.</summary>
    public static string? NameProblem(IEnumerable<DerCertificate> cas, ReadOnlyMemory<byte> subject, ReadOnlyMemory<byte>? alternativeNames, bool isCA)
    {
        GeneralName[]? names = null;
        foreach (var ca in cas)
        {
            if (ca.Find(NameConstraintsExtension.Oid) is not { } value) { continue; }

            names ??= [.. Names(subject, alternativeNames, isCA)];
            if (NameConstraintsExtension.Read(value).Problem(ca.CommonName ?? "", names) is { } problem) { return problem; }
        }

        return null;
    }

    /// <summary>What is held against constraints: the SANs, the subject, mailboxes in it, and a leaf's common name where clients would take it for a DNS name (as OpenSSL does).</summary>
    private static IEnumerable<GeneralName> Names(ReadOnlyMemory<byte> subject, ReadOnlyMemory<byte>? alternativeNames, bool isCA)
    {
        GeneralName[] listed = alternativeNames is { } san ? [.. GeneralNames.Read(san)] : [];
        foreach (var name in listed) { yield return name; }

        if (DistinguishedNames.IsEmpty(subject)) { yield break; }

        yield return new GeneralName(GeneralNameKind.DirectoryName, Directory(subject));
        foreach (var mailbox in DistinguishedNameParts.EmailAddresses(subject)) { yield return Text(GeneralNameKind.Email, string.Concat(mailbox.Select(c => char.IsAscii(c) ? c : '?'))); }

        var readsCommonName = !isCA && listed.All(name => name.Kind is not GeneralNameKind.Dns);
        if (readsCommonName && DistinguishedNames.CommonName(subject) is { } host && host.All(char.IsAscii) && Uri.CheckHostName(host) is UriHostNameType.Dns)
        {
            yield return Text(GeneralNameKind.Dns, host);
        }
    }

    private static GeneralName Text(GeneralNameKind kind, string text)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteCharacterString(UniversalTagNumber.IA5String, text, new Asn1Tag(TagClass.ContextSpecific, (int)kind));
        return new GeneralName(kind, writer.Encode());
    }

    private static byte[] Directory(ReadOnlyMemory<byte> subject)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, (int)GeneralNameKind.DirectoryName))) { writer.WriteEncodedValue(subject.Span); }

        return writer.Encode();
    }
}
