// A postal address and the lines it makes on an envelope: in the order of the country it goes to,
// foreign countries named last in capitals (UPU, "Postal addressing systems in member countries").
// Plain values; the functions are safe from several threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace carillon::channels {

struct PostalAddress {
    std::string name{};                // who: one line
    std::vector<std::string> lines{};  // street and house; more precise parts in further lines
    std::string city{};
    std::string region{};  // state, oblast; may be empty where the country's post does not want it
    std::string postcode{};
    std::string country{};  // ISO 3166-1 alpha-2
    bool operator==(const PostalAddress&) const = default;
};

struct AddressRules {
    std::string home_country{"RU"};  // its own name is not printed
    std::string language{"ru"};      // foreign countries are named in it
};

// The lines of the window. Errors: letter.address_incomplete, naming all that is missing or does
// not fit the country (name, street, city, region, postcode, country).
base::Result<std::vector<std::string>> address_lines(const PostalAddress& address,
                                                     const AddressRules& rules);

// The address as a contact stores it, without the name. Either one line whose parts are divided by
// commas, as people write it in the country ("127006, г. Москва, ул. Тверская, д. 1",
// "10 Downing Street, London, SW1A 2AA, GB", "Unter den Linden 1, 10117 Berlin, Deutschland",
// "1 Main St, Springfield, IL 62701, US"), or a JSON object with the members of PostalAddress.
// `home_country` is meant where no country is named. What cannot be told apart with certainty is an
// error, never a guess. Errors: letter.address_incomplete, json.*.
base::Result<PostalAddress> parse_postal_line(std::string_view stored,
                                              std::string_view home_country);
// The JSON form in one line; parse_postal_line() reads it back without loss.
std::string to_postal_line(const PostalAddress& address);

}  // namespace carillon::channels
