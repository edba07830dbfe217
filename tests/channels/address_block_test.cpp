#include "channels/address_block.h"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::channels;

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const PostalAddress& address, const AddressRules& rules) {
    auto lines = address_lines(address, rules);
    INFO((lines ? "" : lines.error().detail));
    REQUIRE(lines);
    return *lines;
}

const PostalAddress moscow{.name = "Ким Анна",
                           .lines = {"ул. Тверская, д. 1"},
                           .city = "г. Москва",
                           .postcode = "127006",
                           .country = "RU"};

}  // namespace

TEST_CASE("an address is ordered as its country's post wants it", "[letters]") {
    CHECK(lines_of(moscow, {"RU", "ru"}) ==
          Lines{"Ким Анна", "ул. Тверская, д. 1", "г. Москва", "127006"});
    CHECK(lines_of(moscow, {"DE", "de"}).back() == "RUSSLAND");
    const PostalAddress london{.name = "A. Kim",
                               .lines = {"10 Downing Street"},
                               .city = "London",
                               .region = "Greater London",
                               .postcode = "sw1a2aa",
                               .country = "GB"};
    CHECK(lines_of(london, {"GB", "en"}) ==
          Lines{"A. Kim", "10 Downing Street", "LONDON", "SW1A 2AA"});
    CHECK(lines_of(london, {"RU", "ru"}).back() == "ВЕЛИКОБРИТАНИЯ");
    const PostalAddress berlin{.name = "A. Kim",
                               .lines = {"Unter den Linden 1"},
                               .city = "Berlin",
                               .postcode = "10117",
                               .country = "DE"};
    CHECK(lines_of(berlin, {"DE", "de"}) == Lines{"A. Kim", "Unter den Linden 1", "10117 Berlin"});
    const PostalAddress prague{.name = "A. Kim",
                               .lines = {"Na Příkopě 1"},
                               .city = "Praha 1",
                               .postcode = "11000",
                               .country = "CZ"};
    CHECK(lines_of(prague, {"DE", "de"}) ==
          Lines{"A. Kim", "Na Příkopě 1", "110 00 Praha 1", "TSCHECHIEN"});
    const PostalAddress springfield{.name = "A. Kim",
                                    .lines = {"1 Main St", "Apt 4"},
                                    .city = "Springfield",
                                    .region = "IL",
                                    .postcode = "62701",
                                    .country = "US"};
    CHECK(lines_of(springfield, {"US", "en"}) ==
          Lines{"A. Kim", "1 Main St", "Apt 4", "Springfield, IL 62701"});
    const PostalAddress paris{.name = "A. Kim",
                              .lines = {"1 rue de Rivoli"},
                              .city = "Paris",
                              .postcode = "75001",
                              .country = "FR"};
    CHECK(lines_of(paris, {"RU", "ru"}) ==
          Lines{"A. Kim", "1 rue de Rivoli", "75001 Paris", "ФРАНЦИЯ"});
}

TEST_CASE("an incomplete address names everything that is missing", "[letters]") {
    const auto nothing = address_lines({.country = "US"}, {"US", "en"});
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().code == "letter.address_incomplete");
    CHECK(nothing.error().detail ==
          "The postal address lacks: name, street, city, region, postcode.");
    auto wrong = moscow;
    wrong.postcode = "12700";
    CHECK(address_lines(wrong, {"RU", "ru"}).error().detail == "'12700' is no postcode of Russia.");
    wrong.postcode = "127006";
    wrong.country = "XQ";
    CHECK_FALSE(address_lines(wrong, {"RU", "ru"}));
    wrong = moscow;
    wrong.name = " \n ";
    CHECK(address_lines(wrong, {"RU", "ru"}).error().detail == "The postal address lacks: name.");
}

TEST_CASE("a stored line is read only where its parts are certain", "[letters]") {
    const auto read = [](std::string_view text, std::string_view home) {
        auto address = parse_postal_line(text, home);
        INFO((address ? "" : address.error().detail));
        REQUIRE(address);
        return *address;
    };
    auto expected = moscow;
    expected.name.clear();
    CHECK(read("127006, г. Москва, ул. Тверская, д. 1", "RU") == expected);
    CHECK(read("ул. Тверская, д. 1, г. Москва, 127006, Россия", "DE") == expected);
    const auto village =
        read("Тверская обл., Калининский район, пос. Медное, ул. Мира, 5, 170521", "RU");
    CHECK(village.city == "пос. Медное");
    CHECK(village.region == "Тверская обл., Калининский район");
    CHECK(village.lines == Lines{"ул. Мира, 5"});
    const auto london = read("10 Downing Street, London, SW1A 2AA, United Kingdom", "RU");
    CHECK(london.city == "London");
    CHECK(london.postcode == "SW1A 2AA");
    CHECK(london.country == "GB");
    CHECK(read("Unter den Linden 1, 10117 Berlin", "DE").city == "Berlin");
    CHECK(read("Na Příkopě 1, 110 00 Praha 1, Česko", "DE").postcode == "110 00");
    const auto american = read("1 Main St, Apt 4, Springfield, IL 62701", "US");
    CHECK(american.region == "IL");
    CHECK(american.city == "Springfield");
    CHECK(american.lines == Lines{"1 Main St", "Apt 4"});

    CHECK(parse_postal_line("где-то в деревне", "RU").error().code == "letter.address_incomplete");
    CHECK(parse_postal_line("Тверская, 1, 127006", "RU").error().detail ==
          "The postal address lacks: city (as 'г. Тверь').");
    CHECK_FALSE(parse_postal_line("1 rue de Rivoli, 75001 Paris, France", "RU"));
    CHECK_FALSE(parse_postal_line("", "RU"));
}

TEST_CASE("the structured stored form comes back without loss", "[letters]") {
    const PostalAddress address{.name = "ООО \"Ромашка\"",
                                .lines = {"ул. {Мира}, 5", "офис 7"},
                                .city = "Тверь",
                                .region = "Тверская обл.",
                                .postcode = "170000",
                                .country = "RU"};
    const auto read = parse_postal_line(to_postal_line(address), "DE");
    REQUIRE(read);
    CHECK(*read == address);
    CHECK_FALSE(parse_postal_line("{\"street\": \"x\"}", "RU"));
}
