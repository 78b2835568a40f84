#:package Azure.Identity@1.21.0
#:package Azure.Security.KeyVault.Secrets@4.12.0
#:package Azure.Security.KeyVault.Certificates@4.10.0
#:property ManagePackageVersionsCentrally=false
#:property PublishAot=false
// Reads a certificate as any program would: VAULT_URI=https://NAME.vault.azure.net/ dotnet run samples/ReadFromVault.cs -- OBJECT
// Writes leaf.pem and chain.pem beside you; the key stays in memory.
using System.Security.Cryptography.X509Certificates;
using Azure.Identity;
using Azure.Security.KeyVault.Certificates;
using Azure.Security.KeyVault.Secrets;

var vault = new Uri(Environment.GetEnvironmentVariable("VAULT_URI") ?? throw new InvalidOperationException("VAULT_URI is not set."));
var credential = new DefaultAzureCredential();
var certificates = new CertificateClient(vault, credential, new() { DisableChallengeResourceVerification = vault.IsLoopback });
var secrets = new SecretClient(vault, credential, new() { DisableChallengeResourceVerification = vault.IsLoopback });

KeyVaultCertificateWithPolicy certificate = await certificates.GetCertificateAsync(args[0]);
KeyVaultSecret secret = await secrets.GetSecretAsync(certificate.Name, certificate.Properties.Version);
using var leaf = X509CertificateLoader.LoadCertificate(certificate.Cer);
var chain = X509CertificateLoader.LoadPkcs12Collection(Convert.FromBase64String(secret.Value), password: "");
var own = chain.Single(x509 => x509.HasPrivateKey);
var others = chain.Where(x509 => !x509.HasPrivateKey).ToList();
var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(san => san.EnumerateDnsNames().Concat(san.EnumerateIPAddresses().Select(ip => ip.ToString())));

byte[]? keyOf = own.GetECDsaPrivateKey()?.ExportSubjectPublicKeyInfo() ?? own.GetRSAPrivateKey()?.ExportSubjectPublicKeyInfo();
Console.WriteLine($"version             {certificate.Properties.Version}");
Console.WriteLine($"subject             {leaf.Subject}");
Console.WriteLine($"issuer              {leaf.Issuer}");
Console.WriteLine($"names               {string.Join(", ", names)}");
Console.WriteLine($"not after           {leaf.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z");
Console.WriteLine($"private key matches: {keyOf is not null && keyOf.SequenceEqual(leaf.PublicKey.ExportSubjectPublicKeyInfo())}");
Console.WriteLine($"chain length        {1 + others.Count}");
File.WriteAllText("leaf.pem", leaf.ExportCertificatePem() + "\n");
File.WriteAllText("chain.pem", string.Concat(others.Select(x509 => x509.ExportCertificatePem() + "\n")));
