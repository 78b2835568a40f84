namespace CertFunctions.Core.Tests.Rotation;

/// <summary>What can be left out of the simulated app, to see that the model notices: the number is that of ca-rotation.md.</summary>
public enum Rule
{
    None,

    /// <summary>Sources publish the CA that they name, not the root of its chain.</summary>
    R1_RootOfTheChain,

    /// <summary>Bundles hold what their sources give.</summary>
    R2_Closure,

    /// <summary>Only the source <c>issuer</c> brings an issuer's other CAs.</summary>
    R2_AnyKindOfSource,

    /// <summary>What a rotation added is forgotten.</summary>
    R2_WhatWasAddedStays,

    /// <summary>Issuers are found by certificate, not by key.</summary>
    R3_AnyCertificateOfTheKey,

    /// <summary>A bad source gives nothing.</summary>
    R4_LastGoodContent,

    /// <summary>With a bad source the bundle holds the last good content of the sources, alone.</summary>
    R4_ClosureDespiteABadSource,

    /// <summary>A file that cannot be written is not waited for.</summary>
    R4_RefusedFilesBlock,

    /// <summary>Bundles are written whatever was written meanwhile.</summary>
    R5_IfMatch,

    /// <summary>The ETag is read when the content is known.</summary>
    R5_ETagBeforeGathering,

    /// <summary>A file that happens to hold the new CA already counts, although a run from before the rotation may still write it.</summary>
    R5_HeldByARunThatKnewOfIt,

    /// <summary>Intermediates are published beside their root.</summary>
    R6_NoIntermediates,

    /// <summary>The pin moves as soon as bundles hold the new CA.</summary>
    R7_Propagation,

    /// <summary>Only one bundle is waited for.</summary>
    R7_EveryBundle,

    /// <summary>Only PEM is waited for.</summary>
    R7_EveryFormat,

    /// <summary>The app's clock tells how long a bundle has held the new CA.</summary>
    R7_StoresClock,

    /// <summary>Only the last retiring CA is remembered.</summary>
    R8_EveryRetiringCA,

    /// <summary>A changed secretName counts at once.</summary>
    R9_SecretName,

    /// <summary>The same key under another root counts as the same CA.</summary>
    R9_OtherRoot,

    /// <summary>A renewal with its key is signed with at once.</summary>
    R10_RenewalsWait,

    /// <summary>A renewal with its key and another SKI counts as the same CA.</summary>
    R10_SubjectKeyId,

    /// <summary>The log entry is written when all is done.</summary>
    R11_LogBeforeSigning,

    /// <summary>The pin is not read again.</summary>
    R11_RereadPin,

    /// <summary>Leaves to re-issue are listed once, when the pin moves.</summary>
    R12_AskedEachTime,

    /// <summary>Intermediates are not counted among what a CA signed.</summary>
    R13_ChildrenCount,

    /// <summary>Only what a Certificate holds counts.</summary>
    R13_EveryLeafCounts,

    /// <summary><c>quick</c> looks past what nothing can replace.</summary>
    R13_QuickNeedsManagedLeaves,

    /// <summary>The overlap is shorter than consumers take.</summary>
    R13_OverlapCoversLag,

    /// <summary>The app's clock tells what has expired and how long ago re-issues were done.</summary>
    R13_StoresClock,
}
