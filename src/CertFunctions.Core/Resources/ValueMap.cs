using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CertFunctions.Core.Resources;

/// <summary>String to string, sorted by key and compared by content: labels, annotations, tags. JSON: a plain object.</summary>
[JsonConverter(typeof(ValueMapConverter))]
public sealed class ValueMap(ImmutableSortedDictionary<string, string> items) : IReadOnlyDictionary<string, string>, IEquatable<ValueMap>
{
    private readonly ImmutableSortedDictionary<string, string> _items = items.WithComparers(StringComparer.Ordinal);

    public static ValueMap Empty { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    public int Count => _items.Count;

    public IEnumerable<string> Keys => _items.Keys;

    public IEnumerable<string> Values => _items.Values;

    public string this[string key] => _items[key];

    public static ValueMap From(IEnumerable<KeyValuePair<string, string>> items) =>
        new(items.ToImmutableSortedDictionary(StringComparer.Ordinal));

    /// <summary>The value of a key, or null when it is absent.</summary>
    public string? Find(string key) => _items.GetValueOrDefault(key);

    /// <summary>The same map with one key set.</summary>
    public ValueMap With(string key, string value) => new(_items.SetItem(key, value));

    public bool ContainsKey(string key) => _items.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _items.TryGetValue(key, out value);

    public bool Equals(ValueMap? other) => other is not null && _items.SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as ValueMap);

    public override int GetHashCode() => _items.Aggregate(_items.Count, (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value));

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Reads and writes a <see cref="ValueMap"/> as a JSON object of strings.</summary>
public sealed class ValueMapConverter : JsonConverter<ValueMap>
{
    public override ValueMap Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.StartObject) { throw new JsonException("Expected an object of strings."); }

        var items = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            reader.Read();
            items[key] = reader.GetString() ?? "";
        }

        return new ValueMap(items.ToImmutable());
    }

    public override void Write(Utf8JsonWriter writer, ValueMap value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (key, item) in value) { writer.WriteString(key, item); }
        writer.WriteEndObject();
    }
}
