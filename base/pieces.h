// Rendered text in pieces: literals that are the same in every message of a template version
// (shared, so that a channel can keep an encoded form of each), and values that belong to one
// message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::base {

// Immutable once a template is compiled; lives as long as the compiled template.
struct Literal {
    std::string text{};
    std::string quoted_printable{};  // filled by whoever compiles for e-mail: independent of the
                                     // column it starts in
};

// Not thread-safe; cheap to clear and fill again.
class Pieces {
public:
    struct Piece {
        const Literal* literal{};  // nullptr: a value, `size` bytes at `offset` of values()
        std::size_t offset{};
        std::size_t size{};
    };

    void clear() {
        pieces_.clear();
        values_.clear();
    }
    void add(const Literal& literal) {
        if (!literal.text.empty()) pieces_.push_back({&literal, 0, 0});
    }
    // Neighbouring values become one piece.
    void add_value(std::string_view value) {
        if (value.empty()) return;
        if (!pieces_.empty() && pieces_.back().literal == nullptr)
            pieces_.back().size += value.size();
        else
            pieces_.push_back({nullptr, values_.size(), value.size()});
        values_ += value;
    }
    const std::vector<Piece>& pieces() const { return pieces_; }
    std::string_view text_of(const Piece& piece) const {
        return piece.literal != nullptr
                   ? std::string_view{piece.literal->text}
                   : std::string_view{values_}.substr(piece.offset, piece.size);
    }
    std::string flat() const {
        std::string text;
        for (const auto& piece : pieces_) text += text_of(piece);
        return text;
    }
    bool empty() const { return pieces_.empty(); }

private:
    std::vector<Piece> pieces_;
    std::string values_;
};

}  // namespace carillon::base
