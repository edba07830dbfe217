#include "responses/mail_text.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace carillon::responses {

namespace {

class Converter {
public:
    explicit Converter(const std::string& charset)
        : handle_(iconv_open("UTF-8", charset.c_str())) {}
    ~Converter() {
        if (good()) iconv_close(handle_);
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;

    // iconv's own word for failure.
    bool good() const { return handle_ != reinterpret_cast<iconv_t>(std::intptr_t{-1}); }

    std::string convert(std::string_view bytes) {
        std::string in{bytes};
        std::string out;
        std::array<char, 4096> room{};
        char* from = in.data();
        std::size_t left = in.size();
        while (left > 0) {
            char* to = room.data();
            std::size_t free = room.size();
            const auto done = iconv(handle_, &from, &left, &to, &free);
            out.append(room.data(), room.size() - free);
            const bool stuck = done == static_cast<std::size_t>(-1) && free == room.size();
            if (stuck) {  // an invalid byte, or half a character at the end
                out += '?';
                ++from;
                --left;
            }
        }
        return out;
    }

private:
    iconv_t handle_;
};

// Names that iconv does not know by themselves: "windows1251", "x-cp1251", "cp-1251".
std::string plain_name(std::string_view charset) {
    std::string name;
    for (const char c : base::fold_case(charset.substr(0, 40)))
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') name += c;
    for (const std::string_view prefix : {"x-cp", "cp-", "windows", "win-"}) {
        if (!name.starts_with(prefix)) continue;
        auto digits = name.substr(prefix.size());
        if (digits.starts_with('-')) digits.erase(0, 1);
        return "cp" + digits;
    }
    return name;
}

// Russian text is mostly small letters, and those are where the other code has the capitals.
std::string guess(std::string_view bytes) {
    std::size_t low = 0;   // 0xC0..0xDF: small in KOI8-R, capital in windows-1251
    std::size_t high = 0;  // 0xE0..0xFF: the other way round
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        low += byte >= 0xC0 && byte < 0xE0 ? 1U : 0U;
        high += byte >= 0xE0 ? 1U : 0U;
    }
    // A word of Cyrillic has its letters side by side; Latin 1 has one here and there.
    const bool is_cyrillic = (low + high) * 4 > bytes.size();
    if (!is_cyrillic) return "ISO-8859-1";
    return low > high ? "KOI8-R" : "CP1251";
}

std::string without_unsafe(std::string text) {
    std::erase(text, '\0');
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\r') text[i] = i + 1 < text.size() && text[i + 1] == '\n' ? '\0' : '\n';
    std::erase(text, '\0');
    return text;
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view charset) {
    const auto name = plain_name(charset);
    const bool is_ascii =
        std::ranges::all_of(bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const bool is_stateful = name.starts_with("utf-7") || name.starts_with("utf-16") ||
                             name.starts_with("iso-2022") || name.starts_with("hz");
    if (is_ascii && !is_stateful) return without_unsafe(std::string{bytes});
    const bool says_nothing = name.empty() || name == "us-ascii" || name == "ascii" ||
                              name == "utf-8" || name == "utf8" || name == "unknown-8bit";
    if (says_nothing && base::is_valid_utf8(bytes)) return without_unsafe(std::string{bytes});
    if (!says_nothing) {
        Converter converter{name};
        if (converter.good()) return without_unsafe(converter.convert(bytes));
    }
    return without_unsafe(Converter{guess(bytes)}.convert(bytes));
}

namespace {

struct Entity {
    std::string_view name{};
    std::string_view text{};
};
constexpr std::array entities{
    Entity{"nbsp", " "},  Entity{"amp", "&"},   Entity{"lt", "<"},     Entity{"gt", ">"},
    Entity{"quot", "\""}, Entity{"apos", "'"},  Entity{"laquo", "«"},  Entity{"raquo", "»"},
    Entity{"mdash", "—"}, Entity{"ndash", "–"}, Entity{"hellip", "…"}, Entity{"rsquo", "’"},
    Entity{"lsquo", "‘"}, Entity{"ldquo", "“"}, Entity{"rdquo", "”"},  Entity{"copy", "©"},
    Entity{"auml", "ä"},  Entity{"ouml", "ö"},  Entity{"uuml", "ü"},   Entity{"szlig", "ß"},
    Entity{"Auml", "Ä"},  Entity{"Ouml", "Ö"},  Entity{"Uuml", "Ü"},   Entity{"eacute", "é"},
    Entity{"egrave", "è"}};

void append_character(std::string& out, std::uint32_t code) {
    if (code < 0x20 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
        out += ' ';
    } else if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

class HtmlReader {
public:
    explicit HtmlReader(std::string_view html) : html_(html) {}

    std::string read() {
        while (at_ < html_.size()) {
            const char c = html_[at_];
            if (c == '<')
                tag();
            else if (c == '&')
                entity();
            else {
                text(html_.substr(at_, 1));
                ++at_;
            }
        }
        return std::move(out_);
    }

private:
    void text(std::string_view piece) {
        const bool is_space = piece == " " || piece == "\n" || piece == "\t" || piece == "\r";
        if (is_space) {
            space_ = true;
            return;
        }
        if (out_.empty() || out_.back() == '\n')
            for (int i = 0; i < std::min(quote_, 8); ++i) out_ += "> ";
        else if (space_)
            out_ += ' ';
        space_ = false;
        out_ += piece;
    }
    void line() {
        space_ = false;
        if (!out_.ends_with("\n\n")) out_ += '\n';
    }

    void entity() {
        constexpr std::size_t entity_size_max = 10;
        const auto end = html_.substr(at_, entity_size_max).find(';');
        std::string decoded;
        if (end != std::string_view::npos && end > 1) {
            const auto name = html_.substr(at_ + 1, end - 1);
            const auto* known = std::ranges::find(entities, name, &Entity::name);
            if (name.front() == '#') {
                const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
                const auto digits = name.substr(hex ? 2 : 1);
                std::uint32_t code = 0;
                std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
                append_character(decoded, code);
            } else if (known != entities.end()) {
                decoded = known->text;
            }
        }
        if (decoded.empty()) {
            text("&");
            ++at_;
        } else {
            text(decoded);
            at_ += end + 1;
        }
    }

    void tag() {
        if (html_.substr(at_, 4) == "<!--") {
            const auto end = html_.find("-->", at_);
            at_ = end == std::string_view::npos ? html_.size() : end + 3;
            return;
        }
        const auto end = html_.find('>', at_);
        if (end == std::string_view::npos) {
            at_ = html_.size();
            return;
        }
        auto inside = html_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        const bool closes = inside.starts_with('/');
        if (closes) inside.remove_prefix(1);
        constexpr std::size_t name_size_max = 12;
        std::string name;
        for (const char c : inside.substr(0, name_size_max)) {
            const bool is_letter =
                (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!is_letter) break;
            name += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        }
        apply(name, closes);
    }

    void apply(const std::string& name, bool closes) {
        if (!closes && (name == "style" || name == "script" || name == "head" || name == "title")) {
            skip_until("</" + name);
        } else if (name == "blockquote") {
            line();
            quote_ = std::max(0, quote_ + (closes ? -1 : 1));
        } else if (name == "p" || name == "table" || name == "ul" || name == "ol" ||
                   (name.size() == 2 && name[0] == 'h')) {
            line();
        } else if (name == "br" || name == "div" || name == "tr" || name == "li" || name == "pre") {
            if (name == "br" || (!out_.empty() && out_.back() != '\n')) line();
        } else if (name == "td") {
            space_ = true;
        }
    }

    void skip_until(const std::string& closing) {
        while (at_ < html_.size()) {
            const auto found = html_.find("</", at_);
            if (found == std::string_view::npos) break;
            const auto here = html_.substr(found, closing.size());
            at_ = found + 2;
            if (base::fold_case(here) != closing) continue;
            const auto end = html_.find('>', found);
            at_ = end == std::string_view::npos ? html_.size() : end + 1;
            return;
        }
        at_ = html_.size();
    }

    std::string_view html_;
    std::size_t at_{0};
    std::string out_;
    bool space_{false};
    int quote_{0};
};

}  // namespace

std::string html_to_lines(std::string_view html) {
    return HtmlReader{html}.read();
}

}  // namespace carillon::responses
