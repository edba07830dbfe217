// The values of one row of an import as typed values, with every mistake noted by column. Private
// to the importers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/mapping.h"
#include "base/clock.h"
#include "base/local_date.h"
#include "db/value.h"

namespace carillon::audience {

struct CellProblem {
    std::string column{};
    std::string reason{};
};

// Reads values by the mapping's defaults. One instance serves a whole file; not thread-safe.
class CellReader {
public:
    CellReader(const MappingDefaults& defaults, base::Instant now)
        : defaults_(defaults), now_(now) {}

    void start_row() { problems_.clear(); }
    const std::vector<CellProblem>& problems() const { return problems_; }
    void problem(const BoundMapping::Field& field, std::string reason);

    // Printable text of at most `characters_max` characters, in NFC.
    std::string text(const BoundMapping::Field& field, std::string_view value,
                     std::size_t characters_max);
    std::string choice(const BoundMapping::Field& field, std::string_view value,
                       std::span<const std::string_view> words);
    // "YYYY-MM-DD" from the field's or the mapping's format; "" after a mistake.
    std::string date(const BoundMapping::Field& field, std::string_view value);
    std::int64_t money(const BoundMapping::Field& field, std::string_view value,
                       std::string_view currency);
    double number(const BoundMapping::Field& field, std::string_view value);
    bool flag(const BoundMapping::Field& field, std::string_view value);
    // A moment not in the future; a date alone is its beginning in UTC.
    std::int64_t moment(const BoundMapping::Field& field, std::string_view value);
    std::string currency(const BoundMapping::Field& field, std::string_view value);
    std::string time_zone(const BoundMapping::Field& field, std::string_view value);
    std::string locale(const BoundMapping::Field& field, std::string_view value);

    const MappingDefaults& defaults() const { return defaults_; }
    base::Instant now() const { return now_; }

private:
    const MappingDefaults& defaults_;
    base::Instant now_;
    std::vector<CellProblem> problems_;
    std::vector<std::string> zones_;  // known to exist
};

// 'f' or 'm' from a birth number (YYMMDD, month + 50 for women); "" when it is none.
std::string gender_of_birth_number(std::string_view value);

// "2026-11-21" of a text in this format, or "".
std::string date_in_format(std::string_view value, DateFormat format);

std::size_t character_count(std::string_view text);

}  // namespace carillon::audience
