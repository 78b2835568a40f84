using CertFunctions.Core.Resources;
using CertFunctions.Core.Validation;

namespace CertFunctions.Core.Tests.Validation;

public sealed class OutputRulesTests
{
    private static readonly SecretKeyRef Reference = new() { Name = "passwords", Key = "jks" };

    public static TheoryData<string, JksKeystore, string[]> Jks => new()
    {
        { "a password", new() { Create = true, Password = "p" }, [] },
        { "a reference", new() { Create = true, PasswordSecretRef = Reference }, [] },
        { "a reference without a key", new() { Create = true, PasswordSecretRef = Reference with { Key = null } }, [] },
        { "both", new() { Create = true, Password = "p", PasswordSecretRef = Reference }, ["spec.keystores.jks FieldValueForbidden"] },
        { "neither", new() { Create = true }, ["spec.keystores.jks.passwordSecretRef.name FieldValueRequired"] },
        { "neither, though not created", new() { Create = false }, ["spec.keystores.jks.passwordSecretRef.name FieldValueRequired"] },
        { "a reference to nothing", new() { Create = true, PasswordSecretRef = new() { Key = "k" } }, ["spec.keystores.jks.passwordSecretRef.name FieldValueRequired"] },
        { "a reference that is no name", new() { Create = true, PasswordSecretRef = new() { Name = "A b" } }, ["spec.keystores.jks.passwordSecretRef.name FieldValueInvalid"] },
        { "an empty password", new() { Create = true, Password = "" }, ["spec.keystores.jks.password FieldValueInvalid"] },
        { "a password beyond every reader", new() { Create = true, Password = new('p', 257) }, ["spec.keystores.jks.password FieldValueInvalid"] },
        { "a long alias", new() { Create = true, Password = "p", Alias = new('a', 257) }, ["spec.keystores.jks.alias FieldValueInvalid"] },
        { "an alias with a line feed", new() { Create = true, Password = "p", Alias = "a\nb" }, ["spec.keystores.jks.alias FieldValueInvalid"] },
    };

    public static TheoryData<string, string?, string[]> Profiles => new()
    {
        { "the default", null, [] },
        { "RC2", "LegacyRC2", [] },
        { "DES", "LegacyDES", [] },
        { "2023", "Modern2023", [] },
        { "2026", "Modern2026", [] },
        { "another", "Modern", ["spec.keystores.pkcs12.profile FieldValueNotSupported"] },
    };

    public static TheoryData<string, string[], string[]> Formats => new()
    {
        { "both", ["DER", "CombinedPEM"], [] },
        { "one twice", ["DER", "DER"], ["spec.additionalOutputFormats[1].type FieldValueDuplicate"] },
        { "unknown", ["CombinedPEM", "der"], ["spec.additionalOutputFormats[1].type FieldValueNotSupported"] },
        { "empty", [""], ["spec.additionalOutputFormats[0].type FieldValueNotSupported"] },
    };

    [Theory, MemberData(nameof(Jks))]
    public void Checks_JKS(string because, JksKeystore jks, string[] expected) => AssertViolations(because, expected, spec => spec with { Keystores = new() { Jks = jks } });

    [Theory, MemberData(nameof(Profiles))]
    public void Checks_profiles(string because, string? profile, string[] expected) =>
        AssertViolations(because, expected, spec => spec with { Keystores = new() { Pkcs12 = new() { Create = true, Password = "p", Profile = profile } } });

    [Theory, MemberData(nameof(Formats))]
    public void Checks_formats(string because, string[] types, string[] expected) =>
        AssertViolations(because, expected, spec => spec with { AdditionalOutputFormats = [.. types.Select(type => new AdditionalOutputFormat { Type = type })] });

    [Theory, InlineData("true", true), InlineData("false", true), InlineData("yes", false), InlineData("", false)]
    public void Checks_the_annotation_for_PEM_secrets(string value, bool isValid)
    {
        var certificate = A.Certificate();
        certificate = certificate with { Metadata = certificate.Metadata with { Annotations = ValueMap.Empty.With(Annotations.PemSecrets, value) } };

        Assert.Equal(isValid, !CertificateRules.Check(certificate).Any());
    }

    [Fact]
    public void Never_repeats_a_password()
    {
        var certificate = A.Certificate();
        var long1 = new string('x', 300);
        certificate = certificate with { Spec = certificate.Spec with { Keystores = new() { Jks = new() { Create = true, Password = long1, PasswordSecretRef = Reference } } } };

        Assert.All(CertificateRules.Check(certificate), violation => Assert.DoesNotContain("xxx", violation.Message, StringComparison.Ordinal));
    }

    private static void AssertViolations(string because, string[] expected, Func<CertificateSpec, CertificateSpec> change)
    {
        var certificate = A.Certificate();
        var found = CertificateRules.Check(certificate with { Spec = change(certificate.Spec) }).Select(violation => $"{violation.Field} {violation.Reason}");

        Assert.True(expected.SequenceEqual(found), $"{because}: {string.Join(", ", found)}");
    }
}
