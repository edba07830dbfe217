// What a user, a file or a provider may get wrong is a value: Result<T> holds either T or a
// Failure. What nobody can continue from is an exception.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace carillon::base {

struct Failure {
    std::string code{};    // stable, for machines: "contact.email_invalid"
    std::string detail{};  // one sentence for people: what is wrong and what was expected
    std::string
        place{};  // where: "clients.csv:17 column email", "$.rule.all[2].field"; may be empty

    // "place: detail" as shown to people.
    std::string text() const { return place.empty() ? detail : place + ": " + detail; }
};

template <class T>
using Result = tl::expected<T, Failure>;

inline tl::unexpected<Failure> fail(std::string code, std::string detail, std::string place = {}) {
    return tl::unexpected<Failure>{Failure{std::move(code), std::move(detail), std::move(place)}};
}
inline tl::unexpected<Failure> fail(Failure failure) {
    return tl::unexpected<Failure>{std::move(failure)};
}

}  // namespace carillon::base
