#include "base/json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/text.h"

namespace carillon::base {

namespace {

constexpr std::size_t depth_max = 64;

// Builds our value from nlohmann's token stream, so that depth and duplicate keys are checked on
// the way.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
public:
    bool null() override { return add(Json{}); }
    bool boolean(bool value) override { return add(Json{value}); }
    bool number_integer(number_integer_t value) override { return add(Json{std::int64_t{value}}); }
    bool number_unsigned(number_unsigned_t value) override {
        if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
            return stop("json.invalid", "a number is beyond 64 bits");
        return add(Json{static_cast<std::int64_t>(value)});
    }
    bool number_float(number_float_t value, const string_t&) override {
        if (!std::isfinite(value)) return stop("json.invalid", "a number is not finite");
        return add(Json{value});
    }
    bool string(string_t& value) override { return add(Json{std::move(value)}); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Json{Json::Object{}}); }
    bool start_array(std::size_t) override { return open(Json{Json::Array{}}); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        auto& frame = stack_.back();
        if (is_taken(frame, name))
            return stop("json.duplicate_key", "the key '" + name + "' stands twice in one object");
        frame.key = std::move(name);
        return true;
    }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception& error) override {
        position_ = position;
        // Without the library's own marks in front, "[json.exception.parse_error.101] ...".
        const std::string what = error.what();
        const auto colon = what.rfind(": ");
        const auto mark = what.starts_with('[') ? what.find("] ") : std::string::npos;
        const auto before = colon != std::string::npos ? colon : mark;
        return stop("json.invalid", before == std::string::npos ? what : what.substr(before + 2));
    }

    Json root{};
    std::string code{};
    std::string detail{};
    std::size_t position_{};

private:
    struct Frame {
        Json value{};
        std::string key{};
        std::unordered_set<std::string> keys{};  // of a large object only
    };

    // Looking along an object for each of its keys would take a hostile one a second.
    static bool is_taken(Frame& frame, const std::string& name) {
        constexpr std::size_t few = 32;
        const auto& members = *frame.value.object();
        if (members.size() < few) return frame.value.find(name) != nullptr;
        if (frame.keys.empty())
            for (const auto& [key, value] : members) frame.keys.insert(key);
        return !frame.keys.insert(name).second;
    }

    bool stop(std::string why_code, std::string why) {
        if (code.empty()) {
            code = std::move(why_code);
            detail = std::move(why);
        }
        return false;
    }
    bool add(Json value) {
        if (stack_.empty()) {
            root = std::move(value);
            return true;
        }
        auto& parent = stack_.back();
        if (auto* array = parent.value.array())
            array->push_back(std::move(value));
        else
            parent.value.object()->emplace_back(std::move(parent.key), std::move(value));
        return true;
    }
    bool open(Json value) {
        if (stack_.size() >= depth_max)
            return stop("json.depth", "nested deeper than " + std::to_string(depth_max));
        stack_.push_back({std::move(value), {}});
        return true;
    }
    bool close() {
        auto value = std::move(stack_.back().value);
        stack_.pop_back();
        return add(std::move(value));
    }

    std::vector<Frame> stack_;
};

// ".key", or ["a.b"] where somebody has chosen a key that would look like a path.
std::string foreign_member(const std::string& key) {
    if (key.find_first_of(".[]\"\\ ") == std::string::npos) return "." + key;
    return "[" + Json{key}.dump() + "]";
}

// 22, and 22.0 as some programs write it (JSON Schema takes both for an integer).
std::optional<std::int64_t> whole(const Json& json) {
    constexpr double exact_max = 9'007'199'254'740'992;  // 2^53
    if (const auto* given = json.integer()) return *given;
    const auto real = json.number();
    if (!real || std::trunc(*real) != *real || std::abs(*real) > exact_max) return std::nullopt;
    return static_cast<std::int64_t>(*real);
}

void append_number(std::string& out, double value) {
    out += nlohmann::json(value).dump();
}

