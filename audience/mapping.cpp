#include "audience/mapping.h"

#include <algorithm>
#include <array>

#include "audience/segment_fields.h"
#include "base/local_date.h"
#include "base/text.h"

namespace carillon::audience {

namespace {

using base::ObjectReader;

constexpr std::array<std::string_view, 38> client_fields_known{
    "external_id", "kind",       "last_name",  "first_name", "middle_name", "company_name",
    "gender",      "birth_date", "locale",     "time_zone",  "branch",      "manager",
    "status",      "income",     "occupation", "industry",   "household",   "email",
    "email2",      "email3",     "email4",     "email5",     "phone",       "phone2",
    "phone3",      "phone4",     "phone5",     "fax",        "fax2",        "fax3",
    "address",     "address2",   "address3",   "spouse",     "guarantor",   "director",
    "owner",       "affiliate"};
constexpr std::array<std::string_view, 15> contract_fields_known{
    "external_id", "client",          "kind",         "product",   "status",
    "currency",    "amount",          "balance",      "opened_on", "closed_on",
    "expires_on",  "next_payment_on", "next_payment", "overdue",   "overdue_since"};
constexpr std::array<std::string_view, 7> consent_fields_known{
    "client", "channel", "purpose", "granted", "at", "source", "proof"};
constexpr std::array<std::string_view, 7> suppression_fields_known{
    "address", "client", "channel", "purpose", "reason", "source", "at"};

constexpr std::array<std::string_view, 9> conversion_fields_known{
    "client", "kind", "name", "at", "amount", "currency", "product", "source", "external_id"};
constexpr std::array<std::string_view, 8> history_fields_known{
    "client", "group", "channel", "step", "wave", "sent_at", "state", "reason"};

constexpr std::array<std::string_view, 7> plan_fields_known{
    "client", "period", "metric", "detail", "amount", "currency", "limit_percent"};
constexpr std::array<std::string_view, 6> fact_fields_known{"client", "period", "metric",
                                                            "detail", "amount", "currency"};

constexpr std::array<std::string_view, 8> kind_names{
    "clients", "contracts", "consents", "suppressions", "conversions", "history", "plans", "facts"};
constexpr std::array<std::string_view, 4> format_names{"YYYY-MM-DD", "DD.MM.YYYY", "YYMMDD",
                                                       "birth_number"};
constexpr std::string_view attribute_prefix = "attributes.";
constexpr std::string_view verified_suffix = "_verified";
constexpr std::array<std::string_view, 4> contact_fields{"email", "phone", "fax", "address"};

std::vector<std::string_view> required_fields(ImportKind kind) {
    switch (kind) {
        case ImportKind::clients: return {"external_id"};
        case ImportKind::contracts: return {"external_id", "client", "kind"};
        case ImportKind::consents:
            return {"client", "channel", "purpose", "granted", "at", "source"};
        case ImportKind::suppressions: return {"reason"};
        case ImportKind::conversions: return {"client", "kind", "at", "external_id"};
        case ImportKind::history: return {"client", "group", "sent_at"};
        case ImportKind::plans:
        case ImportKind::facts: return {"client", "period", "metric", "amount"};
    }
    std::abort();
}

bool is_attribute_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, fits);
}

// "email2_verified": whether somebody has proved that the address in that place is the client's.
bool is_verdict(std::string_view name) {
    const auto contact = verified_contact(name);
    return !contact.empty() && std::ranges::any_of(contact_fields, [&](std::string_view field) {
        return contact.starts_with(field);
    }) && std::ranges::find(client_fields_known, contact) != client_fields_known.end();
}

bool is_known_field(std::string_view name, ImportKind kind) {
    if (kind == ImportKind::clients && is_verdict(name)) return true;
    if (kind == ImportKind::clients && name.starts_with(attribute_prefix))
        return is_attribute_name(name.substr(attribute_prefix.size()));
    const auto known = fields_of(kind);
    return std::ranges::find(known, name) != known.end();
}

class MappingParser {
public:
    MappingParser(ImportKind kind, base::Problems& problems) : kind_(kind), problems_(problems) {}

    Mapping parse(const base::Json& json) {
        ObjectReader reader{json, "$", problems_};
        Mapping mapping;
        reader.text("$schema");
        if (reader.has("kind") && reader.text("kind") != name_of(kind_))
            reader.problem("kind", "mapping.kind",
                           "this mapping is not one for " + std::string{name_of(kind_)});
        csv(reader, mapping.csv);
        defaults(reader, mapping.defaults);
        attributes(reader, mapping.attributes);
        if (const auto* fields = reader.object("fields")) {
            for (const auto& [name, source] : *fields->object())
                mapping.fields.push_back(
                    field(name, source, reader.path_of("fields") + "." + name));
        }
        reader.finish();
        return mapping;
    }

private:
    void csv(ObjectReader& reader, CsvSettings& settings) {
        if (reader.has("delimiter")) {
            static constexpr std::array<std::string_view, 4> allowed{",", ";", "\t", "|"};
            const auto at = reader.choice("delimiter", {allowed.begin(), allowed.end()}, -1);
            settings.delimiter = allowed[static_cast<std::size_t>(at)][0];
        }
        if (reader.has("encoding")) {
            static constexpr std::array all{Encoding::utf8, Encoding::utf16_le, Encoding::utf16_be,
                                            Encoding::cp1251};
            std::vector<std::string_view> names;
            for (const auto encoding : all) names.push_back(name_of(encoding));
            settings.encoding = all[static_cast<std::size_t>(reader.choice("encoding", names, -1))];
        }
    }

