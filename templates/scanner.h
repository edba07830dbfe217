// Cuts Mustache text into literals and tags: delimiters, the standalone-line rule and positions
// live here.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace carillon::templates {

enum class TagKind { end_of_text, variable, raw, section, inverted, close, partial, ignored };

struct Token {
    std::string_view before{};  // literal between the previous tag and this one
    TagKind kind{TagKind::end_of_text};
    std::string_view name{};
    std::string_view indentation{};  // of a partial that stands alone on its line
    int line{1};
    int column{1};
};

// Reads one text from front to back in linear time. Keeps views into it. Not thread-safe.
class Scanner {
public:
    // `indentation` characters at the start of every line were put there by us; columns do not
    // count them.
    Scanner(std::string_view text, std::size_t indentation)
        : text_(text), indentation_(indentation), column_(1 - static_cast<int>(indentation)) {}

    // The Failure's place is "line:column"; the caller knows the file.
    base::Result<Token> next();

private:
    struct Tag {
        TagKind kind{};
        std::string_view content{};
        std::size_t end{};
    };

    base::Result<Tag> read_tag(std::size_t start) const;
    base::Result<void> set_delimiters(std::string_view content);
    base::Result<void> check_name(const Tag& tag) const;
    void trim_standalone_line(std::size_t start, std::size_t end, Token& token);
    void move_to(std::size_t offset);
    tl::unexpected<base::Failure> wrong(std::string code, std::string detail) const;

    std::string_view text_;
    std::size_t indentation_;
    std::string open_{"{{"};
    std::string close_{"}}"};
    std::size_t at_{0};

    std::size_t placed_at_{0};  // line_ and column_ belong to this offset
    int line_{1};
    int column_{1};
};

}  // namespace carillon::templates
