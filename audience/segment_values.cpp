// Fields, operators and values of segment comparisons.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "audience/segment_parser.h"
#include "base/money.h"
#include "base/text.h"

namespace carillon::audience {

namespace {

constexpr std::string_view attribute_prefix = "attributes.";

bool takes_no_value(Operator op) {
    return op == Operator::is_missing || op == Operator::has_value;
}
bool takes_list(Operator op) {
    return op == Operator::in || op == Operator::not_in;
}

template <class Names, class Name>
std::string joined(const Names& names, Name&& name) {
    std::vector<std::string> words;
    for (const auto& item : names) words.emplace_back(name(item));
    return base::join(words, ", ");
}

int units_max(char unit) {
    switch (unit) {
        case 'd': return SegmentLimits::days_max;
        case 'w': return SegmentLimits::days_max / 7;
        case 'm': return 1'200;
        case 'y': return 100;
        default: return -1;
    }
}

}  // namespace

bool is_segment_text(std::string_view text) {
    return text.size() <= SegmentLimits::text_max && base::is_valid_utf8(text) &&
           !base::has_control_characters(text);
}

std::string DateSpec::text() const {
    if (!fixed.empty()) return fixed;
    if (offset == 0) return "today";
    return (offset > 0 ? "+" : "") + std::to_string(offset) + unit;
}

base::Result<DateSpec> parse_date_spec(std::string_view text) {
    if (text == "today") return DateSpec{};
    if (text.size() >= 3 && text.size() <= 8 && (text[0] == '-' || text[0] == '+')) {
        const char unit = text.back();
        int amount = 0;
        const auto* last = text.data() + text.size() - 1;
        const auto [end, error] = std::from_chars(text.data() + 1, last, amount);
        if (error == std::errc{} && end == last && amount >= 0 && amount <= units_max(unit))
            return DateSpec{{}, text[0] == '-' ? -amount : amount, unit};
    } else if (const auto date = base::parse_date(text)) {
        return DateSpec{std::string{text}, 0, 'd'};
    }
    return base::fail("segment.value",
                      "'" + std::string{text.substr(0, 40)} +
                          "' is not a date; expected YYYY-MM-DD, today, or an offset such as -30d, "
                          "+2w, -6m, -1y (at most 100 years)");
}

base::LocalDate resolve(const DateSpec& spec, const base::LocalDate& as_of) {
    if (!spec.fixed.empty()) return base::parse_date(spec.fixed).value();
    if (spec.unit == 'd') return base::add_days(as_of, spec.offset);
    if (spec.unit == 'w') return base::add_days(as_of, spec.offset * 7);
    const int months = spec.unit == 'y' ? spec.offset * 12 : spec.offset;
    const auto moved = as_of + std::chrono::months{months};
    if (moved.ok()) return moved;
    return base::LocalDate{moved.year() / moved.month() / std::chrono::last};
}

std::string FieldRef::name() const {
    return info != nullptr ? std::string{info->name} : std::string{attribute_prefix} + attribute;
}

void ComparisonParser::wrong(const std::string& path, std::string detail) const {
    problems_.push_back({"segment.value", std::move(detail), path});
}

std::optional<FieldRef> ComparisonParser::field(base::ObjectReader& reader) const {
    const auto name = reader.required_text("field");
    FieldRef found{find_field(fields_, name), {}, FieldType::text};
    if (found.info != nullptr) {
        found.type = found.info->type;
        return found;
    }
    std::vector<std::string> known;
    for (const auto& field : fields_) known.emplace_back(field.name);
    if (attributes_ != nullptr) {
        for (const auto& [attribute, type] : *attributes_) {
            known.push_back(std::string{attribute_prefix} + attribute);
            if (known.back() == name) return FieldRef{nullptr, attribute, field_type_of(type)};
        }
    }
    if (name.empty()) return std::nullopt;  // reported by the reader
    const std::vector<std::string_view> views{known.begin(), known.end()};
    const auto close = base::nearest(name, views);
    reader.problem("field", "segment.unknown_field",
                   "there is no field '" + name.substr(0, 80) + "'" +
                       (close.empty() ? std::string{} : "; did you mean " + close + "?"));
    return std::nullopt;
}

Operator ComparisonParser::operation(base::ObjectReader& reader, const FieldRef& field) const {
    const auto name = reader.required_text("op");
    const auto allowed = operators_of(field.type);
    const auto op = operator_from(name);
    if (op && std::ranges::find(allowed, *op) != allowed.end()) return *op;
    if (!name.empty())
        reader.problem("op", "segment.operator",
                       "'" + name.substr(0, 40) + "' does not fit " + field.name() + " (" +
                           std::string{name_of(field.type)} + "); expected one of " +
                           joined(allowed, [](Operator one) { return name_of(one); }));
    return Operator::has_value;
}

Operand ComparisonParser::text_operand(const base::Json& value, const FieldRef& field,
                                       const std::string& path) const {
    const auto* text = value.text();
    if (text == nullptr || text->empty() || !is_segment_text(*text)) {
        wrong(path, "expected a text of 1 to " + std::to_string(SegmentLimits::text_max) +
                        " printable bytes for " + field.name());
        return std::string{};
    }
    if (field.type == FieldType::folded) return base::fold_case(base::to_nfc(*text));
    if (field.type != FieldType::choice) return *text;
    const auto choices = field.info->choices;
    if (std::ranges::find(choices, *text) == choices.end()) {
        const auto close = base::nearest(*text, choices);
        wrong(path, "'" + text->substr(0, 40) + "' is not a " + field.name() +
                        "; expected one of " +
                        joined(choices, [](std::string_view one) { return one; }) +
                        (close.empty() ? "" : " (did you mean " + close + "?)"));
    }
    return *text;
}

Operand ComparisonParser::date_operand(const base::Json& value, const std::string& path) const {
    const auto* text = value.text();
    const auto date = parse_date_spec(text != nullptr ? *text : value.dump());
    if (date) return *date;
    wrong(path, date.error().detail);
    return DateSpec{};
}

Operand ComparisonParser::whole_operand(const base::Json& value, const FieldRef& field,
                                        const std::string& path) const {
    const std::int64_t max = field.type == FieldType::age ? 150 : SegmentLimits::days_max;
    const auto* number = value.integer();
    if (number != nullptr && *number >= 0 && *number <= max) return *number;
    wrong(path, "expected a whole number of 0 to " + std::to_string(max) + " for " + field.name());
    return std::int64_t{};
}

std::int64_t ComparisonParser::money(const base::Json& value, const std::string& path) const {
    if (currency_.empty()) {
        wrong(path, "money needs a \"currency\" beside it");
        return 0;
    }
    const auto* text = value.text();
    const auto minor = base::parse_minor(
        text != nullptr ? *text : (value.number() ? value.dump() : "?"), currency_);
    if (minor) return *minor;
    wrong(path, minor.error().detail);
    return 0;
}

Operand ComparisonParser::operand(const base::Json& value, const FieldRef& field,
                                  const std::string& path) const {
    switch (field.type) {
        case FieldType::text:
        case FieldType::folded:
        case FieldType::choice: return text_operand(value, field, path);
        case FieldType::age:
        case FieldType::days: return whole_operand(value, field, path);
        case FieldType::money: return money(value, path);
        case FieldType::date:
        case FieldType::instant: return date_operand(value, path);
        case FieldType::number:
            if (const auto number = value.number(); number && std::isfinite(*number))
                return *number;
            wrong(path, "expected a number for " + field.name());
            return 0.0;
        case FieldType::flag:
            if (const auto* flag = value.boolean()) return *flag;
            wrong(path, "expected true or false for " + field.name());
            return false;
    }
    std::abort();
}

std::vector<Operand> ComparisonParser::operands(base::ObjectReader& reader,
                                                const Comparison& comparison) const {
    if (takes_no_value(comparison.op)) return {};
    const auto* value = reader.required("value");
    if (value == nullptr) return {};
    const auto path = reader.path_of("value");
    const bool pair = comparison.op == Operator::between;
    if (!pair && !takes_list(comparison.op)) return {operand(*value, comparison.field, path)};
    const auto* list = value->array();
    const std::size_t max = pair ? 2 : SegmentLimits::list_max;
    if (list == nullptr || list->size() > max || list->size() < (pair ? 2 : 1)) {
        wrong(path, pair ? "expected a list of two values"
                         : "expected a list of 1 to " + std::to_string(max) + " values");
        return {};
    }
    std::vector<Operand> found;
    for (std::size_t i = 0; i < list->size(); ++i)
        found.push_back(
            operand((*list)[i], comparison.field, path + "[" + std::to_string(i) + "]"));
    return found;
}

Comparison ComparisonParser::parse(base::ObjectReader& reader) const {
    Comparison comparison;
    const auto known = field(reader);
    if (!known) {  // what its operator and value should be cannot be said
        reader.any("op");
        reader.any("value");
        return comparison;
    }
    comparison.field = *known;
    comparison.op = operation(reader, comparison.field);
    comparison.operands = operands(reader, comparison);
    if (takes_no_value(comparison.op)) reader.any("value");
    return comparison;
}

}  // namespace carillon::audience
