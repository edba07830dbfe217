// Values at the door of an import: names, telephone numbers, dates, contacts.
#include <catch2/catch.hpp>
#include <random>

#include "audience/cell_reader.h"
#include "audience/contact_plan.h"
#include "audience/mapping.h"
#include "audience/names.h"
#include "audience/phone_reader.h"
#include "base/text.h"

using namespace carillon;
using namespace carillon::audience;
using base::ChannelKind;

TEST_CASE("the quick folding of names equals ICU's", "[names]") {
    for (unsigned int code = 0x20; code < 0x500; ++code) {
        std::string letter;
        if (code < 0x80) {
            letter = static_cast<char>(code);
        } else {
            letter += static_cast<char>(0xC0 | code >> 6);
            letter += static_cast<char>(0x80 | (code & 0x3F));
        }
        const auto text = "x" + letter + "y";
        if (code == ' ') continue;
        INFO(code);
        CHECK(folded_name(text) == base::fold_case(base::to_nfc(text)));
        CHECK(normal_text(text) == base::to_nfc(text));
        CHECK(is_printable(text) ==
              (base::is_valid_utf8(text) && !base::has_control_characters(text)));
    }
    CHECK(folded_name("  Иванов   ИВАН ") == "иванов иван");
}

TEST_CASE("what was broken over lines in a quoted cell becomes one line", "[names]") {
    CHECK(in_one_line("ул. Мира, 5\r\n кв. 7\t\n") == "ул. Мира, 5 кв. 7");
    CHECK(in_one_line("\n").empty());
    CHECK_FALSE(is_printable(in_one_line("a\x1b[2J")));
}

