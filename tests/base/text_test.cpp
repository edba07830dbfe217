#include "base/text.h"

#include <array>
#include <catch2/catch.hpp>

using namespace carillon;

TEST_CASE("UTF-8 is told from what only looks like it", "[base]") {
    for (const std::string text : {"", "abc", "Дарья", "€", "\U0001F600", "\xF4\x8F\xBF\xBF"})
        CHECK(base::is_valid_utf8(text));
    for (const std::string text :
         {"\xC3", "\xC0\x80", "\xE0\x80\xAF", "\xED\xA0\x80", "a\xFF", "\xF4\x90\x80\x80", "\x80"})
        CHECK_FALSE(base::is_valid_utf8(text));
}

TEST_CASE("a text is cut between characters", "[base]") {
    CHECK(base::cut_utf8("Дарья", 5) == "Да");
    CHECK(base::cut_utf8("Дарья", 10) == "Дарья");
    CHECK(base::cut_utf8("€uro", 2).empty());
    CHECK(base::cut_utf8("a\U0001F600", 4) == "a");
}

TEST_CASE("what could end a line or hide text is found", "[base]") {
    for (const auto& text : std::vector<std::string>{"a\nb", "a\rb", std::string("a\0b", 3),
                                                     "a\x7F", "a\u0085b", "a\u2028b", "a\u2029b"})
        CHECK(base::has_control_characters(text));
    for (const std::string text : {"", "Дарья Ёлкина", "a\u00A0b"})
        CHECK_FALSE(base::has_control_characters(text));
}

TEST_CASE("letters compare whatever their case", "[base]") {
    CHECK(base::fold_case("ЁЛКИНА") == base::fold_case("ёлкина"));
    CHECK(base::fold_case("STRASSE") == base::fold_case("straße"));
    CHECK(base::to_nfc("\u0438\u0306") == "\u0439");
}

TEST_CASE("a slip of the pen is told from another word", "[base]") {
    static constexpr std::array<std::string_view, 3> words{"email", "letter", "sms"};
    CHECK(base::nearest("emial", words) == "email");
    CHECK(base::nearest("emal", words) == "email");
    CHECK(base::nearest("leter", words) == "letter");
    CHECK(base::nearest("fax", words).empty());
}

TEST_CASE("a place is counted in characters, not in bytes", "[base]") {
    const std::string text = "ab\nДа!";
    CHECK(base::line_column(text, text.size() - 1).line == 2);
    CHECK(base::line_column(text, text.size() - 1).column == 3);
    CHECK(base::split("a,,b", ',').size() == 3);
    CHECK(base::split("", ',').size() == 1);
}
