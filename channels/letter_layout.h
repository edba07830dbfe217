// Makes finished letters: the address in the envelope's window, sender, date, subject, text over as
// many pages as it takes, signature, reply code, and a mark on every sheet for the machine that
// folds and inserts. The same parts always make the same bytes.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "channels/address_block.h"
#include "channels/channel.h"
#include "channels/page_document.h"
#include "channels/page_flow.h"
#include "channels/window_profile.h"

namespace carillon::channels {

// What stands on every letter of a sender.
struct LetterSender {
    std::string name{};                  // letterhead, unless there is a logo
    std::string tagline{};               // below the name; may be empty
    std::string logo_png{};              // bytes of a PNG file; may be empty
    std::string return_line{};           // small, above the address; may be empty
    std::vector<std::string> contact{};  // address, telephone, site: one line each
    std::string legal_line{};            // small, at the foot of every page; may be empty
};

struct LetterSettings {
    WindowProfile window{};
    LetterSender sender{};
    AddressRules address_rules{};
    FlowStyle style{};
    std::string sans_family{"PT Sans"};  // address, letterhead, footer
    bool duplex{true};                   // two pages a sheet
    bool sheet_mark{true};
    std::filesystem::path hyphenation_folder{Hyphenation::default_folder()};
};

struct LetterParts {
    std::string key{};       // of the Message: printed in the sheet mark
    std::string language{};  // "ru", "en-GB", "de", "cs"
    PostalAddress to{};
    PageDocument document{};
    ResponsePanel response{};
};

// Immutable and safe from several threads.
class LetterComposer {
public:
    // Errors: letter.font_missing, letter.image_invalid (the logo).
    static base::Result<LetterComposer> create(LetterSettings settings);

    // Errors, all with their place, and before anything is painted: letter.address_incomplete,
    // letter.too_many_pages, letter.glyph_missing, letter.image_invalid, letter.symbol_invalid,
    // letter.hyphenation_missing, letter.window_overlap (something would stand in the window that
    // is not the address, or outside its zone of the page).
    base::Result<LetterPayload> compose(const LetterParts& parts) const;

    const LetterSettings& settings() const { return *settings_; }

private:
    LetterComposer(std::shared_ptr<const LetterSettings> settings,
                   std::shared_ptr<const Picture> logo)
        : settings_(std::move(settings)), logo_(std::move(logo)) {}

    std::shared_ptr<const LetterSettings> settings_;  // shared by copies: nothing in it changes
    std::shared_ptr<const Picture> logo_;             // may be nullptr
};

// How many sheets of paper so many pages need.
constexpr int sheets_of(int pages, bool duplex) {
    return duplex ? (pages + 1) / 2 : pages;
}

// Does every item stand in the zone of its role, and nothing but the address in the window?
// Errors: letter.window_overlap, naming page and item.
base::Result<void> check_zones(const PagePlan& plan, const WindowProfile& window);

}  // namespace carillon::channels