template <bool sorted>
void write(std::string& out, const Json& json, int indent, int level) {
    const auto new_line = [&](int at) {
        if (indent < 0) return;
        out += '\n';
        out.append(static_cast<std::size_t>(indent * at), ' ');
    };
    if (json.is_null()) {
        out += "null";
    } else if (const auto* flag = json.boolean()) {
        out += *flag ? "true" : "false";
    } else if (const auto* integer = json.integer()) {
        out += std::to_string(*integer);
    } else if (const auto* text = json.text()) {
        append_json_text(out, *text);
    } else if (const auto* array = json.array()) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (i > 0) out += ',';
            new_line(level + 1);
            write<sorted>(out, (*array)[i], indent, level + 1);
        }
        if (!array->empty()) new_line(level);
        out += ']';
    } else if (const auto* object = json.object()) {
        std::vector<const std::pair<std::string, Json>*> members;
        for (const auto& member : *object) members.push_back(&member);
        if (sorted)
            std::ranges::sort(members, {}, [](const auto* member) { return member->first; });
        out += '{';
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (i > 0) out += ',';
            new_line(level + 1);
            append_json_text(out, members[i]->first);
            out += indent < 0 ? ":" : ": ";
            write<sorted>(out, members[i]->second, indent, level + 1);
        }
        if (!members.empty()) new_line(level);
        out += '}';
    } else {
        append_number(out, json.number().value_or(0));
    }
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
    static constexpr char hex[] = "0123456789abcdef";
    out += '"';
    std::size_t copied = 0;  // most texts need no escapes and are copied whole
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte != 0x7F && byte != '"' && byte != '\\') continue;
        out += text.substr(copied, i - copied);
        copied = i + 1;
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text[i];
        } else if (byte == '\n') {
            out += "\\n";
        } else {
            out += "\\u00";
            out += hex[byte >> 4];
            out += hex[byte & 15];
        }
    }
    out += text.substr(copied);
    out += '"';
}

Result<Json> Json::parse(std::string_view text, std::string_view file) {
    Builder builder;
    if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
        return std::move(builder.root);
    auto place = std::string{file};
    if (builder.position_ > 0) {
        const auto at = line_column(text, builder.position_ - 1);
        place += (place.empty() ? "line " : ":") + std::to_string(at.line) + ":" +
                 std::to_string(at.column);
    }
    if (builder.code.empty()) builder.code = "json.invalid";
    return fail(builder.code, "not valid JSON: " + builder.detail, place);
}

std::optional<double> Json::number() const {
    if (const auto* whole = integer()) return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&value_)) return *real;
    return std::nullopt;
}

const Json* Json::find(std::string_view key) const {
    const auto* members = object();
    if (members == nullptr) return nullptr;
    const auto found = std::ranges::find(*members, key, &Object::value_type::first);
    return found == members->end() ? nullptr : &found->second;
}

void Json::set(std::string key, Json value) {
    if (is_null()) value_ = Object{};
    auto* members = object();
    const auto found = std::ranges::find(*members, key, &Object::value_type::first);
    if (found == members->end())
        members->emplace_back(std::move(key), std::move(value));
    else
        found->second = std::move(value);
}

std::string_view Json::type_name() const {
    static constexpr std::string_view names[] = {"null", "true/false", "number", "number",
                                                 "text", "list",       "object"};
    return names[value_.index()];
}

std::string Json::dump(int indent) const {
    std::string out;
    write<false>(out, *this, indent, 0);
    return out;
}

std::string Json::canonical() const {
    std::string out;
    write<true>(out, *this, -1, 0);
    return out;
}

ObjectReader::ObjectReader(const Json& json, std::string path, Problems& problems)
    : json_(json), path_(std::move(path)), problems_(problems) {
    if (json_.object() == nullptr)
        problems_.push_back(
            {"json.type", "expected an object, found " + std::string{json_.type_name()}, path_});
}

std::string ObjectReader::path_of(std::string_view key) const {
    return path_ + "." + std::string{key};
}

void ObjectReader::problem(std::string_view key, std::string code, std::string detail) {
    problems_.push_back({std::move(code), std::move(detail), key.empty() ? path_ : path_of(key)});
}

const Json* ObjectReader::take(std::string_view key) {
    if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
    return json_.find(key);
}

bool ObjectReader::has(std::string_view key) {
    return take(key) != nullptr;
}
const Json* ObjectReader::any(std::string_view key) {
    return take(key);
}

const Json* ObjectReader::required(std::string_view key) {
    const auto* value = take(key);
    if (value == nullptr && json_.object() != nullptr) problem(key, "json.missing", "is required");
    return value;
}

std::string ObjectReader::required_text(std::string_view key) {
    if (required(key) == nullptr) return {};
    auto value = text(key);
    if (value.empty()) problem(key, "json.empty", "must not be empty");
    return value;
}

