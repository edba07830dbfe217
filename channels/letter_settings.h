// The letter channel and the pages of faxes as they are configured: one JSON object, all mistakes
// reported at once with their JSON paths. Published as docs/schema/letter-channel.schema.json.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "channels/channel.h"
#include "channels/fax_pages.h"
#include "channels/ipp_channel.h"
#include "channels/letter_layout.h"
#include "channels/paper_file_channel.h"
#include "channels/print_house_channel.h"
#include "channels/secret_source.h"

namespace carillon::channels {

// file is the sandbox: nothing leaves the machine.
enum class LetterTransport { file, print_house, ipp };

struct LetterChannelSettings {
    std::string name{};
    LetterTransport transport{LetterTransport::file};
    PaperFileSettings file{};
    PrintHouseSettings print_house{};
    IppSettings ipp{};  // without the password
    SecretSource ipp_password{};
    LetterSettings letter{};
    std::int64_t cost_per_message_minor{0};
};

// `folder`: what relative paths are relative to. All transports may be described; `transport`
// chooses. Reads the window profile, calendar and logo files that the object names.
tl::expected<LetterChannelSettings, base::Problems> parse_letter_settings(
    const base::Json& json, const std::filesystem::path& folder);

// `clock` is borrowed by the print house's cut-offs. Errors: letter.folder_unusable,
// letter.folder_in_use, letter.manifest_invalid, channel.secret_missing.
base::Result<std::unique_ptr<Channel>> make_letter_channel(const LetterChannelSettings& settings,
                                                           const base::Clock& clock,
                                                           ChannelSinks sinks);

// Errors: letter.font_missing, letter.image_invalid.
base::Result<LetterComposer> make_letter_composer(const LetterChannelSettings& settings);

// The object "pages" of a fax channel: sender_name, sender_number, cover_page, pages_max, font.
// Mistakes are added to `problems` under `path`.
FaxComposerSettings read_fax_pages(const base::Json& json, const std::string& path,
                                   base::Problems& problems);

}  // namespace carillon::channels
