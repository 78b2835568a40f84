using System.Text;

namespace CertFunctions.LocalRuntime.Hosting;

/// <summary>The list of functions and their URLs, laid out as <c>func start</c> prints it.</summary>
internal sealed class FunctionBanner(IReadOnlyList<FunctionEntry> functions, IReadOnlyList<HttpRoute> routes)
{
    public string Text(Uri address)
    {
        var text = new StringBuilder("\nFunctions:\n\n");
        foreach (var route in routes)
        {
            var methods = route.Methods.Count == 0 ? "*" : string.Join(',', route.Methods);
            text.Append("        ").Append(route.Function.Name).Append(": [").Append(methods).Append("] http://localhost:").Append(address.Port).Append(route.Template).Append("\n\n");
        }

        foreach (var function in functions.Where(f => !routes.Any(r => r.Function == f)))
        {
            text.Append("        ").Append(function.Name).Append(": ").Append(function.InputBindings[function.TriggerParameter.Name!].Type).Append("\n\n");
        }

        return text.ToString();
    }
}
