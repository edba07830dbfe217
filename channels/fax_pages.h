// Makes finished faxes from the same documents as letters: no window, a header line on every page,
// a cover page where wanted, one large sans-serif face that survives 200 dots an inch. The same
// parts always make the same bytes.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "channels/channel.h"
#include "channels/page_document.h"
#include "channels/page_flow.h"

namespace carillon::channels {

struct FaxComposerSettings {
    std::string sender_name{};
    std::string sender_number{};  // as printed: "+7 495 000-00-00"
    bool cover_page{false};
    int pages_max{20};  // with the cover page
    std::string family{"PT Sans"};
    std::filesystem::path hyphenation_folder{Hyphenation::default_folder()};
};

struct FaxParts {
    std::string language{};
    std::string recipient_name{};
    std::string number{};  // of the recipient, as printed
    PageDocument document{};
    ResponsePanel response{};
};

// Immutable and safe from several threads.
class FaxComposer {
public:
    // Errors: fax.font_missing.
    static base::Result<FaxComposer> create(FaxComposerSettings settings);

    // Errors with their place, as those of LetterComposer: fax.too_many_pages, fax.glyph_missing,
    // fax.image_invalid, fax.symbol_invalid, fax.hyphenation_missing, fax.outside_page.
    base::Result<FaxPayload> compose(const FaxParts& parts) const;

private:
    explicit FaxComposer(std::shared_ptr<const FaxComposerSettings> settings)
        : settings_(std::move(settings)) {}
    std::shared_ptr<const FaxComposerSettings> settings_;  // shared by copies: nothing changes
};

}  // namespace carillon::channels
