// Turns text into lines of a given width. What it makes can be placed on a page and painted, in the
// same thread only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "channels/hyphenation.h"
#include "channels/page_document.h"

namespace carillon::channels {

struct TextStyle {
    std::string family{"PT Serif"};
    double size_pt{10.5};
    double leading_pt{14};  // from baseline to baseline
    Weight weight{Weight::regular};
    bool justified{false};
    bool operator==(const TextStyle&) const = default;
};

// Extents of what is inked, in millimetres from the left edge of the text.
struct SetLine {
    double left{};
    double right{};
    bool operator==(const SetLine&) const = default;
};

struct SetText {
    std::shared_ptr<void> layout{};  // the painter's; of the thread that made it
    std::vector<SetLine> lines{};
    double leading{};   // mm
    double baseline{};  // mm from the top of a line
    double ascent{};    // mm of ink above and below the baseline that is reckoned with
    double descent{};
    double height() const { return leading * static_cast<double>(lines.size()); }
    double right() const;  // of the widest line
};

// As wide as it comes.
constexpr double unlimited_mm = -1;

// Cheap to make; every thread has fonts of its own behind it. Not to be moved between threads.
class Typesetter {
public:
    Typesetter(std::string_view language, const Hyphenation& hyphenation)
        : language_(language), hyphenation_(hyphenation) {}

    // Justified text is hyphenated. Errors: letter.glyph_missing, naming the character: fonts are
    // never replaced behind anybody's back. `place` goes into the error.
    base::Result<SetText> set(const RichText& text, const TextStyle& style, double width_mm,
                              std::string_view place) const;
    base::Result<SetText> set(std::string_view text, const TextStyle& style, double width_mm,
                              std::string_view place) const;

private:
    std::string language_;
    const Hyphenation& hyphenation_;  // borrowed
};

// Errors: letter.font_missing when the system has no such family.
base::Result<void> check_font(const std::string& family);

}  // namespace carillon::channels
