#include "audience/segment_fields.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace carillon::audience {

namespace {

using enum Operator;

constexpr std::array<std::string_view, 2> client_kinds{"person", "company"};
constexpr std::array<std::string_view, 2> genders{"f", "m"};
constexpr std::array<std::string_view, 5> statuses{"prospect", "new", "active", "inactive",
                                                   "leaving"};
constexpr std::array<std::string_view, 2> value_classes{"top", "standard"};
constexpr std::array<std::string_view, 4> kinds_of_contract{"loan", "deposit", "card", "account"};
constexpr std::array<std::string_view, 5> kinds_of_relation{"spouse", "guarantor", "director",
                                                            "owner", "affiliate"};

constexpr std::array on_clients{
    FieldInfo{"external_id", FieldType::text, "external_id", false, {}},
    FieldInfo{"kind", FieldType::choice, "kind", false, client_kinds},
    FieldInfo{"name", FieldType::folded, "search_name", false, {}},
    FieldInfo{"last_name", FieldType::text, "last_name", true, {}},
    FieldInfo{"first_name", FieldType::text, "first_name", true, {}},
    FieldInfo{"middle_name", FieldType::text, "middle_name", true, {}},
    FieldInfo{"company_name", FieldType::text, "company_name", true, {}},
    FieldInfo{"gender", FieldType::choice, "gender", true, genders},
    FieldInfo{"birth_date", FieldType::date, "birth_date", true, {}},
    FieldInfo{"age", FieldType::age, "birth_date", true, {}},
    FieldInfo{"locale", FieldType::text, "locale", false, {}},
    FieldInfo{"time_zone", FieldType::text, "time_zone", true, {}},
    FieldInfo{"branch", FieldType::text, "branch", true, {}},
    FieldInfo{"manager", FieldType::text, "manager", true, {}},
    FieldInfo{"status", FieldType::choice, "status", false, statuses},
    FieldInfo{"income", FieldType::money, "income_minor", true, {}},
    FieldInfo{"value_class", FieldType::choice, "value_class", false, value_classes},
    FieldInfo{"occupation", FieldType::text, "occupation", true, {}},
    FieldInfo{"industry", FieldType::text, "industry", true, {}},
    FieldInfo{"household", FieldType::text, "household", true, {}},
    FieldInfo{"created_at", FieldType::instant, "created_at", false, {}},
    FieldInfo{"updated_at", FieldType::instant, "updated_at", false, {}},
};

constexpr std::array on_contracts{
    FieldInfo{"external_id", FieldType::text, "external_id", false, {}},
    FieldInfo{"product", FieldType::text, "product", false, {}},
    FieldInfo{"status", FieldType::text, "status", false, {}},
    FieldInfo{"amount", FieldType::money, "amount_minor", true, {}},
    FieldInfo{"balance", FieldType::money, "balance_minor", true, {}},
    FieldInfo{"opened_on", FieldType::date, "opened_on", true, {}},
    FieldInfo{"closed_on", FieldType::date, "closed_on", true, {}},
    FieldInfo{"expires_on", FieldType::date, "expires_on", true, {}},
    FieldInfo{"next_payment_on", FieldType::date, "next_payment_on", true, {}},
    FieldInfo{"next_payment", FieldType::money, "next_payment_minor", true, {}},
    FieldInfo{"overdue", FieldType::money, "overdue_minor", false, {}},
    FieldInfo{"overdue_since", FieldType::date, "overdue_since", true, {}},
    FieldInfo{"overdue_days", FieldType::days, "overdue_since", true, {}},
};

struct OperatorName {
    Operator op{};
    std::string_view name{};
};
constexpr std::array operator_names{
    OperatorName{is, "is"},
    OperatorName{is_not, "is_not"},
    OperatorName{in, "in"},
    OperatorName{not_in, "not_in"},
    OperatorName{less, "<"},
    OperatorName{less_or_equal, "<="},
    OperatorName{greater, ">"},
    OperatorName{greater_or_equal, ">="},
    OperatorName{between, "between"},
    OperatorName{starts_with, "starts_with"},
    OperatorName{contains, "contains"},
    OperatorName{is_missing, "is_missing"},
    OperatorName{has_value, "has_value"},
};

constexpr std::array for_text{is, is_not, in, not_in, starts_with, contains, is_missing, has_value};
constexpr std::array for_folded{is, is_not, starts_with, contains};
constexpr std::array for_choice{is, is_not, in, not_in, is_missing, has_value};
constexpr std::array for_order{
    is, is_not, less, less_or_equal, greater, greater_or_equal, between, is_missing, has_value};
constexpr std::array for_flag{is, is_not, is_missing, has_value};

}  // namespace

std::string_view name_of(AttributeType type) {
    switch (type) {
        case AttributeType::text: return "text";
        case AttributeType::number: return "number";
        case AttributeType::date: return "date";
        case AttributeType::flag: return "flag";
    }
    std::abort();
}

std::optional<AttributeType> attribute_type_from(std::string_view name) {
    for (const auto type :
         {AttributeType::text, AttributeType::number, AttributeType::date, AttributeType::flag})
        if (name_of(type) == name) return type;
    return std::nullopt;
}

std::string_view name_of(FieldType type) {
    switch (type) {
        case FieldType::text: return "text";
        case FieldType::folded: return "name";
        case FieldType::choice: return "choice";
        case FieldType::age: return "age";
        case FieldType::days: return "days";
        case FieldType::money: return "money";
        case FieldType::number: return "number";
        case FieldType::date: return "date";
        case FieldType::instant: return "instant";
        case FieldType::flag: return "flag";
    }
    std::abort();
}

std::string_view name_of(Operator op) {
    return std::ranges::find(operator_names, op, &OperatorName::op)->name;
}

std::optional<Operator> operator_from(std::string_view name) {
    const auto* found = std::ranges::find(operator_names, name, &OperatorName::name);
    if (found == operator_names.end()) return std::nullopt;
    return found->op;
}

std::span<const Operator> operators_of(FieldType type) {
    switch (type) {
        case FieldType::text: return for_text;
        case FieldType::folded: return for_folded;
        case FieldType::choice: return for_choice;
        case FieldType::age:
        case FieldType::days:
        case FieldType::money:
        case FieldType::number:
        case FieldType::date:
        case FieldType::instant: return for_order;
        case FieldType::flag: return for_flag;
    }
    std::abort();
}

FieldType field_type_of(AttributeType type) {
    switch (type) {
        case AttributeType::text: return FieldType::text;
        case AttributeType::number: return FieldType::number;
        case AttributeType::date: return FieldType::date;
        case AttributeType::flag: return FieldType::flag;
    }
    std::abort();
}

std::span<const FieldInfo> client_fields() {
    return on_clients;
}
std::span<const FieldInfo> contract_fields() {
    return on_contracts;
}

const FieldInfo* find_field(std::span<const FieldInfo> fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, &FieldInfo::name);
    return found == fields.end() ? nullptr : &*found;
}

std::span<const std::string_view> contract_kinds() {
    return kinds_of_contract;
}
std::span<const std::string_view> relation_kinds() {
    return kinds_of_relation;
}

}  // namespace carillon::audience
