// Merge fields: what a template may say about a client, and the values of one message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/local_date.h"
#include "base/money.h"
#include "base/result.h"

namespace carillon::templates {

enum class FieldType { text, number, money, date, boolean, list };

std::string_view name_of(FieldType type);
std::optional<FieldType> field_type_from(std::string_view name);

// Where a value may stand. program: made by this program (links, codes), never from a client's
// data; it alone may be written unescaped ({{{name}}}) and may begin a link.
enum class Origin { client, program };

struct Field {
    std::string name{};  // "client.first_name"; parts joined by '.'
    FieldType type{FieldType::text};
    Origin origin{Origin::client};
    std::vector<Field> elements{};  // of a list; one element named "." makes a list of plain values
    std::optional<base::Json> sample{};
    bool operator==(const Field&) const = default;
};

// Every field a caller can fill, in any order.
using FieldCatalog = std::vector<Field>;

// {"fields": [{"name", "type", "origin"?, "elements"?, "sample"?}]} as `template check --fields`
// reads it. Mistakes are added to `problems` with their JSON path.
FieldCatalog read_catalog(const base::Json& json, base::Problems& problems);

// The fields a compiled template really uses, in the order of the catalog: slot i is element i.
using Fields = std::vector<Field>;

// The values of one message, by slot. Owns its bytes; clear() keeps the memory for the next
// message. Not thread-safe. An empty text is a missing value: nobody is called "". Storing a value
// of another type than the field's is a programming error: std::logic_error.
class RenderData {
public:
    using Row = std::uint32_t;  // root is 0; add_row() gives the others
    static constexpr Row root = 0;

    // `fields` must outlive this object: they belong to the compiled template.
    explicit RenderData(const Fields& fields);

    void clear();

    void set_text(std::size_t slot, std::string_view text, Row row = root);  // valid UTF-8
    void set_integer(std::size_t slot, std::int64_t number, Row row = root);
    void set_number(std::size_t slot, double number, Row row = root);  // finite
    void set_money(std::size_t slot, std::int64_t minor, std::string_view currency, Row row = root);
    void set_date(std::size_t slot, base::LocalDate date, Row row = root);
    void set_boolean(std::size_t slot, bool flag, Row row = root);
    Row add_row(std::size_t list_slot, Row row = root);  // appends an element to a list

    // {"client.first_name":"Anna","debt":"1234.50 RUB","due":"2026-11-21","contracts":[{...}]}:
    // appended, exact, in slot order, missing values left out. What is stored with a message
    // (invariant I7).
    void append_json(std::string& out) const;

    // The same, back; also what a preview is given. Replaces the values. Keys that are not fields
    // of the template are ignored, since one set of values serves several templates. Every mistake
    // is added with its path.
    void read_json(const base::Json& json, base::Problems& problems);

    // Names of the slots among `slots` that have no value.
    std::vector<std::string> missing(const std::vector<std::size_t>& slots) const;

    // For the renderers.
    struct Value {
        enum class Kind : std::uint8_t { missing, text, integer, real, money, date, boolean, list };

        Kind kind{Kind::missing};
        char currency[4]{};
        std::uint32_t size{};   // bytes of a text, rows of a list
        std::uint32_t first{};  // offset of a text, first row of a list
        std::uint32_t last{};   // last row of a list
        union {
            std::int64_t integer;  // also minor units, days since 1970 and true
            double real;
        } number{.integer = 0};
    };
    const Value& value(Row row, std::size_t slot) const {
        return values_[rows_[row].first_value + slot];
    }
    std::string_view text_of(const Value& value) const {
        return std::string_view{texts_}.substr(value.first, value.size);
    }
    Row next(Row row) const { return rows_[row].next; }
    const Fields& fields() const { return *fields_; }

private:
    struct RowEntry {
        std::uint32_t first_value{};
        Row next{};  // in the same list; 0 after the last
        const Fields* fields{};
    };

    Value& writable(std::size_t slot, Row row, FieldType type);
    Row new_row(const Fields& fields);
    void append_row_json(std::string& out, Row row) const;
    void append_value_json(std::string& out, const Value& value) const;
    void read_row(const base::Json& json, const std::string& path, Row row,
                  base::Problems& problems);
    void read_value(const base::Json& json, const std::string& path, std::size_t slot, Row row,
                    base::Problems& problems);
    void read_list(const base::Json& json, const std::string& path, std::size_t slot, Row row,
                   base::Problems& problems);

    const Fields* fields_;
    std::vector<Value> values_;
    std::vector<RowEntry> rows_;
    std::string texts_;
};

// "1234.50 RUB" <-> money, as values and samples are written in JSON. Errors: money.*
base::Result<base::Money> parse_money(std::string_view text);

}  // namespace carillon::templates
