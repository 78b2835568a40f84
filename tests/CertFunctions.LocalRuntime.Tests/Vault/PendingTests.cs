using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Azure.Security.KeyVault.Certificates;

namespace CertFunctions.LocalRuntime.Tests.Vault;

/// <summary>Certificates whose key is born in the vault: create, CSR, merge.</summary>
public sealed class PendingTests(VaultFixture vault) : IClassFixture<VaultFixture>
{
    private readonly CertificateClient _certificates = vault.Certificates();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("EC")]
    [InlineData("RSA")]
    public async Task A_CSR_is_born_in_the_vault_and_what_is_signed_for_it_is_merged(string type)
    {
        var name = $"born-{type}";
        var operation = await _certificates.StartCreateCertificateAsync(name, Policy(type), enabled: true, new Dictionary<string, string> { ["owner"] = "me" }, Ct);
        Assert.Equal(("inProgress", false), (operation.Properties.Status, operation.HasCompleted));
        var signed = Pfx.Sign(operation.Properties.Csr);

        var merged = (await _certificates.MergeCertificateAsync(new MergeCertificateOptions(name, signed), Ct)).Value;

        await operation.UpdateStatusAsync(Ct);
        Assert.True(operation.HasCompleted);
        Assert.Equal(signed[0], merged.Cer);
        Assert.Equal("me", merged.Properties.Tags["owner"]);
        using var downloaded = (await _certificates.DownloadCertificateAsync(name, merged.Properties.Version, Ct)).Value;
        Assert.True(downloaded.HasPrivateKey);
        var secret = (await vault.Secrets().GetSecretAsync(name, cancellationToken: Ct)).Value;
        var chain = X509CertificateLoader.LoadPkcs12Collection(Convert.FromBase64String(secret.Value), password: null);
        Assert.Equal(2, chain.Count);
    }

    [Fact]
    public async Task The_CSR_has_Key_Vaults_extensions()
    {
        var operation = await _certificates.StartCreateCertificateAsync("quirks", Policy("RSA"), cancellationToken: Ct);

        var request = CertificateRequest.LoadSigningRequest(operation.Properties.Csr, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1);

        Assert.Equal("CN=web.test", request.SubjectName.Name);
        Assert.Equal(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, request.CertificateExtensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        Assert.Equal(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"], request.CertificateExtensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(oid => oid.Value));
        Assert.False(request.CertificateExtensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(["web.test", "www.web.test"], request.CertificateExtensions.Where(each => each.Oid!.Value == "2.5.29.17").SelectMany(each => new X509SubjectAlternativeNameExtension(each.RawData).EnumerateDnsNames()));
    }

    [Fact]
    public async Task While_one_is_pending_nothing_else_is_made_under_the_name_and_nothing_is_readable()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var operation = await _certificates.StartCreateCertificateAsync("waiting", Policy("EC"), cancellationToken: Ct);

        Assert.Equal("409 Conflict", await Refused.ByAsync(() => _certificates.StartCreateCertificateAsync("waiting", Policy("EC"), cancellationToken: Ct)));
        Assert.Equal("409 Conflict", await Refused.ByAsync(() => _certificates.ImportCertificateAsync(Pfx.Import("waiting", key), Ct)));
        Assert.Equal("403 Forbidden/SecretDisabled", await Refused.ByAsync(() => vault.Secrets().GetSecretAsync("waiting", cancellationToken: Ct)));
        Assert.Equal("403 Forbidden/SecretManagedByKeyVault", await Refused.ByAsync(() => vault.Secrets().SetSecretAsync("waiting", "x", Ct)));
        var certificate = (await _certificates.GetCertificateAsync("waiting", Ct)).Value;
        Assert.Equal((false, "Unknown"), (certificate.Properties.Enabled, certificate.Policy.IssuerName));
        Assert.DoesNotContain("waiting", await NamesAsync(includePending: false));
        Assert.Contains("waiting", await NamesAsync(includePending: true));
        Assert.Equal(operation.Properties.Csr, (await _certificates.GetCertificateOperationAsync("waiting", Ct)).Properties.Csr);
    }

    [Fact]
    public async Task What_was_signed_for_another_key_is_not_merged()
    {
        await _certificates.StartCreateCertificateAsync("mine", Policy("EC"), cancellationToken: Ct);
        var other = await _certificates.StartCreateCertificateAsync("other", Policy("EC"), cancellationToken: Ct);

        Assert.Equal("400 BadParameter", await Refused.ByAsync(() => _certificates.MergeCertificateAsync(new MergeCertificateOptions("mine", Pfx.Sign(other.Properties.Csr)), Ct)));
        Assert.Equal("400 BadParameter", await Refused.ByAsync(() => _certificates.MergeCertificateAsync(new MergeCertificateOptions("mine", [[1, 2, 3]]), Ct)));
        Assert.Equal("404 PendingCertificateNotFound", await Refused.ByAsync(() => _certificates.MergeCertificateAsync(new MergeCertificateOptions("never", Pfx.Sign(other.Properties.Csr)), Ct)));
        Assert.Equal("inProgress", (await _certificates.GetCertificateOperationAsync("mine", Ct)).Properties.Status);
    }

    [Fact]
    public async Task A_pending_operation_is_asked_to_cancel_and_deleted_and_its_name_is_free()
    {
        var operation = await _certificates.StartCreateCertificateAsync("stopped", Policy("EC"), cancellationToken: Ct);

        await operation.CancelAsync(Ct);
        Assert.True((await _certificates.GetCertificateOperationAsync("stopped", Ct)).Properties.CancellationRequested);
        await operation.DeleteAsync(Ct);

        Assert.Equal("404 PendingCertificateNotFound", await Refused.ByAsync(() => _certificates.GetCertificateOperationAsync("stopped", Ct)));
        Assert.Equal("404 CertificateNotFound", await Refused.ByAsync(() => _certificates.GetCertificateAsync("stopped", Ct)));
        await _certificates.StartCreateCertificateAsync("stopped", Policy("EC"), cancellationToken: Ct);
    }

    [Fact]
    public async Task The_earlier_version_serves_until_the_next_is_merged()
    {
        var first = await _certificates.StartCreateCertificateAsync("renewed", Policy("EC"), cancellationToken: Ct);
        var old = (await _certificates.MergeCertificateAsync(new MergeCertificateOptions("renewed", Pfx.Sign(first.Properties.Csr)), Ct)).Value;

        var second = await _certificates.StartCreateCertificateAsync("renewed", Policy("EC"), cancellationToken: Ct);
        Assert.Equal(old.Properties.Version, (await _certificates.GetCertificateAsync("renewed", Ct)).Value.Properties.Version);
        Assert.NotEmpty((await vault.Secrets().GetSecretAsync("renewed", cancellationToken: Ct)).Value.Value);
        Assert.NotEqual(first.Properties.Csr, second.Properties.Csr);

        var merged = (await _certificates.MergeCertificateAsync(new MergeCertificateOptions("renewed", Pfx.Sign(second.Properties.Csr)), Ct)).Value;
        Assert.Equal(merged.Properties.Version, (await _certificates.GetCertificateAsync("renewed", Ct)).Value.Properties.Version);
        Assert.Equal("409 Conflict", await Refused.ByAsync(() => _certificates.MergeCertificateAsync(new MergeCertificateOptions("renewed", Pfx.Sign(second.Properties.Csr)), Ct)));
    }

    [Fact]
    public async Task A_request_id_is_a_filter_and_the_answer_says_where_to_look()
    {
        const string Body = """{"policy":{"x509_props":{"subject":"CN=web.test"}}}""";
        var created = await vault.SendAsync("POST", "certificates/filtered/create?api-version=7.6", Body);
        var id = (string?)created.Body!["request_id"];

        Assert.Equal(202, created.Status);
        Assert.Equal(200, (await vault.SendAsync("GET", created.Headers["Location"])).Status);
        Assert.Equal(200, (await vault.SendAsync("GET", $"certificates/filtered/pending?api-version=7.6&request_id={id}")).Status);
        Assert.Equal("PendingCertificateNotFound", (await vault.SendAsync("GET", "certificates/filtered/pending?api-version=7.6&request_id=other")).Error);
    }

    public static TheoryData<string, string, string> Policies => new()
    {
        // because                                        policy                                                                                            error
        { "there is none",                                "null",                                                                                           "BadParameter" },
        { "nobody is named",                              """{"key_props":{"kty":"RSA"}}""",                                                                "BadParameter" },
        { "EC cannot do the default's keyEncipherment",   """{"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=a"}}""",                                 "BadParameter" },
        { "the subject is no name",                       """{"x509_props":{"subject":"no name"}}""",                                                       "BadParameter" },
        { "a usage is none",                              """{"x509_props":{"subject":"CN=a","key_usage":["fly"]}}""",                                      "BadParameter" },
        { "the key is too small",                         """{"key_props":{"kty":"RSA","key_size":1024},"x509_props":{"subject":"CN=a"}}""",                "BadParameter" },
        { "the curve is not X.509's",                     """{"key_props":{"kty":"EC","crv":"P-256K"},"x509_props":{"subject":"CN=a","key_usage":[]}}""",   "BadParameter" },
        { "the vault signs nothing itself",               """{"issuer":{"name":"Self"},"x509_props":{"subject":"CN=a"}}""",                                 "NotSupported" },
        { "there is no HSM",                              """{"key_props":{"kty":"RSA-HSM"},"x509_props":{"subject":"CN=a"}}""",                            "NotSupported" },
        { "the key could not be given out",               """{"key_props":{"kty":"RSA","exportable":false},"x509_props":{"subject":"CN=a"}}""",             "NotSupported" },
    };

    [Theory, MemberData(nameof(Policies))]
    public async Task A_policy_is_refused_because(string because, string policy, string error)
    {
        var answer = await vault.SendAsync("POST", "certificates/refused/create?api-version=7.6", new JsonObject { ["policy"] = JsonNode.Parse(policy) }.ToJsonString());

        Assert.True((answer.Status, answer.Error) == (400, error), $"{because}: {answer.Status} {answer.Body}");
    }

    [Fact]
    public async Task The_key_of_a_pending_certificate_is_nowhere_in_the_files()
    {
        var operation = await _certificates.StartCreateCertificateAsync("unseen", Policy("EC"), cancellationToken: Ct);
        await _certificates.MergeCertificateAsync(new MergeCertificateOptions("unseen", Pfx.Sign(operation.Properties.Csr)), Ct);
        using var downloaded = (await _certificates.DownloadCertificateAsync(new DownloadCertificateOptions("unseen") { KeyStorageFlags = X509KeyStorageFlags.Exportable }, Ct)).Value;
        using var key = downloaded.GetECDsaPrivateKey()!;

        VaultFiles.AssertWithout(vault.Directory, key.ExportParameters(includePrivateParameters: true).D!);
    }

    private static CertificatePolicy Policy(string type)
    {
        var names = new SubjectAlternativeNames { DnsNames = { "web.test", "www.web.test" } };
        var policy = new CertificatePolicy(WellKnownIssuerNames.Unknown, "CN=web.test", names) { KeyType = type };
        if (type == "EC") { policy.KeyUsage.Add(CertificateKeyUsage.DigitalSignature); }
        return policy;
    }

    private async Task<List<string>> NamesAsync(bool includePending) =>
        await _certificates.GetPropertiesOfCertificatesAsync(includePending, Ct).Select(item => item.Name).ToListAsync(Ct);
}