    void defaults(ObjectReader& reader, MappingDefaults& defaults) {
        defaults.phone_region = reader.text("phone_region", defaults.phone_region);
        defaults.currency = reader.text("currency", defaults.currency);
        if (defaults.currency.size() != 3)
            reader.problem("currency", "mapping.value",
                           "expected three capital letters (ISO 4217)");
        defaults.locale = reader.text("locale", defaults.locale);
        defaults.time_zone = reader.text("time_zone");
        if (!defaults.time_zone.empty() && !base::TimeZone::find(defaults.time_zone))
            reader.problem("time_zone", "mapping.value",
                           "expected an IANA zone such as Europe/Moscow");
        defaults.decimal_mark = reader.text("decimal_mark", "\0")[0];
        if (reader.has("decimal_mark") && defaults.decimal_mark != '.' &&
            defaults.decimal_mark != ',')
            reader.problem("decimal_mark", "mapping.value", "expected \".\" or \",\"");
        defaults.date_format = format(reader, "date_format").value_or(DateFormat::iso);
    }

    std::optional<DateFormat> format(ObjectReader& reader, std::string_view key) {
        if (!reader.has(key)) return std::nullopt;
        return static_cast<DateFormat>(
            reader.choice(key, {format_names.begin(), format_names.end()}, -1));
    }

    void attributes(ObjectReader& reader, AttributeTypes& types) {
        const auto* object = reader.object("attributes");
        if (object == nullptr) return;
        for (const auto& [name, value] : *object->object()) {
            const auto* text = value.text();
            const auto type = attribute_type_from(text != nullptr ? *text : "");
            if (!type || !is_attribute_name(name))
                problems_.push_back(
                    {"mapping.attribute",
                     "expected a name of a-z, 0-9 and _ with text, number, date or flag",
                     reader.path_of("attributes") + "." + name});
            else
                types[name] = *type;
        }
    }

    FieldSource field(const std::string& name, const base::Json& json, const std::string& path) {
        FieldSource source;
        source.field = name;
        if (!is_known_field(name, kind_)) {
            const auto close = base::nearest(name, fields_of(kind_));
            problems_.push_back({"mapping.unknown_field",
                                 "there is no field '" + name + "'" +
                                     (close.empty() ? "" : "; did you mean " + close + "?"),
                                 path});
        }
        if (const auto* column = json.text()) {
            source.column = *column;
            return source;
        }
        ObjectReader reader{json, path, problems_};
        source.column = reader.text("column");
        source.pattern = reader.text("template");
        if (reader.has("constant")) source.constant = reader.text("constant");
        const int given =
            !source.column.empty() + !source.pattern.empty() + source.constant.has_value();
        if (given != 1)
            problems_.push_back(
                {"mapping.source", "expected one of column, constant, template", path});
        source.format = format(reader, "format");
        static const std::vector<std::string_view> policies{"leave", "clear"};
        source.clears = reader.choice("empty", policies, 0) == 1;
        if (const auto* values = reader.object("values"))
            for (const auto& [from, to] : *values->object())
                source.translations[from] = to.text() != nullptr ? *to.text() : to.dump();
        reader.finish();
        return source;
    }

    ImportKind kind_;
    base::Problems& problems_;
};

// "{first} {last}" into its literals and columns.
base::Result<std::vector<BoundMapping::Field::Part>> parts_of(
    const std::string& pattern, const std::vector<std::string>& header) {
    std::vector<BoundMapping::Field::Part> parts;
    std::string_view rest = pattern;
    while (!rest.empty()) {
        const auto open = rest.find('{');
        if (open > 0) parts.push_back({std::string{rest.substr(0, open)}, 0, false});
        if (open == std::string_view::npos) break;
        const auto close = rest.find('}', open);
        if (close == std::string_view::npos)
            return base::fail("import.template", "the template '" + pattern + "' lacks a '}'");
        const auto name = rest.substr(open + 1, close - open - 1);
        const auto found = std::ranges::find(header, name);
        if (found == header.end())
            return base::fail("import.column_missing", "the file has no column '" +
                                                           std::string{name} +
                                                           "' (in the template '" + pattern + "')");
        parts.push_back({{}, static_cast<std::size_t>(found - header.begin()), true});
        rest.remove_prefix(close + 1);
    }
    return parts;
}

bool is_reject_column(std::string_view name) {
    return std::ranges::find(reject_columns, name) != std::end(reject_columns);
}

