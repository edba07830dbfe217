#include "channels/sms_unicode.h"

#include <unicode/brkiter.h>
#include <unicode/translit.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

#include "channels/gsm0338.h"

namespace carillon::channels {

namespace {

// Signs that have a plain form everybody reads. Empty: invisible, left out.
constexpr std::array<std::pair<char32_t, std::string_view>, 43> plain_forms{{
    {U'\t', " "},        {U'`', "'"},        {U'\u00A0', " "},   {U'\u00A9', "(C)"},
    {U'\u00AB', "\""},   {U'\u00AD', ""},    {U'\u00AE', "(R)"}, {U'\u00B4', "'"},
    {U'\u00B7', "-"},    {U'\u00BB', "\""},  {U'\u00D7', "x"},   {U'\u2002', " "},
    {U'\u2003', " "},    {U'\u2007', " "},   {U'\u2009', " "},   {U'\u200A', " "},
    {U'\u200B', ""},     {U'\u2010', "-"},   {U'\u2011', "-"},   {U'\u2012', "-"},
    {U'\u2013', "-"},    {U'\u2014', "-"},   {U'\u2015', "-"},   {U'\u2018', "'"},
    {U'\u2019', "'"},    {U'\u201A', "'"},   {U'\u201B', "'"},   {U'\u201C', "\""},
    {U'\u201D', "\""},   {U'\u201E', "\""},  {U'\u201F', "\""},  {U'\u2022', "-"},
    {U'\u2026', "..."},  {U'\u202F', " "},   {U'\u2039', "'"},   {U'\u203A', "'"},
    {U'\u20B4', "UAH"},  {U'\u20B8', "KZT"}, {U'\u20BD', "RUB"}, {U'\u2116', "No."},
    {U'\u2122', "(TM)"}, {U'\u2212', "-"},   {U'\uFEFF', ""},
}};

const std::string_view* plain_form(char32_t character) {
    const auto* found = std::ranges::lower_bound(plain_forms, character, {},
                                                 &std::pair<char32_t, std::string_view>::first);
    return found != plain_forms.end() && found->first == character ? &found->second : nullptr;
}

enum class Script { cyrillic, latin, other };

Script script_of(char32_t character) {
    UErrorCode status = U_ZERO_ERROR;
    const auto script = uscript_getScript(static_cast<UChar32>(character), &status);
    if (script == USCRIPT_CYRILLIC) return Script::cyrillic;
    if (script == USCRIPT_LATIN || script == USCRIPT_INHERITED) return Script::latin;
    return Script::other;
}

std::unique_ptr<icu::Transliterator> rules(const char* id) {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made{icu::Transliterator::createInstance(
        icu::UnicodeString::fromUTF8(id), UTRANS_FORWARD, status)};
    if (U_FAILURE(status) != 0 || !made)
        throw std::runtime_error(std::string{"ICU lacks the transliteration "} + id);
    return made;
}

std::string transliterated(const icu::Transliterator& transliterator, std::string_view text) {
    auto unicode =
        icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
    transliterator.transliterate(unicode);
    std::string out;
    unicode.toUTF8String(out);
    return out;
}

// Whole words at a time: how a letter is written depends on the one before it.
std::string from_cyrillic(std::string_view word) {
    // The primes that stand for the soft and the hard sign help nobody on a telephone. Letters of
    // other languages than Russian are left over and take the general rules.
    static thread_local const auto transliterator = rules(
        "NFC; Russian-Latin/BGN; [\\u02B9\\u02BA] Remove; Cyrillic-Latin; [\\u02B9\\u02BA] Remove; "
        "Latin-ASCII");
    return transliterated(*transliterator, word);
}

std::string from_marked_latin(std::string_view letters) {
    static thread_local const auto transliterator = rules("NFD; [:Mn:] Remove; NFC; Latin-ASCII");
    return transliterated(*transliterator, letters);
}

}  // namespace

std::u32string to_code_points(std::string_view text) {
    std::u32string out;
    out.reserve(text.size());
    for (const char byte : text) {
        const auto value = static_cast<char32_t>(static_cast<unsigned char>(byte));
        const bool continues = (value & 0xC0) == 0x80;
        if (continues && !out.empty())
            out.back() = out.back() << 6 | (value & 0x3F);
        else
            out.push_back(value < 0x80   ? value
                          : value < 0xE0 ? value & 0x1F
                          : value < 0xF0 ? value & 0x0F
                                         : value & 0x07);
    }
    return out;
}

void append_utf8(std::string& out, char32_t character) {
    const auto byte = [&](char32_t value) { out += static_cast<char>(value & 0xFF); };
    const auto tail = [&](int shift) { byte(0x80 | (character >> shift & 0x3F)); };
    const bool is_surrogate = character >= 0xD800 && character < 0xE000;
    if (is_surrogate || character > 0x10FFFF) return append_utf8(out, U'\uFFFD');
    if (character < 0x80) return byte(character);
    if (character < 0x800) {
        byte(0xC0 | character >> 6);
    } else if (character < 0x10000) {
        byte(0xE0 | character >> 12);
        tail(6);
    } else {
        byte(0xF0 | character >> 18);
        tail(12);
        tail(6);
    }
    tail(0);
}

std::vector<std::string_view> graphemes_of(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    static thread_local const std::unique_ptr<icu::BreakIterator> iterator{
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status)};
    if (U_FAILURE(status) != 0) throw std::runtime_error("ICU has no character breaks");
    UText source = UTEXT_INITIALIZER;
    utext_openUTF8(&source, text.data(), static_cast<std::int64_t>(text.size()), &status);
    iterator->setText(&source, status);
    std::vector<std::string_view> out;
    auto begin = static_cast<std::size_t>(iterator->first());
    for (auto end = iterator->next(); end != icu::BreakIterator::DONE; end = iterator->next()) {
        out.push_back(text.substr(begin, static_cast<std::size_t>(end) - begin));
        begin = static_cast<std::size_t>(end);
    }
    utext_close(&source);
    return out;
}

