// Stand-in for OrchestrationAlreadyExistsException of package Microsoft.Azure.DurableTask.Core 3.9.0; only what we use; written by us
using Microsoft.DurableTask;

namespace DurableTask.Core.Exceptions;

[Serializable]
public class OrchestrationAlreadyExistsException : InvalidOperationException
{
    public OrchestrationAlreadyExistsException()
    {
    }

    public OrchestrationAlreadyExistsException(string message)
        : base(message)
    {
    }

    public OrchestrationAlreadyExistsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

// What the engine puts as InnerException of a failed activity, as upstream does; seen by its name only.
internal sealed class TaskFailedException(TaskFailureDetails details) : Exception(details.ErrorMessage)
{
    public TaskFailureDetails Details { get; } = details;
}

// Seen in failure details by its name only.
internal sealed class NonDeterministicOrchestrationException(string message) : Exception(message);
