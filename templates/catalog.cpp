#include <algorithm>
#include <array>

#include "templates/fields.h"

namespace carillon::templates {

namespace {

constexpr std::array<std::string_view, 6> type_names{"text", "number", "money",
                                                     "date", "bool",   "list"};
constexpr int list_depth_max = 4;

std::vector<Field> read_fields(base::ObjectReader& reader, std::string_view key, int depth,
                               base::Problems& problems);

Field read_field(const base::Json& json, const std::string& path, int depth,
                 base::Problems& problems) {
    base::ObjectReader reader{json, path, problems};
    Field field;
    field.name = reader.required_text("name");
    field.type =
        static_cast<FieldType>(reader.choice("type", {type_names.begin(), type_names.end()}, -1));
    field.origin = static_cast<Origin>(reader.choice("origin", {"client", "program"}, 0));
    if (const auto* sample = reader.any("sample")) field.sample = *sample;
    if (field.type == FieldType::list) {
        if (depth == list_depth_max)
            reader.problem("type", "template.fields_too_deep", "lists are nested deeper than 4");
        else
            field.elements = read_fields(reader, "elements", depth + 1, problems);
    }
    reader.finish();
    return field;
}

std::vector<Field> read_fields(base::ObjectReader& reader, std::string_view key, int depth,
                               base::Problems& problems) {
    std::vector<Field> fields;
    reader.required(key);
    const auto* items = reader.list(key);
    if (items == nullptr) return fields;
    for (std::size_t i = 0; i < items->size(); ++i) {
        const auto path = reader.path_of(key) + "[" + std::to_string(i) + "]";
        auto field = read_field((*items)[i], path, depth, problems);
        if (std::ranges::find(fields, field.name, &Field::name) != fields.end())
            problems.push_back(
                {"template.field_twice", "field '" + field.name + "' stands twice", path});
        fields.push_back(std::move(field));
    }
    return fields;
}

}  // namespace

std::string_view name_of(FieldType type) {
    return type_names[static_cast<std::size_t>(type)];
}

std::optional<FieldType> field_type_from(std::string_view name) {
    const auto found = std::ranges::find(type_names, name);
    if (found == type_names.end()) return std::nullopt;
    return static_cast<FieldType>(found - type_names.begin());
}

FieldCatalog read_catalog(const base::Json& json, base::Problems& problems) {
    base::ObjectReader reader{json, "$", problems};
    auto fields = read_fields(reader, "fields", 0, problems);
    reader.finish();
    return fields;
}

}  // namespace carillon::templates
