#include "channels/hyphenation.h"

#include <glib.h>
#include <iconv.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/text.h"

namespace carillon::channels {

namespace {

// Shorter words look worse divided than a loose line does.
constexpr std::size_t word_min = 6;
constexpr std::size_t before_min = 2;
constexpr std::size_t after_min = 3;
constexpr std::size_t word_max = 80;
// About 5 MB a thread; a bank's letters use some thousand different words.
constexpr std::size_t remembered_max = 50'000;
constexpr std::string_view soft_hyphen = "\xC2\xAD";

constexpr std::pair<std::string_view, std::string_view> dictionary_files[] = {
    {"ru", "hyph_ru_RU.dic"},    {"en", "hyph_en_US.dic"}, {"en-US", "hyph_en_US.dic"},
    {"en-GB", "hyph_en_GB.dic"}, {"de", "hyph_de_DE.dic"}, {"cs", "hyph_cs_CZ.dic"}};

std::string_view file_for(std::string_view language) {
    for (const auto& [name, file] : dictionary_files)
        if (name == language) return file;
    const auto primary = language.substr(0, language.find('-'));
    for (const auto& [name, file] : dictionary_files)
        if (name == primary) return file;
    return {};
}

// The file in UTF-8: the Russian one is KOI8-R, the German and the Czech one ISO 8859.
std::optional<std::string> read_as_utf8(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) return std::nullopt;
    std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    const auto line_end = bytes.find('\n');
    if (line_end == std::string::npos) return std::nullopt;
    const std::string character_set{base::trim(std::string_view{bytes}.substr(0, line_end))};
    bytes.erase(0, line_end + 1);
    if (character_set == "UTF-8") return bytes;
    const auto converter = iconv_open("UTF-8", character_set.c_str());
    if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
    std::string text(bytes.size() * 3, '\0');
    char* from = bytes.data();
    char* to = text.data();
    std::size_t from_left = bytes.size();
    std::size_t to_left = text.size();
    const auto converted = iconv(converter, &from, &from_left, &to, &to_left);
    iconv_close(converter);
    if (converted == static_cast<std::size_t>(-1)) return std::nullopt;
    text.resize(text.size() - to_left);
    return text;
}

std::u32string letters_of(std::string_view text) {
    std::u32string letters;
    for (const char* at = text.data(); at < text.data() + text.size(); at = g_utf8_next_char(at))
        letters += static_cast<char32_t>(g_utf8_get_char(at));
    return letters;
}

}  // namespace

// Patterns of F. M. Liang ("Word Hy-phen-a-tion by Com-put-er", 1983): of all that match at a place
// the highest digit wins, odd ones divide. Every pattern is tried at every place; the usual library
// takes the longest only, which needs dictionaries prepared for it and divides Russian wrongly.
struct Hyphenation::Dictionary {
    std::unordered_map<std::u32string, std::vector<char>> patterns{};
    std::size_t longest{};

    bool read(const std::filesystem::path& path) {
        const auto text = read_as_utf8(path);
        if (!text || !base::is_valid_utf8(*text)) return false;
        for (const auto line : base::split(*text, '\n')) {
            const auto word = base::trim(line);
            // What stands before this word divides compounds at their dashes.
            if (word == "NEXTLEVEL") patterns.clear();
            const bool keyword = word.empty() || word[0] == '%' || word[0] == '#' ||
                                 (word[0] >= 'A' && word[0] <= 'Z');
            // Divisions that change the spelling ("/") cannot be soft hyphens.
            if (!keyword && word.find('/') == std::string_view::npos) add(letters_of(word));
        }
        return !patterns.empty();
    }

    void add(const std::u32string& pattern) {
        std::u32string letters;
        std::vector<char> digits(1, 0);
        for (const auto c : pattern) {
            if (c >= U'0' && c <= U'9') {
                digits.back() = static_cast<char>(c - U'0');
            } else {
                letters += c;
                digits.push_back(0);
            }
        }
        longest = std::max(longest, letters.size());
        patterns[letters] = std::move(digits);
    }

    // The word with soft hyphens; the word itself when it may not be divided.
    std::string divide(std::string_view word) const {
        const auto letters = letters_of(word);
        if (letters.size() < word_min || letters.size() > word_max) return std::string{word};
        std::u32string framed = U".";
        for (const auto c : letters) framed += static_cast<char32_t>(g_unichar_tolower(c));
        framed += U'.';
        std::vector<char> digits(framed.size() + 1, 0);
        for (std::size_t from = 0; from < framed.size(); ++from) {
            const auto rest = std::min(longest, framed.size() - from);
            for (std::size_t size = 1; size <= rest; ++size) {
                const auto found = patterns.find(framed.substr(from, size));
                if (found == patterns.end()) continue;
                for (std::size_t i = 0; i <= size; ++i)
                    digits[from + i] = std::max(digits[from + i], found->second[i]);
            }
        }
        std::string divided;
        const char* at = word.data();
        for (std::size_t i = 0; i < letters.size(); ++i) {
            const char* next = g_utf8_next_char(at);
            divided.append(at, next);
            at = next;
            const auto before = i + 1;
            if ((digits[before + 1] & 1) != 0 && before >= before_min &&
                letters.size() - before >= after_min)
                divided += soft_hyphen;
        }
        return divided;
    }
};

base::Result<Hyphenation> Hyphenation::find(std::string_view language,
                                            const std::filesystem::path& folder) {
    static std::mutex mutex;
    static std::map<std::filesystem::path, std::shared_ptr<const Dictionary>> known;
    const auto file = file_for(language);
    if (file.empty()) return Hyphenation{nullptr};
    const auto path = folder / file;
    const std::scoped_lock lock{mutex};
    auto& dictionary = known[path];
    if (dictionary) return Hyphenation{dictionary};
    auto loaded = std::make_shared<Dictionary>();
    if (!loaded->read(path))
        return base::fail("letter.hyphenation_missing",
                          "The hyphenation dictionary cannot be read: " + path.string());
    dictionary = std::move(loaded);
    return Hyphenation{dictionary};
}

std::string Hyphenation::soften(std::string_view text) const {
    if (!dictionary_) return std::string{text};
    thread_local std::unordered_map<const Dictionary*, std::unordered_map<std::string, std::string>>
        remembered;
    auto& words = remembered[dictionary_.get()];
    if (words.size() > remembered_max) words.clear();
    std::string softened;
    softened.reserve(text.size() + text.size() / 4);
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at < end;) {
        const char* word_end = at;
        while (word_end < end && g_unichar_isalpha(g_utf8_get_char(word_end)))
            word_end = g_utf8_next_char(word_end);
        if (word_end == at) {
            const char* next = g_utf8_next_char(at);
            softened.append(at, next);
            at = next;
            continue;
        }
        std::string word{at, word_end};
        auto found = words.find(word);
        if (found == words.end()) {
            auto divided = dictionary_->divide(word);
            found = words.emplace(std::move(word), std::move(divided)).first;
        }
        softened += found->second;
        at = word_end;
    }
    return softened;
}

}  // namespace carillon::channels
