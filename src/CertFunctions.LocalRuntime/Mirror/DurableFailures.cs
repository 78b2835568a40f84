// Stand-in for TaskFailedException and TaskFailureDetails of package Microsoft.DurableTask.Abstractions 1.25.0; only what we use; written by us
using System.Reflection;

namespace Microsoft.DurableTask;

public sealed class TaskFailedException : Exception
{
    public TaskFailedException(string taskName, int taskId, Exception innerException)
        : base(Text(taskName, taskId, innerException.Message), innerException)
    {
        TaskName = taskName;
        TaskId = taskId;
        FailureDetails = innerException is global::DurableTask.Core.Exceptions.TaskFailedException { Details: { } details }
            ? details
            : TaskFailureDetails.FromException(innerException);
    }

    public TaskFailedException(string taskName, int taskId, TaskFailureDetails failureDetails)
        : base(Text(taskName, taskId, failureDetails?.ErrorMessage))
    {
        TaskName = taskName;
        TaskId = taskId;
        FailureDetails = failureDetails!;   // null for a terminated child, as upstream
    }

    public string TaskName { get; }

    public int TaskId { get; }

    public TaskFailureDetails FailureDetails { get; }

    private static string Text(string name, int id, string? message) =>
        message is null
            ? $"Task '{name}' (#{id}) failed with an unhandled exception."
            : $"Task '{name}' (#{id}) failed with an unhandled exception: {message}";
}

public record TaskFailureDetails(
    string ErrorType,
    string ErrorMessage,
    string? StackTrace,
    TaskFailureDetails? InnerFailure,
    IDictionary<string, object?>? Properties)
{
    public bool IsCausedBy<T>()
        where T : Exception =>
        IsCausedBy(typeof(T));

    public bool IsCausedBy(Type targetBaseExceptionType)
    {
        ArgumentNullException.ThrowIfNull(targetBaseExceptionType);
        return Find(targetBaseExceptionType) is { } type && targetBaseExceptionType.IsAssignableFrom(type);
    }

    public static TaskFailureDetails FromException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception is TaskFailedException task
            ? new(exception.GetType().FullName!, exception.Message, exception.StackTrace, task.FailureDetails, null)
            : new(
                exception.GetType().FullName ?? exception.GetType().Name,
                exception.Message,
                exception.StackTrace,
                exception.InnerException is { } inner ? FromException(inner) : null,
                null);
    }

    public override string ToString() => $"{ErrorType}: {ErrorMessage}";

    private Type? Find(Type target)
    {
        if ((Type.GetType(ErrorType) ?? target.Assembly.GetType(ErrorType)) is { } near)
        {
            return near;
        }

        var found = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(ErrorType)).OfType<Type>().Take(2).ToList();
        return found.Count < 2 ? found.FirstOrDefault() : throw new AmbiguousMatchException($"More than one loaded type is named {ErrorType}.");
    }
}