// Without a mapping: each column that bears the name of a field.
std::vector<FieldSource> by_name(ImportKind kind, const std::vector<std::string>& header) {
    std::vector<FieldSource> sources;
    for (const auto& name : header) {
        if (!is_known_field(name, kind)) continue;
        FieldSource source;
        source.field = name;
        source.column = name;
        sources.push_back(std::move(source));
    }
    return sources;
}

base::Result<BoundMapping::Field> bound(const FieldSource& source,
                                        const std::vector<std::string>& header) {
    BoundMapping::Field field{source, source.column.empty() ? source.field : source.column, {}, {}};
    if (source.constant) {
        field.parts.push_back({*source.constant, 0, false});
    } else if (!source.pattern.empty()) {
        auto parts = parts_of(source.pattern, header);
        if (!parts) return base::fail(parts.error());
        field.parts = std::move(*parts);
    } else {
        const auto found = std::ranges::find(header, source.column);
        if (found == header.end()) {
            const std::vector<std::string_view> names{header.begin(), header.end()};
            const auto close = base::nearest(source.column, names);
            return base::fail("import.column_missing",
                              "the file has no column '" + source.column + "'" +
                                  (close.empty() ? "" : "; did you mean " + close + "?"));
        }
        field.parts.push_back({{}, static_cast<std::size_t>(found - header.begin()), true});
    }
    return field;
}

}  // namespace

std::string_view name_of(ImportKind kind) {
    return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<ImportKind> import_kind_from(std::string_view name) {
    const auto found = std::ranges::find(kind_names, name);
    if (found == kind_names.end()) return std::nullopt;
    return static_cast<ImportKind>(found - kind_names.begin());
}

std::string_view verified_contact(std::string_view field) {
    if (!field.ends_with(verified_suffix)) return {};
    field.remove_suffix(verified_suffix.size());
    return field;
}

std::vector<std::string_view> fields_of(ImportKind kind) {
    switch (kind) {
        case ImportKind::clients: return {client_fields_known.begin(), client_fields_known.end()};
        case ImportKind::contracts:
            return {contract_fields_known.begin(), contract_fields_known.end()};
        case ImportKind::consents:
            return {consent_fields_known.begin(), consent_fields_known.end()};
        case ImportKind::suppressions:
            return {suppression_fields_known.begin(), suppression_fields_known.end()};
        case ImportKind::conversions:
            return {conversion_fields_known.begin(), conversion_fields_known.end()};
        case ImportKind::history: return {history_fields_known.begin(), history_fields_known.end()};
        case ImportKind::plans: return {plan_fields_known.begin(), plan_fields_known.end()};
        case ImportKind::facts: return {fact_fields_known.begin(), fact_fields_known.end()};
    }
    std::abort();
}

tl::expected<Mapping, base::Problems> parse_mapping(const base::Json& json, ImportKind kind) {
    base::Problems problems;
    auto mapping = MappingParser{kind, problems}.parse(json);
    if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
    return mapping;
}

base::Result<BoundMapping> BoundMapping::bind(const Mapping& mapping, ImportKind kind,
                                              const std::vector<std::string>& header) {
    auto sorted = header;
    std::ranges::sort(sorted);
    if (const auto twice = std::ranges::adjacent_find(sorted);
        twice != sorted.end() && !twice->empty())
        return base::fail("import.column_twice",
                          "the column '" + *twice + "' stands twice in the header");
    BoundMapping result;
    result.columns_ = header.size();
    const auto sources = mapping.fields.empty() ? by_name(kind, header) : mapping.fields;
    for (const auto& source : sources) {
        auto field = bound(source, header);
        if (!field) return base::fail(field.error());
        result.fields_.push_back(std::move(*field));
    }
    for (const auto name : required_fields(kind))
        if (std::ranges::none_of(sources, [&](const auto& source) { return source.field == name; }))
            return base::fail("import.field_missing", "nothing in the file or the mapping gives '" +
                                                          std::string{name} +
                                                          "', which is required");
    for (std::size_t i = 0; i < header.size(); ++i) {
        const auto uses = [&](const Field& field) {
            return std::ranges::any_of(
                field.parts, [&](const auto& part) { return part.is_column && part.column == i; });
        };
        if (!is_reject_column(header[i]) && std::ranges::none_of(result.fields_, uses))
            result.ignored_.push_back(header[i]);
    }
    return result;
}

std::string_view BoundMapping::value(std::size_t index,
                                     const std::vector<std::string_view>& cells) {
    auto& field = fields_[index];
    std::string_view text;
    if (field.parts.size() == 1) {
        const auto& part = field.parts.front();
        text = part.is_column ? without_formula_guard(cells[part.column])
                              : std::string_view{part.text};
    } else {
        field.scratch.clear();
        for (const auto& part : field.parts)
            field.scratch += part.is_column ? base::trim(without_formula_guard(cells[part.column]))
                                            : std::string_view{part.text};
        text = field.scratch;
    }
    text = base::trim(text);
    if (field.source.translations.empty()) return text;
    const auto found = field.source.translations.find(text);
    return found == field.source.translations.end() ? text : std::string_view{found->second};
}

}  // namespace carillon::audience
