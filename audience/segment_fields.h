// The catalogue of fields a segment may ask about: name, type, column, and the operators each type
// allows. The parser, the compiler, the evaluator and `segment fields` all read this one table.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "audience/profile.h"

namespace carillon::audience {

enum class FieldType {
    text,     // exact, byte by byte
    folded,   // a name: compared without regard to case
    choice,   // one of a closed list of words
    age,      // full years on the day asked about, from a birth date
    days,     // days passed since a date
    money,    // minor units
    number,   // a real number
    date,     // a calendar date
    instant,  // a moment, asked about by its UTC day
    flag      // true or false
};

enum class Operator {
    is,
    is_not,  // exactly `not is`: true for a missing value
    in,
    not_in,  // exactly `not in`
    less,
    less_or_equal,
    greater,
    greater_or_equal,
    between,  // both ends belong to it
    starts_with,
    contains,
    is_missing,
    has_value
};

struct FieldInfo {
    std::string_view name{};
    FieldType type{};
    std::string_view column{};  // of clients or contracts
    bool nullable{};
    std::span<const std::string_view> choices{};  // of a choice field
};

std::string_view name_of(FieldType type);
std::string_view name_of(Operator op);  // as written in JSON: "is", ">=", "starts_with"
std::optional<Operator> operator_from(std::string_view name);

std::span<const Operator> operators_of(FieldType type);
FieldType field_type_of(AttributeType type);

std::span<const FieldInfo> client_fields();
std::span<const FieldInfo> contract_fields();
const FieldInfo* find_field(std::span<const FieldInfo> fields, std::string_view name);

std::span<const std::string_view> contract_kinds();
std::span<const std::string_view> relation_kinds();

}  // namespace carillon::audience
