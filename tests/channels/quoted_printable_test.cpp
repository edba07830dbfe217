#include "channels/quoted_printable.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "base/text.h"

using namespace carillon;
using channels::append_quoted_printable;
using channels::quoted_printable_literal;

namespace {

int hex_value(char c) {
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

// RFC 2045 section 6.7, for well-formed input only.
std::string decode(std::string_view encoded) {
    std::string text;
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i] != '=') {
            text += encoded[i];
        } else if (encoded.substr(i, 3) == "=\r\n") {
            i += 2;
        } else {
            text += static_cast<char>(hex_value(encoded[i + 1]) * 16 + hex_value(encoded[i + 2]));
            i += 2;
        }
    }
    return text;
}

std::string with_crlf(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' || text[i] == '\n') {
            if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
            out += "\r\n";
        } else {
            out += text[i];
        }
    }
    return out;
}

// The first line that breaks a rule, or "".
std::string bad_line(std::string_view encoded) {
    for (const auto line : base::split(encoded, '\n')) {
        const auto text = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
        const bool printable =
            std::ranges::all_of(text, [](char c) { return c == '\t' || (c >= 0x20 && c < 0x7F); });
        if (text.size() > 76 || text.starts_with('.') || text.starts_with("From ") ||
            text.ends_with(' ') || text.ends_with('\t') || !printable)
            return std::string{text};
    }
    return {};
}

void check_lines(std::string_view encoded) {
    CHECK(bad_line(encoded) == "");
}

// Short alphabets meet the edges often: dots, "From ", white space and line ends of all kinds.
std::string random_text(std::mt19937& random, std::size_t size) {
    static const std::string_view words[] = {".",
                                             "..",
                                             "From ",
                                             "F",
                                             " ",
                                             "\t",
                                             "\r",
                                             "\n",
                                             "\r\n",
                                             "=",
                                             "a",
                                             "Жизнь",
                                             "\xF0\x9F\x8E\x82",
                                             std::string_view{"\0", 1},
                                             "abcdefghijklmnopqrstuvwxyz",
                                             "=\r\n",
                                             "--",
                                             "\x7F"};
    std::string text;
    while (text.size() < size) text += words[random() % std::size(words)];
    return text;
}

}  // namespace

TEST_CASE("quoted-printable decodes to the same text with CRLF line ends", "[channels][mime]") {
    std::mt19937 random{20261121};
    for (int round = 0; round < 400; ++round) {
        const auto text = random_text(random, random() % 400);
        const auto encoded = quoted_printable_literal(text);
        REQUIRE(decode(encoded) == with_crlf(text));
        check_lines(encoded);
    }
}

TEST_CASE("a line may be exactly full and never longer", "[channels][mime]") {
    for (std::size_t size = 70; size < 82; ++size) {
        check_lines(quoted_printable_literal(std::string(size, 'x') + ".From =. tail"));
        check_lines(quoted_printable_literal(std::string(size, ' ') + "\n"));
        check_lines(quoted_printable_literal(std::string(size, 'x') + "я"));
    }
    CHECK(quoted_printable_literal(std::string(75, 'x')) == std::string(75, 'x'));
    CHECK(quoted_printable_literal(std::string(76, 'x')) == std::string(75, 'x') + "=\r\nx");
}

TEST_CASE("a dot at the start of a line is encoded, elsewhere it is not", "[channels][mime]") {
    CHECK(quoted_printable_literal(".\n.a\na.b") == "=2E\r\n=2Ea\r\na.b");
    CHECK(quoted_printable_literal("From me\nFromage") == "=46rom me\r\nFromage");
}

TEST_CASE("pieces encoded ahead and pieces encoded on the fly make the same body",
          "[channels][mime]") {
    std::mt19937 random{7};
    for (int round = 0; round < 200; ++round) {
        std::deque<base::Literal> literals;
        base::Pieces ahead;
        base::Pieces on_the_fly;
        std::string expected;
        for (int piece = 0; piece < 6; ++piece) {
            auto text = random_text(random, random() % 120);
            while (text.ends_with('\r'))
                text.pop_back();  // a CR and LF in two pieces are two line ends
            expected += with_crlf(text);
            if (random() % 2 == 0) {
                ahead.add_value(text);
                on_the_fly.add_value(text);
                continue;
            }
            ahead.add(literals.emplace_back(base::Literal{text, quoted_printable_literal(text)}));
            on_the_fly.add(literals.emplace_back(base::Literal{text, {}}));
        }
        std::string a;
        std::string b;
        append_quoted_printable(a, ahead);
        append_quoted_printable(b, on_the_fly);
        CHECK(a == b);
        check_lines(a);
        REQUIRE((a.empty() || a.ends_with("\r\n")));
        const auto text = decode(a);
        CHECK((text == expected || text == expected + "\r\n"));
    }
}

TEST_CASE("a value never moves the static text around it", "[channels][mime]") {
    const base::Literal before{"Dear ", quoted_printable_literal("Dear ")};
    const base::Literal after{", your card is ready.\n",
                              quoted_printable_literal(", your card is ready.\n")};
    for (const std::string name :
         {"A", "Анна-Мария", ".", "a very long name that goes on and on"}) {
        base::Pieces pieces;
        pieces.add(before);
        pieces.add_value(name);
        pieces.add(after);
        std::string body;
        append_quoted_printable(body, pieces);
        CHECK(body.starts_with("Dear=20=\r\n"));
        CHECK(body.ends_with("=\r\n, your card is ready.\r\n"));
    }
}
