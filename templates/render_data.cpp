#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "base/text.h"
#include "templates/fields.h"

namespace carillon::templates {

namespace {

constexpr std::size_t text_bytes_max = 64 * 1024;
constexpr std::size_t rows_max = 100'000;

std::int64_t days_of(base::LocalDate date) {
    return std::chrono::sys_days{date}.time_since_epoch().count();
}

base::LocalDate date_of(std::int64_t days) {
    return base::LocalDate{std::chrono::sys_days{std::chrono::days{days}}};
}

template <class Number>
void append_number(std::string& out, Number number) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    if (error == std::errc{}) out.append(digits, end);
}

void wrong_type(base::Problems& problems, const std::string& path, std::string_view expected,
                const base::Json& found) {
    problems.push_back(
        {"json.type",
         "expected " + std::string{expected} + ", found " + std::string{found.type_name()}, path});
}

}  // namespace

base::Result<base::Money> parse_money(std::string_view text) {
    const auto gap = text.rfind(' ');
    const auto currency = gap == std::string_view::npos ? std::string_view{} : text.substr(gap + 1);
    const bool is_code = currency.size() == 3 &&
                         std::ranges::all_of(currency, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!is_code)
        return base::fail("money.currency",
                          "'" + std::string{text} + "' is not money; expected 1234.50 RUB");
    const auto minor = base::parse_minor(text.substr(0, gap), currency);
    if (!minor) return base::fail(minor.error());
    return base::Money{*minor, std::string{currency}};
}

RenderData::RenderData(const Fields& fields) : fields_(&fields) {
    new_row(fields);
}

void RenderData::clear() {
    values_.clear();
    rows_.clear();
    texts_.clear();
    new_row(*fields_);
}

RenderData::Row RenderData::new_row(const Fields& fields) {
    rows_.push_back({static_cast<std::uint32_t>(values_.size()), 0, &fields});
    values_.resize(values_.size() + fields.size());
    return static_cast<Row>(rows_.size() - 1);
}

RenderData::Value& RenderData::writable(std::size_t slot, Row row, FieldType type) {
    const auto& entry = rows_.at(row);
    if (slot >= entry.fields->size() || (*entry.fields)[slot].type != type)
        throw std::logic_error{"a " + std::string{name_of(type)} + " value was given for slot " +
                               std::to_string(slot) + ", which has another type"};
    return values_[entry.first_value + slot];
}

void RenderData::set_text(std::size_t slot, std::string_view text, Row row) {
    auto& value = writable(slot, row, FieldType::text);
    value.kind = text.empty() ? Value::Kind::missing : Value::Kind::text;
    value.first = static_cast<std::uint32_t>(texts_.size());
    value.size = static_cast<std::uint32_t>(text.size());
    texts_ += text;
}

void RenderData::set_integer(std::size_t slot, std::int64_t number, Row row) {
    auto& value = writable(slot, row, FieldType::number);
    value.kind = Value::Kind::integer;
    value.number.integer = number;
}

void RenderData::set_number(std::size_t slot, double number, Row row) {
    auto& value = writable(slot, row, FieldType::number);
    value.kind = std::isfinite(number) ? Value::Kind::real : Value::Kind::missing;
    value.number.real = number;
}

void RenderData::set_money(std::size_t slot, std::int64_t minor, std::string_view currency,
                           Row row) {
    auto& value = writable(slot, row, FieldType::money);
    if (currency.size() != 3) throw std::logic_error{"a currency has three letters"};
    value.kind = Value::Kind::money;
    value.number.integer = minor;
    currency.copy(value.currency, 3);
}

void RenderData::set_date(std::size_t slot, base::LocalDate date, Row row) {
    auto& value = writable(slot, row, FieldType::date);
    value.kind = date.ok() ? Value::Kind::date : Value::Kind::missing;
    value.number.integer = date.ok() ? days_of(date) : 0;
}

void RenderData::set_boolean(std::size_t slot, bool flag, Row row) {
    auto& value = writable(slot, row, FieldType::boolean);
    value.kind = Value::Kind::boolean;
    value.number.integer = flag ? 1 : 0;
}

RenderData::Row RenderData::add_row(std::size_t list_slot, Row row) {
    writable(list_slot, row, FieldType::list);
    const auto added = new_row((*rows_[row].fields)[list_slot].elements);
    auto& list = values_[rows_[row].first_value + list_slot];
    list.kind = Value::Kind::list;
    if (list.size == 0)
        list.first = added;
    else
        rows_[list.last].next = added;
    list.last = added;
    ++list.size;
    return added;
}

void RenderData::append_json(std::string& out) const {
    append_row_json(out, root);
}

