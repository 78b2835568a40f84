using System.Net;
using CertFunctions.Core.Acme;

namespace CertFunctions.Core.Tests.Acme;

public sealed class AddressRulesTests
{
    public static TheoryData<string, string, bool, bool> Addresses => new()
    {
        // because                                    address                     by default  when private ones are allowed
        { "public",                                   "9.9.9.9",                  true,       true },
        { "public, IPv6",                             "2620:fe::fe",              true,       true },
        { "public, mapped",                           "::ffff:9.9.9.9",           true,       true },
        { "public, behind NAT64",                     "64:ff9b::9.9.9.9",         true,       true },
        { "just below RFC 1918's middle block",       "172.15.255.255",           true,       true },
        { "just above it",                            "172.32.0.0",               true,       true },
        { "just above CGNAT",                         "100.128.0.0",              true,       true },
        { "just above Azure's platform address",      "168.63.129.17",            true,       true },
        { "metadata service",                         "169.254.169.254",          false,      false },
        { "link-local",                               "169.254.0.1",              false,      false },
        { "Azure's platform",                         "168.63.129.16",            false,      false },
        { "metadata service, mapped",                 "::ffff:169.254.169.254",   false,      false },
        { "metadata service, compatible",             "::169.254.169.254",        false,      false },
        { "metadata service, behind NAT64",           "64:ff9b::169.254.169.254", false,      false },
        { "metadata service, by 6to4",                "2002:a9fe:a9fe::1",        false,      false },
        { "Azure's platform, mapped",                 "::ffff:168.63.129.16",     false,      false },
        { "link-local, IPv6",                         "fe80::1",                  false,      false },
        { "link-local, IPv6, the block's end",        "febf::1",                  false,      false },
        { "loopback",                                 "127.0.0.1",                false,      true },
        { "loopback, another",                        "127.8.9.10",               false,      true },
        { "loopback, IPv6",                           "::1",                      false,      true },
        { "loopback, mapped",                         "::ffff:127.0.0.1",         false,      true },
        { "loopback, behind NAT64",                   "64:ff9b::7f00:1",          false,      true },
        { "unspecified: this host",                   "0.0.0.0",                  false,      true },
        { "this network",                             "0.1.2.3",                  false,      true },
        { "unspecified, IPv6",                        "::",                       false,      true },
        { "RFC 1918",                                 "10.1.2.3",                 false,      true },
        { "RFC 1918",                                 "172.16.0.1",               false,      true },
        { "RFC 1918",                                 "172.31.255.255",           false,      true },
        { "RFC 1918",                                 "192.168.1.1",              false,      true },
        { "RFC 1918, mapped",                         "::ffff:10.1.2.3",          false,      true },
        { "RFC 1918, compatible",                     "::10.1.2.3",               false,      true },
        { "CGNAT",                                    "100.64.0.1",               false,      true },
        { "CGNAT's end",                              "100.127.255.255",          false,      true },
        { "ULA",                                      "fd12::1",                  false,      true },
        { "ULA",                                      "fc00::1",                  false,      true },
        { "site-local",                               "fec0::1",                  false,      true },
        { "multicast",                                "224.0.0.1",                false,      true },
        { "multicast, IPv6",                          "ff02::1",                  false,      true },
        { "broadcast",                                "255.255.255.255",          false,      true },
        { "reserved",                                 "240.0.0.1",                false,      true },
        { "6to4 to a public address",                 "2002:909:909::1",          false,      true },
        { "Teredo",                                   "2001:0:1::1",              false,      true },
        { "local NAT64",                              "64:ff9b:1::1",             false,      true },
        { "documentation",                            "2001:db8::1",              false,      true },
        { "documentation",                            "192.0.2.1",                false,      true },
    };

    [Theory, MemberData(nameof(Addresses))]
    public void May_be_connected_to(string because, string address, bool byDefault, bool whenAllowed)
    {
        var parsed = IPAddress.Parse(address);

        Assert.True(AddressRules.Refusal(parsed, allowsPrivate: false) is null == byDefault, $"{because}: {address}");
        Assert.True(AddressRules.Refusal(parsed, allowsPrivate: true) is null == whenAllowed, $"{because}: {address}, allowed");
    }
}
