#include "templates/resolver.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace carillon::templates {

namespace {

constexpr std::array<std::string_view, 13> style_names{"",        "plain", "amount", "iso", "short",
                                                       "percent", "count", "zero",   "one", "two",
                                                       "few",     "many",  "other"};

const Field* exact(const std::vector<Field>& fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, &Field::name);
    return found == fields.end() ? nullptr : &*found;
}

bool is_group(const std::vector<Field>& fields, std::string_view name) {
    return std::ranges::any_of(fields, [&](const Field& field) {
        return field.name.size() > name.size() && field.name.starts_with(name) &&
               field.name[name.size()] == '.';
    });
}

std::string style_list(FieldType type) {
    std::vector<std::string> names;
    for (const auto style : styles_of(type)) names.push_back("." + std::string{name_of(style)});
    return names.empty() ? "none" : base::join(names, ", ");
}

}  // namespace

std::string_view name_of(Style style) {
    return style_names[static_cast<std::size_t>(style)];
}

const std::vector<Style>& styles_of(FieldType type) {
    using enum Style;
    static const std::vector<Style> text{};
    static const std::vector<Style> number{plain, percent, zero, one, two, few, many, other};
    static const std::vector<Style> money{plain, amount};
    static const std::vector<Style> date{iso, short_form};
    static const std::vector<Style> list{count, zero, one, two, few, many, other};
    switch (type) {
        case FieldType::text:
        case FieldType::boolean: return text;
        case FieldType::number: return number;
        case FieldType::money: return money;
        case FieldType::date: return date;
        case FieldType::list: return list;
    }
    return text;
}

Resolver::Resolver(const FieldCatalog& catalog) {
    scopes_.push_back({.fields = &catalog});
}

base::Result<Resolved> Resolver::find(std::string_view name) const {
    if (name == ".") return find_dot();
    const auto first = name.substr(0, name.find('.'));
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
        if (scope->fields == nullptr) continue;
        const auto start = scope->prefix + std::string{first};
        if (exact(*scope->fields, start) != nullptr || is_group(*scope->fields, start))
            return find_in(*scope, name);
    }
    return base::fail(unknown(name));
}

base::Result<Resolved> Resolver::find_dot() const {
    const auto& scope = scopes_.back();
    auto itself = scope.itself;
    if (scope.fields != nullptr && scope.prefix.empty()) itself.field = exact(*scope.fields, ".");
    if (itself.field != nullptr) return itself;
    return base::fail("template.field_misuse",
                      "{{.}} means nothing here; it is the value of the section around it");
}

base::Result<Resolved> Resolver::find_in(const Scope& scope, std::string_view name) const {
    const auto full = scope.prefix + std::string{name};
    const auto up = rows_up(scope);
    if (const auto* field = exact(*scope.fields, full)) return Resolved{.field = field, .up = up};
    if (is_group(*scope.fields, full)) return Resolved{.up = up, .prefix = full + "."};
    const auto dot = full.rfind('.');
    const auto* field =
        dot == std::string::npos ? nullptr : exact(*scope.fields, full.substr(0, dot));
    if (field == nullptr) return base::fail(unknown(name));
    const auto suffix = std::string_view{full}.substr(dot + 1);
    for (const auto style : styles_of(field->type))
        if (name_of(style) == suffix) return Resolved{.field = field, .style = style, .up = up};
    return base::fail("template.field_misuse", "'" + field->name + "' is a " +
                                                   std::string{name_of(field->type)} +
                                                   " and has no form '." + std::string{suffix} +
                                                   "'; its forms: " + style_list(field->type));
}

base::Failure Resolver::unknown(std::string_view name) const {
    std::vector<std::string_view> known;
    for (const auto& scope : scopes_) {
        if (scope.fields == nullptr) continue;
        for (const auto& field : *scope.fields)
            if (field.name.starts_with(scope.prefix))
                known.push_back(std::string_view{field.name}.substr(scope.prefix.size()));
    }
    auto detail = "there is no field '" + std::string{name} + "'";
    if (const auto close = base::nearest(name, known); !close.empty())
        detail += "; did you mean '" + close + "'?";
    return {"template.field_unknown", detail};
}

void Resolver::enter(const Resolved& section) {
    const auto depth = scopes_.back().depth;
    if (section.field == nullptr) {
        const auto row = static_cast<std::uint8_t>(depth - section.up);
        const auto owner = std::ranges::find_if(scopes_, [&](const Scope& scope) {
            return scope.row == row && scope.fields != nullptr;
        });
        scopes_.push_back({owner->fields, section.prefix, row, depth, {}});
    } else if (section.field->type == FieldType::list && section.style == Style::standard) {
        const auto inner = static_cast<std::uint8_t>(depth + 1);
        scopes_.push_back({&section.field->elements, {}, inner, inner, {}});
    } else {
        const bool is_condition =
            section.field->type == FieldType::boolean || is_plural(section.style);
        scopes_.push_back({nullptr, {}, depth, depth, is_condition ? Resolved{} : section});
    }
}

}  // namespace carillon::templates
