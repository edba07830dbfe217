// Finds the field a name means at its place in a template: inside lists, groups and guards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "templates/fields.h"
#include "templates/program.h"

namespace carillon::templates {

struct Resolved {
    const Field* field{};  // nullptr: a group ("client" of "client.first_name")
    Style style{Style::standard};
    std::uint8_t up{0};    // list elements outwards
    std::string prefix{};  // of a group, with its dot
};

// The scopes around a place, innermost last. As in Mustache, the innermost scope that knows the
// first part of a dotted name decides: a failure further on is not repaired by an outer scope.
class Resolver {
public:
    explicit Resolver(const FieldCatalog& catalog);

    // Failure without a place: template.field_unknown with the nearest known name,
    // template.field_misuse.
    base::Result<Resolved> find(std::string_view name) const;
    std::uint8_t depth() const { return scopes_.back().depth; }  // of list elements

    void enter(const Resolved& section);  // a list, a group, or a value that guards its section
    void leave() { scopes_.pop_back(); }

private:
    struct Scope {
        const std::vector<Field>* fields{};  // nullptr: a plain value
        std::string prefix{};
        std::uint8_t row{0};    // the list element the fields belong to; 0 is the client
        std::uint8_t depth{0};  // the innermost list element here
        Resolved itself{};      // what {{.}} means here
    };

    base::Result<Resolved> find_dot() const;
    base::Result<Resolved> find_in(const Scope& scope, std::string_view name) const;
    base::Failure unknown(std::string_view name) const;
    std::uint8_t rows_up(const Scope& scope) const {
        return static_cast<std::uint8_t>(scopes_.back().depth - scope.row);
    }

    std::vector<Scope> scopes_;
};

}  // namespace carillon::templates
