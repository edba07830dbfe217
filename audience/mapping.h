// How the columns of a bank's file become our fields: read from JSON
// (docs/schema/mapping.schema.json), or, without a mapping, columns that bear the names of our
// fields.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/csv.h"
#include "audience/profile.h"
#include "base/json.h"

namespace carillon::audience {

enum class ImportKind {
    clients,
    contracts,
    consents,
    suppressions,
    conversions,
    history,
    plans,
    facts
};

std::string_view name_of(ImportKind kind);
std::optional<ImportKind> import_kind_from(std::string_view name);

// yymmdd is of the years 1900 to 1999; birth_number is yymmdd with 50 added to the month of women.
enum class DateFormat { iso, day_first, yymmdd, birth_number };

// Where the value of one field comes from: a column, a constant, or a template of columns ("{first}
// {last}").
struct FieldSource {
    std::string field{};
    std::string column{};
    std::optional<std::string> constant{};
    std::string pattern{};
    std::map<std::string, std::string, std::less<>> translations{};
    std::optional<DateFormat> format{};
    bool clears{false};  // an empty cell removes what is stored; else it leaves it alone
};

// What a new client gets when the file does not say; also how values are read.
struct MappingDefaults {
    std::string phone_region{"RU"};
    std::string currency{"RUB"};
    std::string locale{"ru"};
    std::string time_zone{};  // "" is unknown
    char decimal_mark{};      // 0: point or comma
    DateFormat date_format{DateFormat::iso};
};

struct Mapping {
    CsvSettings csv{};
    MappingDefaults defaults{};
    AttributeTypes attributes{};  // declared here; others are taken from the database, else text
    std::vector<FieldSource> fields{};  // empty: by the names of the columns
};

// Errors: all mistakes, with JSON paths.
tl::expected<Mapping, base::Problems> parse_mapping(const base::Json& json, ImportKind kind);

// "email2" of "email2_verified"; empty for any other field.
std::string_view verified_contact(std::string_view field);

// The field names that imports of this kind know; `attributes.<name>` come on top for clients.
std::vector<std::string_view> fields_of(ImportKind kind);

// A mapping fitted to the header of a file. Not thread-safe: values live in its scratch texts.
class BoundMapping {
public:
    struct Field {
        FieldSource source{};
        std::string shown{};  // the column (or field) that rejects name
        struct Part {
            std::string text{};
            std::size_t column{};
            bool is_column{};
        };
        std::vector<Part> parts{};
        std::string scratch{};
    };

    // Errors: import.column_missing, import.column_twice, import.field_missing (a required one).
    static base::Result<BoundMapping> bind(const Mapping& mapping, ImportKind kind,
                                           const std::vector<std::string>& header);

    const std::vector<Field>& fields() const { return fields_; }
    std::size_t columns() const { return columns_; }
    const std::vector<std::string>& ignored_columns() const { return ignored_; }

    // The value of a field in this row: trimmed, translated, without formula guard. Valid until the
    // next call for the same field.
    std::string_view value(std::size_t field, const std::vector<std::string_view>& cells);

private:
    std::vector<Field> fields_;
    std::vector<std::string> ignored_;
    std::size_t columns_{};
};

// The three columns that a file of rejects has in front of the original ones.
inline constexpr std::string_view reject_columns[] = {"rejected_line", "rejected_column",
                                                      "rejected_reason"};

}  // namespace carillon::audience
