// JSON as a plain value, and a strict reader that names the JSON path of every mistake.
// Parsing limits: depth 64, duplicate keys are refused, UTF-8 only, numbers are int64 or finite
// double.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace carillon::base {

class Json {
public:
    using Array = std::vector<Json>;
    using Object = std::vector<std::pair<std::string, Json>>;  // in the order written

    Json() = default;
    Json(std::nullptr_t) {}
    Json(bool value) : value_(value) {}
    Json(int value) : value_(std::int64_t{value}) {}
    Json(std::int64_t value) : value_(value) {}
    Json(double value) : value_(value) {}
    Json(const char* value) : value_(std::string{value}) {}
    Json(std::string_view value) : value_(std::string{value}) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(Array value) : value_(std::move(value)) {}
    Json(Object value) : value_(std::move(value)) {}

    // `file` names the source in messages: "birthday.json:12:5: ...". Errors: json.invalid,
    // json.depth, json.duplicate_key.
    static Result<Json> parse(std::string_view text, std::string_view file = {});

    bool is_null() const { return value_.index() == 0; }
    const bool* boolean() const { return std::get_if<bool>(&value_); }
    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
    const std::string* text() const { return std::get_if<std::string>(&value_); }
    const Array* array() const { return std::get_if<Array>(&value_); }
    const Object* object() const { return std::get_if<Object>(&value_); }
    Array* array() { return std::get_if<Array>(&value_); }
    Object* object() { return std::get_if<Object>(&value_); }
    std::optional<double> number() const;  // an integer or a double

    const Json* find(std::string_view key) const;  // nullptr when absent or not an object
    void set(std::string key, Json value);         // adds or replaces; makes a null an object

    std::string_view type_name() const;       // "text", "number", "list", ... for messages
    std::string dump(int indent = -1) const;  // as written
    std::string canonical() const;            // keys sorted, no spaces: what hashes are taken of

    bool operator==(const Json& other) const = default;

private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_{};
};

// "text" with quotes and escapes, appended; for hot paths that write JSON by hand.
void append_json_text(std::string& out, std::string_view text);

using Problems = std::vector<Failure>;

// Reads one object strictly. Every mistake is collected with its path; finish() reports keys nobody
// asked for together with the nearest known key. Values returned after a mistake are harmless
// defaults.
class ObjectReader {
public:
    ObjectReader(const Json& json, std::string path, Problems& problems);

    bool has(std::string_view key);
    std::string required_text(std::string_view key);
    std::string text(std::string_view key, std::string_view fallback = {});
    std::int64_t required_integer(std::string_view key, std::int64_t min, std::int64_t max);
    std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t min,
                         std::int64_t max);
    double number(std::string_view key, double fallback, double min, double max);
    bool boolean(std::string_view key, bool fallback);
    std::vector<std::string> texts(std::string_view key);  // a list of texts; absent is empty
    const Json* any(std::string_view key);                 // whatever it is; marks the key as known
    const Json* required(std::string_view key);
    const Json::Array* list(
        std::string_view key);                 // nullptr when absent (no mistake) or not a list
    const Json* object(std::string_view key);  // nullptr when absent (no mistake) or not an object
    // One of `names`; index into it, or `fallback` when absent (a negative fallback makes it
    // required).
    int choice(std::string_view key, const std::vector<std::string_view>& names, int fallback);

    void problem(std::string_view key, std::string code, std::string detail);
    std::string path_of(std::string_view key) const;
    const std::string& path() const { return path_; }
    void finish();

private:
    const Json* take(std::string_view key);
    const Json* take_typed(std::string_view key, std::string_view expected, bool fits);

    const Json& json_;
    std::string path_;
    Problems& problems_;
    std::vector<std::string> known_;
};

}  // namespace carillon::base
