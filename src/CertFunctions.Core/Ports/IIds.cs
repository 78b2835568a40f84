using System.Security.Cryptography;

namespace CertFunctions.Core.Ports;

/// <summary>The one source of uids and random numbers, so that tests can foresee them.</summary>
public interface IIds
{
    /// <summary>A new random uid in the lower-case form <c>8-4-4-4-12</c>.</summary>
    string NewUid();

    /// <summary>A certificate serial number: 19 random octets (152 bits), the first in 0x01..0x7f, so positive and of fixed length (RFC 5280 §4.1.2.2).</summary>
    byte[] NewSerialNumber();
}

/// <summary>Ids from the operating system's random source.</summary>
public sealed class RandomIds : IIds
{
#pragma warning disable RS0030 // this is the one place that may
    public string NewUid() => Guid.NewGuid().ToString("D");
#pragma warning restore RS0030

    public byte[] NewSerialNumber()
    {
        var octets = RandomNumberGenerator.GetBytes(19);
        octets[0] = (byte)((octets[0] & 0x7f) | 0x01);
        return octets;
    }
}
