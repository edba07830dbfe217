#include "channels/quoted_printable.h"

#include <array>

namespace carillon::channels {

namespace {

constexpr std::size_t line_max = 76;
constexpr char hex_digits[] = "0123456789ABCDEF";

// Printable ASCII but '='. White space is decided by what follows it, so it is not here.
constexpr std::array<bool, 256> plain_bytes() {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x21; byte < 0x7F; ++byte) plain[byte] = byte != '=';
    return plain;
}
constexpr auto plain = plain_bytes();

// Writes one line after the other; `used` counts the characters of the current one.
class LineWriter {
public:
    explicit LineWriter(std::string& out) : out_(out) {}

    void add_plain(char c) {
        make_room(1);
        out_ += c;
        ++used_;
    }
    void add_escaped(char c) {
        make_room(3);
        const auto byte = static_cast<unsigned char>(c);
        const char escaped[3] = {'=', hex_digits[byte >> 4], hex_digits[byte & 15]};
        out_.append(escaped, 3);
        used_ += 3;
    }
    void break_line() {
        out_ += "\r\n";
        used_ = 0;
    }
    std::size_t used() const { return used_; }

private:
    // One column is always kept for the '=' of a soft break.
    void make_room(std::size_t wanted) {
        if (used_ + wanted < line_max) return;
        out_ += "=\r\n";
        used_ = 0;
    }

    std::string& out_;
    std::size_t used_{0};
};

bool ends_line(std::string_view text, std::size_t at) {
    return at >= text.size() || text[at] == '\r' || text[at] == '\n';
}

// A leading '.' would need stuffing (RFC 5321 4.5.2), a leading "From " is changed by mailbox
// files.
bool unsafe_at_line_start(std::string_view text, std::size_t at) {
    return text[at] == '.' || (text[at] == 'F' && text.substr(at, 5) == "From ");
}

}  // namespace

void append_quoted_printable(std::string& out, std::string_view text) {
    LineWriter line{out};
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (plain[static_cast<unsigned char>(c)]) {
            // The byte may land on column 0 by the soft break its own addition causes.
            const bool at_start = line.used() == 0 || line.used() + 1 >= line_max;
            if (at_start && unsafe_at_line_start(text, i))
                line.add_escaped(c);
            else
                line.add_plain(c);
        } else if (c == ' ' || c == '\t') {
            if (ends_line(text, i + 1))
                line.add_escaped(c);
            else
                line.add_plain(c);
        } else if (c == '\r' || c == '\n') {
            if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
            line.break_line();
        } else {
            line.add_escaped(c);
        }
    }
}

std::string quoted_printable_literal(std::string_view text) {
    std::string encoded;
    encoded.reserve(text.size() + text.size() / 4);
    append_quoted_printable(encoded, text);
    return encoded;
}

void append_quoted_printable(std::string& out, const base::Pieces& pieces) {
    const auto body_start = out.size();
    const auto at_line_start = [&] { return out.size() == body_start || out.back() == '\n'; };
    for (const auto& piece : pieces.pieces()) {
        if (!at_line_start()) out += "=\r\n";
        if (piece.literal != nullptr && !piece.literal->quoted_printable.empty())
            out += piece.literal->quoted_printable;
        else
            append_quoted_printable(out, pieces.text_of(piece));
    }
    if (!at_line_start()) out += "\r\n";
}

}  // namespace carillon::channels
