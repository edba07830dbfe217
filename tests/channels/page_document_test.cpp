#include "channels/page_document.h"

#include <catch2/catch.hpp>
#include <deque>

using namespace carillon;
using namespace carillon::channels;

namespace {

// A body of alternating literals ("L:...") and values ("V:...").
struct Body {
    std::deque<base::Literal> literals{};
    base::Pieces pieces{};
    Body& literal(std::string text) {
        pieces.add(literals.emplace_back(base::Literal{std::move(text), {}}));
        return *this;
    }
    Body& value(std::string_view text) {
        pieces.add_value(text);
        return *this;
    }
};

std::vector<Block> blocks_of(const Body& body) {
    auto blocks = parse_blocks(body.pieces);
    REQUIRE(blocks);
    return *blocks;
}

std::string flat(const RichText& text) {
    std::string joined;
    for (const auto& span : text) joined += span.text;
    return joined;
}

}  // namespace

TEST_CASE("a body becomes headings, paragraphs, lists and tables", "[letters]") {
    Body body;
    body.literal(
            "# Договор\n\nПервая строка\nвторая **важно** и\\\nтретья\n\n- раз\n- два\n  ещё\n")
        .literal("3. три\n4. четыре\n\n| Дата | Сумма |\n|:-----|------:|\n| 1 мая | 10 |\n");
    const auto blocks = blocks_of(body);
    REQUIRE(blocks.size() == 5);
    CHECK(flat(std::get<Heading>(blocks[0]).text) == "Договор");
    const auto& text = std::get<Paragraph>(blocks[1]).text;
    REQUIRE(text.size() == 3);
    CHECK(text[1] == Span{"важно", Weight::bold});
    CHECK(flat(text) == "Первая строка вторая важно и\nтретья");
    const auto& bullets = std::get<List>(blocks[2]);
    REQUIRE(bullets.items.size() == 2);
    CHECK(flat(bullets.items[1]) == "два ещё");
    const auto& numbers = std::get<List>(blocks[3]);
    CHECK(numbers.numbered);
    CHECK(numbers.first == 3);
    const auto& table = std::get<Table>(blocks[4]);
    CHECK(table.header);
    CHECK(table.columns == std::vector{Align::left, Align::right});
    REQUIRE(table.rows.size() == 2);
    CHECK(flat(table.rows[1][0]) == "1 мая");
}

TEST_CASE("a client's value never makes structure", "[letters]") {
    const std::string hostile = GENERATE(
        "# Heading", "\n# Heading\n\n- item\n1. one", "| a | b |\n| - | - |", "**bold** **",
        "a | b | c", "\r\n\r\n# x", "1. one", "- item", "\\", "x\xE2\x80\xA8# y", "***", "\\|");
    SECTION("as a paragraph of its own") {
        Body body;
        body.literal("before\n\n").value(hostile).literal("\n\nafter\n");
        const auto blocks = blocks_of(body);
        REQUIRE(blocks.size() == 3);
        const auto& text = std::get<Paragraph>(blocks[1]).text;
        REQUIRE(text.size() == 1);
        CHECK(text[0] == Span{plain_line(hostile), Weight::regular});
    }
    SECTION("within bold, in a cell, in an item") {
        Body body;
        body.literal("**")
            .value(hostile)
            .literal("**\n\n| ")
            .value(hostile)
            .literal(" | 2 |\n\n- ");
        body.value(hostile).literal("\n");
        const auto blocks = blocks_of(body);
        REQUIRE(blocks.size() == 3);
        CHECK(std::get<Paragraph>(blocks[0]).text ==
              RichText{Span{plain_line(hostile), Weight::bold}});
        const auto& table = std::get<Table>(blocks[1]);
        REQUIRE(table.columns.size() == 2);
        CHECK(flat(table.rows[0][0]) == plain_line(hostile));
        CHECK(std::get<List>(blocks[2]).items.size() == 1);
    }
}

TEST_CASE("a template's backslash makes its marks ordinary", "[letters]") {
    Body body;
    body.literal("\\# no heading\n\n\\- no item \\*\\* \\| \\\\ \\x\n");
    const auto blocks = blocks_of(body);
    REQUIRE(blocks.size() == 2);
    CHECK(flat(std::get<Paragraph>(blocks[0]).text) == "# no heading");
    CHECK(flat(std::get<Paragraph>(blocks[1]).text) == "- no item ** | \\ \\x");
}

TEST_CASE("mistakes in a body name their line", "[letters]") {
    Body bold;
    bold.literal("one\n\ntwo **three\n");
    const auto unclosed = parse_blocks(bold.pieces);
    REQUIRE_FALSE(unclosed);
    CHECK(unclosed.error().code == "page.bold_unclosed");
    CHECK(unclosed.error().place == "line 3 column 5");
    Body table;
    table.literal("| a | b |\n| 1 |\n");
    const auto ragged = parse_blocks(table.pieces);
    REQUIRE_FALSE(ragged);
    CHECK(ragged.error().code == "page.table_ragged");
    CHECK(ragged.error().place == "line 2");
}

TEST_CASE("a line of a value keeps its words and loses what steers", "[letters]") {
    CHECK(plain_line("a\r\nb\tc") == "a b c");
    CHECK(plain_line("a\xE2\x80\xAE"
                     "b\x7F\x01"
                     "c\xEF\xBB\xBF") == "abc");
    CHECK(plain_line("№ 5 — ₽") == "№ 5 — ₽");
}
