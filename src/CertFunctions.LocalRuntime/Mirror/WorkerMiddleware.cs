// Stand-in for FunctionExecutionDelegate, IFunctionsWorkerMiddleware of package Microsoft.Azure.Functions.Worker.Core 2.52.0; only what we use; written by us
namespace Microsoft.Azure.Functions.Worker.Middleware;

public delegate Task FunctionExecutionDelegate(FunctionContext context);

public interface IFunctionsWorkerMiddleware
{
    Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
}
