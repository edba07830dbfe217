// What goes into a query: NULL, a whole number, a real number, a text, or a list of ids for an `IN
// (?*)`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/id.h"

namespace carillon::db {

using IdList = std::vector<std::int64_t>;

class Value {
public:
    Value() = default;
    Value(std::nullopt_t) {}
    Value(bool value) : data_(std::int64_t{value}) {}
    Value(int value) : data_(std::int64_t{value}) {}
    Value(std::int64_t value) : data_(value) {}
    Value(double value) : data_(value) {}
    Value(const char* value) : data_(std::string{value}) {}
    Value(std::string_view value) : data_(std::string{value}) {}
    Value(std::string value) : data_(std::move(value)) {}
    Value(base::Instant value) : data_(base::to_millis(value)) {}
    Value(IdList value) : data_(std::move(value)) {}
    template <class Tag>
    Value(base::Id<Tag> id) : data_(id.value) {}
    template <class T>
    Value(const std::optional<T>& value) {
        if (value) *this = Value{*value};
    }

    using Data = std::variant<std::monostate, std::int64_t, double, std::string, IdList>;
    const Data& data() const { return data_; }

private:
    Data data_{};
};

using Params = std::vector<Value>;

}  // namespace carillon::db