TEST_CASE("remembered decisions about telephone numbers are the library's", "[phone]") {
    std::mt19937_64 random{42};
    PhoneReader reader;
    for (int i = 0; i < 20'000; ++i) {
        // Few prefixes, so that most answers come from memory.
        const auto prefix = random() % 100'000 / 25 * 25;
        std::string digits = std::to_string(100'000 + prefix).substr(1) +
                             std::to_string(100'000 + random() % 100'000).substr(1);
        const std::string text = (i % 3 == 0 ? "+7" : i % 3 == 1 ? "8" : "") + digits;
        const auto ours = reader.read(text, "RU");
        const auto theirs = base::PhoneNumber::parse(text, "RU");
        INFO(text);
        REQUIRE(ours.has_value() == theirs.has_value());
        if (!ours) continue;
        REQUIRE(ours->e164 == theirs->e164());
        REQUIRE(ours->fixed_line == theirs->is_fixed_line());
    }
    CHECK(reader.read("+7 (916) 123-45-67", "")->e164 == "+79161234567");
    CHECK(reader.read("8 916 123 45 67", "RU")->e164 == "+79161234567");
    CHECK(reader.read("+44 20 7946 0958", "RU")->e164 == "+442079460958");
    CHECK_FALSE(reader.read("call me", "RU"));
}

TEST_CASE("dates are read in the format that was named, and only in it", "[import]") {
    CHECK(date_in_format("2026-02-28", DateFormat::iso) == "2026-02-28");
    CHECK(date_in_format("28.02.2026", DateFormat::iso).empty());
    CHECK(date_in_format("28.02.2026", DateFormat::day_first) == "2026-02-28");
    CHECK(date_in_format("29.02.2026", DateFormat::day_first).empty());
    CHECK(date_in_format("930705", DateFormat::yymmdd) == "1993-07-05");
    CHECK(date_in_format("931107 00:00:00", DateFormat::yymmdd) == "1993-11-07");
    CHECK(date_in_format("706213", DateFormat::yymmdd).empty());
    CHECK(date_in_format("706213", DateFormat::birth_number) == "1970-12-13");
    CHECK(gender_of_birth_number("706213") == "f");
    CHECK(gender_of_birth_number("450204") == "m");
    CHECK(gender_of_birth_number("459904").empty());
}

namespace {

ContactInfo contact(int number, std::string address, int priority,
                    ChannelKind channel = ChannelKind::email) {
    return {number, channel, std::move(address), priority, false, "active"};
}

}  // namespace

TEST_CASE("a new address takes the place of the old one", "[import]") {
    const auto plan = plan_contacts({contact(1, "a@x.ru", 1)}, {{ChannelKind::email, 1, "b@x.ru"}});
    REQUIRE(plan.replaces.size() == 1);
    CHECK(plan.replaces[0].number == 1);
    CHECK(plan.inserts.empty());
}

TEST_CASE("known addresses move, others stay, cleared places are emptied", "[import]") {
    const std::vector existing{contact(1, "a@x.ru", 1), contact(2, "b@x.ru", 2),
                               contact(3, "c@x.ru", 3)};
    const auto swapped = plan_contacts(
        existing, {{ChannelKind::email, 1, "b@x.ru"}, {ChannelKind::email, 2, "a@x.ru"}});
    CHECK(swapped.moves.size() == 2);
    CHECK(swapped.deletes.empty());
    CHECK(swapped.replaces.empty());
    const auto cleared = plan_contacts(existing, {{ChannelKind::email, 2, ""}});
    CHECK(cleared.deletes == std::vector<int>{2});
    CHECK(plan_contacts(existing, {{ChannelKind::email, 1, "a@x.ru"}}).moves.empty());
    const auto twice =
        plan_contacts({}, {{ChannelKind::email, 1, "a@x.ru"}, {ChannelKind::email, 2, "a@x.ru"}});
    CHECK(twice.inserts.size() == 1);
}

TEST_CASE("a file says of an address whether it is verified", "[import]") {
    const std::vector existing{contact(1, "a@x.ru", 1)};
    const ContactWish verified{ChannelKind::email, 1, "a@x.ru", true};
    const auto plan = plan_contacts(existing, {verified});
    REQUIRE(plan.verdicts.size() == 1);
    CHECK(plan.verdicts[0].verified);
    CHECK(plan_contacts(existing, {{ChannelKind::email, 1, "a@x.ru"}}).empty());
    const auto replaced = plan_contacts(existing, {{ChannelKind::email, 1, "b@x.ru", true}});
    REQUIRE(replaced.replaces.size() == 1);
    CHECK(replaced.replaces[0].verified);
}

TEST_CASE("a mapping names all its mistakes", "[import]") {
    const auto json = base::Json::parse(
        R"({"delimiter":"#","fields":{"externl_id":"a","email":{"column":"b","constant":"c"}},"curency":"EUR"})");
    const auto mapping = parse_mapping(*json, ImportKind::clients);
    REQUIRE_FALSE(mapping);
    std::vector<std::string> places;
    for (const auto& problem : mapping.error()) places.push_back(problem.place);
    CHECK(places == std::vector<std::string>{"$.delimiter", "$.fields.externl_id", "$.fields.email",
                                             "$.curency"});
}

TEST_CASE("values come from columns, constants, templates and translations", "[import]") {
    const auto json = base::Json::parse(R"({"fields":{
        "external_id":"id",
        "gender":{"column":"sex","values":{"M":"m","F":"f"}},
        "status":{"constant":"active"},
        "company_name":{"template":"{first} {last}!"}}})");
    const auto mapping = parse_mapping(*json, ImportKind::clients);
    REQUIRE(mapping);
    auto bound =
        BoundMapping::bind(*mapping, ImportKind::clients, {"id", "sex", "first", "last", "rest"});
    REQUIRE(bound);
    CHECK(bound->ignored_columns() == std::vector<std::string>{"rest"});
    const std::vector<std::string_view> cells{" 7 ", "F", "Ada", "'=Lovelace", ""};
    CHECK(bound->value(0, cells) == "7");
    CHECK(bound->value(1, cells) == "f");
    CHECK(bound->value(2, cells) == "active");
    CHECK(bound->value(3, cells) == "Ada =Lovelace!");
    CHECK(BoundMapping::bind(*mapping, ImportKind::clients, {"id", "sx", "first", "last"})
              .error()
              .code == "import.column_missing");
    CHECK(BoundMapping::bind(*mapping, ImportKind::clients, {"id", "id"}).error().code ==
          "import.column_twice");
}