void RenderData::append_row_json(std::string& out, Row row) const {
    const auto& fields = *rows_[row].fields;
    char separator = '{';
    for (std::size_t slot = 0; slot < fields.size(); ++slot) {
        const auto& stored = value(row, slot);
        if (stored.kind == Value::Kind::missing) continue;
        out += separator;
        base::append_json_text(out, fields[slot].name);
        out += ':';
        append_value_json(out, stored);
        separator = ',';
    }
    if (separator == '{') out += '{';
    out += '}';
}

void RenderData::append_value_json(std::string& out, const Value& value) const {
    switch (value.kind) {
        case Value::Kind::missing: out += "null"; return;
        case Value::Kind::text: base::append_json_text(out, text_of(value)); return;
        case Value::Kind::integer: append_number(out, value.number.integer); return;
        case Value::Kind::real: append_number(out, value.number.real); return;
        case Value::Kind::boolean: out += value.number.integer != 0 ? "true" : "false"; return;
        case Value::Kind::date:
            out += '"' + base::to_text(date_of(value.number.integer)) + '"';
            return;
        case Value::Kind::money:
            out += '"' + base::plain_text({value.number.integer, value.currency}) + ' ';
            out += value.currency;
            out += '"';
            return;
        case Value::Kind::list: break;
    }
    char separator = '[';
    for (auto row = value.first; row != 0; row = next(row)) {
        out += separator;
        append_row_json(out, row);
        separator = ',';
    }
    out += ']';
}

void RenderData::read_json(const base::Json& json, base::Problems& problems) {
    clear();
    read_row(json, "$", root, problems);
}

void RenderData::read_row(const base::Json& json, const std::string& path, Row row,
                          base::Problems& problems) {
    if (json.object() == nullptr) return wrong_type(problems, path, "an object", json);
    const auto& fields = *rows_[row].fields;
    for (std::size_t slot = 0; slot < fields.size(); ++slot) {
        const auto* found = json.find(fields[slot].name);
        if (found == nullptr || found->is_null()) continue;
        read_value(*found, path + "." + fields[slot].name, slot, row, problems);
    }
}

void RenderData::read_value(const base::Json& json, const std::string& path, std::size_t slot,
                            Row row, base::Problems& problems) {
    const auto add = [&](base::Failure failure) {
        failure.place = path;
        problems.push_back(std::move(failure));
    };
    const auto* text = json.text();
    switch ((*rows_[row].fields)[slot].type) {
        case FieldType::list: return read_list(json, path, slot, row, problems);
        case FieldType::number:
            if (const auto* whole = json.integer()) return set_integer(slot, *whole, row);
            if (const auto real = json.number()) return set_number(slot, *real, row);
            return wrong_type(problems, path, "a number", json);
        case FieldType::boolean:
            if (const auto* flag = json.boolean()) return set_boolean(slot, *flag, row);
            return wrong_type(problems, path, "true or false", json);
        case FieldType::text:
            if (text == nullptr) return wrong_type(problems, path, "a text", json);
            if (text->size() > text_bytes_max)
                return add({"template.value", "the text is over 64 KB"});
            return set_text(slot, *text, row);
        case FieldType::date: {
            if (text == nullptr) return wrong_type(problems, path, "a date as text", json);
            const auto date = base::parse_date(*text);
            return date ? set_date(slot, *date, row) : add(date.error());
        }
        case FieldType::money: {
            if (text == nullptr)
                return wrong_type(problems, path, "money as text (1234.50 RUB)", json);
            const auto money = parse_money(*text);
            return money ? set_money(slot, money->minor, money->currency, row) : add(money.error());
        }
    }
}

void RenderData::read_list(const base::Json& json, const std::string& path, std::size_t slot,
                           Row row, base::Problems& problems) {
    if (json.array() == nullptr) return wrong_type(problems, path, "a list", json);
    for (std::size_t i = 0; i < json.array()->size(); ++i) {
        if (rows_.size() >= rows_max) {
            problems.push_back({"template.value", "more than 100 000 list elements", path});
            return;
        }
        const auto& item = (*json.array())[i];
        const auto element = add_row(slot, row);
        const auto place = path + "[" + std::to_string(i) + "]";
        const auto& elements = (*rows_[element].fields);
        if (elements.empty()) continue;  // the template only counts them
        const bool plain =
            elements.size() == 1 && elements[0].name == "." && item.object() == nullptr;
        if (plain)
            read_value(item, place, 0, element, problems);
        else
            read_row(item, place, element, problems);
    }
}

std::vector<std::string> RenderData::missing(const std::vector<std::size_t>& slots) const {
    std::vector<std::string> names;
    for (const auto slot : slots)
        if (value(root, slot).kind == Value::Kind::missing) names.push_back((*fields_)[slot].name);
    return names;
}

}  // namespace carillon::templates
