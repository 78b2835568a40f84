using System.Text.Json.Nodes;
using CertFunctions.App.Events;

namespace CertFunctions.App.Tests.Events;

public sealed class EventSelectorTests
{
    private static readonly JsonObject Event = new()
    {
        ["metadata"] = new JsonObject { ["name"] = "web.1", ["namespace"] = "ns" },
        ["involvedObject"] = new JsonObject { ["kind"] = "Certificate", ["name"] = "web", ["uid"] = "u", ["namespace"] = "ns", ["apiVersion"] = "cert-manager.io/v1" },
        ["reason"] = "Issuing",
        ["source"] = new JsonObject { ["component"] = "certfunctions" },
        ["type"] = "Normal",
    };

    public static TheoryData<string, string?, bool?> Selectors => new()
    {
        { "none selects everything",           null,                                                                                             true },
        { "kubectl describe",                  "involvedObject.kind=Certificate,involvedObject.uid=u,involvedObject.name=web,involvedObject.namespace=ns", true },
        { "of another resource",               "involvedObject.name=web,involvedObject.uid=other",                                               false },
        { "kubectl events --for",              "involvedObject.apiVersion=cert-manager.io/v1,involvedObject.kind=Certificate",                   true },
        { "warnings only",                     "type!=Normal",                                                                                   false },
        { "two equal signs",                   "type==Normal",                                                                                   true },
        { "an absent field is empty",          "involvedObject.fieldPath=",                                                                      true },
        { "the source is its component",       "source=certfunctions",                                                                           true },
        { "a field that cannot be selected by", "message=x",                                                                                     null },
        { "no selector at all",                "hello",                                                                                          null },
        { "an operator without a field",       "=x",                                                                                             null },
    };

    [Theory, MemberData(nameof(Selectors))]
    public void Selects_when(string because, string? text, bool? expected) =>
        Assert.True(expected == EventSelector.TryParse(text, out _)?.Selects(Event), because);
}
