// The parts of parse_segment that speak about one field and its values; private to the module.
#pragma once

#include <optional>
#include <string>

#include "audience/segment.h"

namespace carillon::audience {

// Reads {"field", "op", "value"}. `currency` is what money values are read in; "" refuses money.
class ComparisonParser {
public:
    ComparisonParser(std::span<const FieldInfo> fields, const AttributeTypes* attributes,
                     std::string currency, base::Problems& problems)
        : fields_(fields),
          attributes_(attributes),
          currency_(std::move(currency)),
          problems_(problems) {}

    Comparison parse(base::ObjectReader& reader) const;
    // The value of a money field in minor units; 0 after a mistake.
    std::int64_t money(const base::Json& value, const std::string& path) const;

private:
    std::optional<FieldRef> field(base::ObjectReader& reader) const;  // nothing after a mistake
    Operator operation(base::ObjectReader& reader, const FieldRef& field) const;
    std::vector<Operand> operands(base::ObjectReader& reader, const Comparison& comparison) const;
    Operand operand(const base::Json& value, const FieldRef& field, const std::string& path) const;
    Operand text_operand(const base::Json& value, const FieldRef& field,
                         const std::string& path) const;
    Operand date_operand(const base::Json& value, const std::string& path) const;
    Operand whole_operand(const base::Json& value, const FieldRef& field,
                          const std::string& path) const;
    void wrong(const std::string& path, std::string detail) const;

    std::span<const FieldInfo> fields_;
    const AttributeTypes* attributes_;  // nullptr: attributes are not allowed here
    std::string currency_;
    base::Problems& problems_;
};

// True for printable UTF-8 of at most SegmentLimits::text_max bytes.
bool is_segment_text(std::string_view text);

}  // namespace carillon::audience