namespace {

class LatinWriter {
public:
    explicit LatinWriter(std::u32string_view text) : text_(text) {}

    LatinText write() {
        while (at_ < text_.size()) {
            const auto character = text_[at_];
            if (is_gsm(character)) {
                append_utf8(out_.text, character);
                ++at_;
            } else if (const auto* plain = plain_form(character); plain != nullptr) {
                out_.text += *plain;
                ++at_;
            } else {
                write_run(script_of(character));
            }
        }
        return std::move(out_);
    }

private:
    // The rest of the word in one script.
    void write_run(Script script) {
        const auto begin = at_;
        while (at_ < text_.size() && script_of(text_[at_]) == script && !is_gsm(text_[at_])) ++at_;
        at_ = std::max(at_, begin + 1);
        std::string run;
        for (const auto character : text_.substr(begin, at_ - begin)) append_utf8(run, character);
        keep(script, run);
    }

    void keep(Script script, const std::string& run) {
        auto written = script == Script::cyrillic ? from_cyrillic(run)
                       : script == Script::latin  ? from_marked_latin(run)
                                                  : run;
        for (const auto character : to_code_points(written)) {
            if (!is_gsm(character)) note(character);
        }
        out_.text += written;
    }

    void note(char32_t character) {
        std::string name;
        append_utf8(name, character);
        if (std::ranges::find(out_.unwritable, name) == out_.unwritable.end())
            out_.unwritable.push_back(std::move(name));
    }

    std::u32string_view text_;
    std::size_t at_{0};
    LatinText out_;
};

}  // namespace

LatinText to_latin(std::string_view text) {
    const auto code_points = to_code_points(text);
    return LatinWriter{code_points}.write();
}

}  // namespace carillon::channels
