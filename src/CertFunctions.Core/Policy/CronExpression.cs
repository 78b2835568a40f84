using System.Globalization;

namespace CertFunctions.Core.Policy;

/// <summary>Five cron fields: minute, hour, day of month, month, day of week; or <c>@hourly</c> and the like. Read as robfig/cron reads them.</summary>
/// <remarks>
/// Our own, because NCrontab joins day of month and day of week by "and" where cron says "or", and turns reversed ranges around instead of refusing
/// them (ADR 0011). Not accepted, unlike there: <c>@every</c>, which opens relative to the asking, and a <c>TZ=</c> prefix, as a window has its own field.
/// </remarks>
public sealed class CronExpression
{
    private const int Longest = 256;

    private static readonly Dictionary<string, string> Descriptors = new(StringComparer.Ordinal)
    {
        ["@yearly"] = "0 0 1 1 *", ["@annually"] = "0 0 1 1 *", ["@monthly"] = "0 0 1 * *", ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *", ["@midnight"] = "0 0 * * *", ["@hourly"] = "0 * * * *",
    };

    private static readonly Field Minute = new("minute", 0, 59, []);
    private static readonly Field Hour = new("hour", 0, 23, []);
    private static readonly Field DayOfMonth = new("day of month", 1, 31, []);
    private static readonly Field Month = new("month", 1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]);
    private static readonly Field DayOfWeek = new("day of week", 0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]);

    private readonly Values _daysOfMonth;
    private readonly Values _months;
    private readonly Values _daysOfWeek;

    private CronExpression(Values[] fields)
    {
        (_daysOfMonth, _months, _daysOfWeek) = (fields[2], fields[3], fields[4]);
        Times = [.. from hour in Enumerable.Range(0, 24) where fields[1].Has(hour)
                    from minute in Enumerable.Range(0, 60) where fields[0].Has(minute)
                    select new TimeOnly(hour, minute)];
    }

    /// <summary>Wall-clock times on each matching day, in order.</summary>
    public IReadOnlyList<TimeOnly> Times { get; }

    /// <summary>Null and what is wrong, fit for a message, when the text is no such expression.</summary>
    public static CronExpression? TryParse(string? text, out string? problem)
    {
        problem = null;
        var trimmed = text?.Trim() ?? "";
        if (trimmed.Length > Longest) { problem = $"a cron expression has at most {Longest} characters"; }
        else if (trimmed.StartsWith('@') && !Descriptors.ContainsKey(trimmed)) { problem = $"known are {string.Join(", ", Descriptors.Keys)}"; }

        if (problem is not null) { return null; }

        var parts = Descriptors.GetValueOrDefault(trimmed, trimmed).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 5)
        {
            problem = $"expected 5 fields (minute, hour, day of month, month, day of week), found {parts.Length}";
            return null;
        }

        Field[] fields = [Minute, Hour, DayOfMonth, Month, DayOfWeek];
        var values = new Values[5];
        for (var i = 0; i < 5; i++)
        {
            if (fields[i].TryParse(parts[i], out values[i])) { continue; }

            problem = $"the {fields[i].Name} \"{parts[i]}\" cannot be read: {fields[i].Min} to {fields[i].Max}, *, a-b, a-b/step, joined by commas";
            return null;
        }

        return new CronExpression(values);
    }

    /// <summary>When both days are restricted, either may match; when one of them is <c>*</c>, the other decides.</summary>
    public bool Matches(DateOnly day)
    {
        if (!_months.Has(day.Month)) { return false; }

        var (ofMonth, ofWeek) = (_daysOfMonth.Has(day.Day), _daysOfWeek.Has((int)day.DayOfWeek));
        return _daysOfMonth.IsStar || _daysOfWeek.IsStar ? ofMonth && ofWeek : ofMonth || ofWeek;
    }

    private readonly record struct Values(ulong Bits, bool IsStar)
    {
        public bool Has(int value) => (Bits & (1UL << value)) != 0;
    }

    private sealed record Field(string Name, int Min, int Max, string[] Names)
    {
        public bool TryParse(string text, out Values values)
        {
            values = default;
            foreach (var item in text.Split(','))
            {
                if (!TryParseItem(item, out var more)) { return false; }

                values = new Values(values.Bits | more.Bits, values.IsStar || more.IsStar);
            }

            return true;
        }

        private bool TryParseItem(string text, out Values values)
        {
            values = default;
            var parts = text.Split('/');
            var step = 1;
            if (parts.Length > 2 || (parts.Length == 2 && !(TryNumber(parts[1], out step) && step > 0))) { return false; }

            var isStar = parts[0] is "*" or "?";
            var (first, last) = (Min, Max);
            if (!isStar && !TryRange(parts[0], hasStep: parts.Length == 2, out first, out last)) { return false; }
            if (first < Min || last > Max || first > last) { return false; }

            var bits = 0UL;
            for (var value = first; value <= last; value += Math.Min(step, Max + 1)) { bits |= 1UL << value; }

            values = new Values(bits, isStar && step == 1);
            return true;
        }

        /// <summary>One value with a step goes on to the end: <c>5/15</c> is <c>5-59/15</c>.</summary>
        private bool TryRange(string text, bool hasStep, out int first, out int last)
        {
            last = 0;
            var ends = text.Split('-');
            if (ends.Length > 2 || !TryValue(ends[0], out first))
            {
                first = 0;
                return false;
            }

            if (ends.Length == 2) { return TryValue(ends[1], out last); }

            last = hasStep ? Max : first;
            return true;
        }

        private bool TryValue(string text, out int value)
        {
            var named = Array.FindIndex(Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
            value = named + Min;
            return named >= 0 || TryNumber(text, out value);
        }

        private static bool TryNumber(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