std::string ObjectReader::text(std::string_view key, std::string_view fallback) {
    const auto* value = take(key);
    if (value == nullptr) return std::string{fallback};
    if (const auto* given = value->text()) return *given;
    problem(key, "json.type", "expected a text, found " + std::string{value->type_name()});
    return std::string{fallback};
}

std::int64_t ObjectReader::required_integer(std::string_view key, std::int64_t min,
                                            std::int64_t max) {
    if (required(key) == nullptr) return min;
    return integer(key, min, min, max);
}

std::int64_t ObjectReader::integer(std::string_view key, std::int64_t fallback, std::int64_t min,
                                   std::int64_t max) {
    const auto* value = take(key);
    if (value == nullptr) return fallback;
    const auto given = whole(*value);
    if (!given) {
        problem(key, "json.type",
                "expected a whole number, found " + std::string{value->type_name()});
        return fallback;
    }
    if (*given >= min && *given <= max) return *given;
    problem(key, "json.range",
            "must lie between " + std::to_string(min) + " and " + std::to_string(max) + ", found " +
                std::to_string(*given));
    return fallback;
}

double ObjectReader::number(std::string_view key, double fallback, double min, double max) {
    const auto* value = take(key);
    if (value == nullptr) return fallback;
    const auto given = value->number();
    if (!given) {
        problem(key, "json.type", "expected a number, found " + std::string{value->type_name()});
        return fallback;
    }
    if (*given >= min && *given <= max) return *given;
    problem(key, "json.range", "must lie between " + Json{min}.dump() + " and " + Json{max}.dump());
    return fallback;
}

bool ObjectReader::boolean(std::string_view key, bool fallback) {
    const auto* value = take(key);
    if (value == nullptr) return fallback;
    if (const auto* given = value->boolean()) return *given;
    problem(key, "json.type", "expected true or false, found " + std::string{value->type_name()});
    return fallback;
}

std::vector<std::string> ObjectReader::texts(std::string_view key) {
    std::vector<std::string> found;
    const auto* items = list(key);
    if (items == nullptr) return found;
    for (std::size_t i = 0; i < items->size(); ++i) {
        if (const auto* item = (*items)[i].text())
            found.push_back(*item);
        else
            problem(std::string{key} + "[" + std::to_string(i) + "]", "json.type",
                    "expected a text");
    }
    return found;
}

const Json::Array* ObjectReader::list(std::string_view key) {
    const auto* value = take(key);
    if (value == nullptr) return nullptr;
    if (value->array() == nullptr)
        problem(key, "json.type", "expected a list, found " + std::string{value->type_name()});
    return value->array();
}

const Json* ObjectReader::object(std::string_view key) {
    const auto* value = take(key);
    if (value == nullptr) return nullptr;
    if (value->object() != nullptr) return value;
    problem(key, "json.type", "expected an object, found " + std::string{value->type_name()});
    return nullptr;
}

int ObjectReader::choice(std::string_view key, const std::vector<std::string_view>& names,
                         int fallback) {
    const auto* value = fallback < 0 ? required(key) : take(key);
    if (value == nullptr) return std::max(fallback, 0);
    const auto given = text(key);
    const auto found = std::ranges::find(names, given);
    if (found != names.end()) return static_cast<int>(found - names.begin());
    std::vector<std::string> all{names.begin(), names.end()};
    auto detail = "'" + given + "' is not known; expected one of " + join(all, ", ");
    if (const auto close = nearest(given, names); !close.empty())
        detail += " (did you mean " + close + "?)";
    problem(key, "json.choice", detail);
    return std::max(fallback, 0);
}

void ObjectReader::finish() {
    const auto* members = json_.object();
    if (members == nullptr) return;
    constexpr int told_max = 20;
    int unknown = 0;
    const std::vector<std::string_view> known{known_.begin(), known_.end()};
    for (const auto& [key, value] : *members) {
        if (std::ranges::find(known_, key) != known_.end()) continue;
        if (++unknown > told_max) continue;
        auto detail = std::string{"no such key"};
        if (const auto close = nearest(key, known); !close.empty())
            detail += "; did you mean " + close + "?";
        problems_.push_back({"json.unknown_key", detail, path_ + foreign_member(key)});
    }
    if (unknown > told_max)
        problem("", "json.unknown_key",
                "and " + std::to_string(unknown - told_max) + " more unknown keys");
}

}  // namespace carillon::base
