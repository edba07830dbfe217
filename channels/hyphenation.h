// Where words may be divided: soft hyphens (U+00AD) by the dictionaries of the system.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace carillon::channels {

// Immutable and safe from several threads; each thread remembers the words it has met.
class Hyphenation {
public:
    // `language`: "ru", "en", "en-GB", "de", "cs"; others leave every text as it is. Dictionaries
    // are read once in the life of the process. Errors: letter.hyphenation_missing.
    static base::Result<Hyphenation> find(std::string_view language,
                                          const std::filesystem::path& folder = default_folder());
    static std::filesystem::path default_folder() { return "/usr/share/hyphen"; }

    // The text with soft hyphens in its longer words.
    std::string soften(std::string_view text) const;

private:
    struct Dictionary;
    explicit Hyphenation(std::shared_ptr<const Dictionary> dictionary)
        : dictionary_(std::move(dictionary)) {}
    std::shared_ptr<const Dictionary> dictionary_;  // shared: one in the process; may be nullptr
};

}  // namespace carillon::channels
