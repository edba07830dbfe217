#include "channels/hyphenation.h"

#include <glib.h>
#include <hyphen.h>
#include <iconv.h>

#include <array>
#include <cstdlib>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace carillon::channels {

namespace {

// Shorter words look worse divided than a loose line does.
constexpr std::size_t word_min = 6;
constexpr std::size_t before_min = 2;
constexpr std::size_t after_min = 3;
constexpr std::size_t word_max = 80;  // the library's own limit is 100
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

// What each letter is in the dictionary's own character set: the Russian one is KOI8-R, and UTF-8
// fed to it divides words in wrong places.
std::unordered_map<gunichar, char> letters_of(const char* character_set) {
    std::unordered_map<gunichar, char> letters;
    const auto converter = iconv_open("UTF-8", character_set);
    if (converter == reinterpret_cast<iconv_t>(-1)) return letters;
    const bool one_byte = std::string_view{character_set} != "UTF-8";
    for (int code = 1; code < (one_byte ? 256 : 128); ++code) {
        char byte = static_cast<char>(code);
        std::array<char, 8> out{};
        char* from = &byte;
        char* to = out.data();
        std::size_t from_left = 1;
        std::size_t to_left = out.size();
        if (iconv(converter, &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1)) {
            iconv(converter, nullptr, nullptr, nullptr, nullptr);
            continue;
        }
        const auto letter = g_utf8_get_char(out.data());
        if (g_unichar_isalpha(letter)) letters.emplace(letter, byte);
    }
    iconv_close(converter);
    return letters;
}

}  // namespace

struct Hyphenation::Dictionary {
    std::unique_ptr<HyphenDict, void (*)(HyphenDict*)> rules{nullptr, hnj_hyphen_free};
    std::unordered_map<gunichar, char> letters{};

    // Bytes of the word with hyphens; the word itself when it may not be divided.
    std::string divide(std::string_view word) const {
        std::string coded;
        for (const char* at = word.data(); at < word.data() + word.size();
             at = g_utf8_next_char(at)) {
            const auto found = letters.find(g_unichar_tolower(g_utf8_get_char(at)));
            if (found == letters.end()) return std::string{word};
            coded += found->second;
        }
        if (coded.size() < word_min || coded.size() > word_max) return std::string{word};
        const auto size = coded.size();
        std::vector<char> marks(size + 5);
        char** replacements = nullptr;
        int* positions = nullptr;
        int* cuts = nullptr;
        const int failed =
            hnj_hyphen_hyphenate2(rules.get(), coded.c_str(), static_cast<int>(size), marks.data(),
                                  nullptr, &replacements, &positions, &cuts);
        // Divisions that would change the spelling are not made: they cannot be soft hyphens.
        std::string divided;
        const char* at = word.data();
        for (std::size_t i = 0; i < size; ++i) {
            const char* next = g_utf8_next_char(at);
            divided.append(at, next);
            at = next;
            const bool changes = replacements != nullptr && replacements[i] != nullptr;
            if (failed == 0 && (marks[i] & 1) != 0 && !changes && i + 1 >= before_min &&
                size - (i + 1) >= after_min)
                divided += soft_hyphen;
            if (changes) std::free(replacements[i]);
        }
        std::free(replacements);
        std::free(positions);
        std::free(cuts);
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
    loaded->rules.reset(hnj_hyphen_load(path.c_str()));
    if (loaded->rules) loaded->letters = letters_of(loaded->rules->cset);
    if (loaded->letters.empty())
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
