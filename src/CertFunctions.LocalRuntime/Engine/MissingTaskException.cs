using Microsoft.DurableTask;

namespace CertFunctions.LocalRuntime.Engine;

/// <summary>A name that nobody registered. Known by its error type, and never worth a retry.</summary>
internal sealed class MissingTaskException(string errorType, string message) : Exception(message)
{
    public static bool IsMissing(TaskFailureDetails? failure) => failure?.ErrorType is "ActivityTaskNotFound" or "OrchestratorTaskNotFound";

    public static TaskFailureDetails Details(Exception exception) => exception is MissingTaskException missing
        ? new(missing.ErrorType, missing.Message, null, null, null)
        : TaskFailureDetails.FromException(exception);

    private string ErrorType => errorType;
}
