// What a letter or a fax says, before anybody knows how wide the paper is. It is read from rendered
// template text in a small subset of Markdown:
//
//   # Heading                 one to three '#'
//   text over several lines   a paragraph; an empty line ends it; '\' at the end of a line breaks
//   it
//   - item                    bulleted list ('-' or '*')
//   1. item                   numbered list, counted from the first number
//   | a | b |                 table; a second line | :--- | :---: | ---: | aligns the columns and
//                             makes the first row a header that every page repeats
//   **bold**                  within any text
//   \* \| \# \\ ...           the character itself
//
// Only the literals of the template make structure. A client's value is text whatever it contains:
// its line ends become spaces, its '#', '|' and '**' are printed.
// Free functions and plain values; safe from several threads.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/local_date.h"
#include "base/pieces.h"
#include "base/result.h"

namespace carillon::channels {

enum class Weight { regular, bold };

// UTF-8 without line ends but '\n' for a forced break.
struct Span {
    std::string text{};
    Weight weight{Weight::regular};
    bool operator==(const Span&) const = default;
};
using RichText = std::vector<Span>;

enum class Align { left, centre, right };

struct Heading {
    int level{1};
    RichText text{};
};
struct Paragraph {
    RichText text{};
};
struct List {
    bool numbered{false};
    int first{1};
    std::vector<RichText> items{};
};
struct Table {
    std::vector<Align> columns{};
    bool header{false};                         // the first row is repeated on every page
    std::vector<std::vector<RichText>> rows{};  // each as long as `columns`
};
using Block = std::variant<Heading, Paragraph, List, Table>;

// The end of a letter. Whatever is empty is left out.
struct Closing {
    std::string words{};      // "С уважением,"
    std::string image_png{};  // a signature; bytes of a PNG file
    std::string name{};       // "И. И. Иванов"
    std::string position{};   // "Председатель правления"
};

struct PageDocument {
    base::LocalDate date{};
    std::string subject{};
    std::vector<Block> blocks{};
    Closing closing{};
    std::vector<std::string> enclosures{};
};

// Errors name line and column of the flat text: page.bold_unclosed, page.table_ragged.
base::Result<std::vector<Block>> parse_blocks(const base::Pieces& body);

// One line of plain text as a client's value would be taken: no line ends, no control characters,
// nothing that turns the reading direction round.
std::string plain_line(std::string_view text);

}  // namespace carillon::channels
