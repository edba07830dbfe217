#include "channels/fax_inbound.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "base/digest.h"
#include "base/phone_number.h"
#include "base/text.h"
#include "channels/durable_file.h"

namespace carillon::channels {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t document_bytes_max = 64'000'000;
constexpr std::uintmax_t note_bytes_max = 65'536;
constexpr std::size_t together_max = 500;  // files of a kind in one turn

std::vector<fs::path> files_in(const fs::path& folder, std::string_view ending) {
    std::vector<fs::path> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error}) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with('.') && name.ends_with(ending)) found.push_back(entry.path());
    }
    std::ranges::sort(found);
    if (found.size() > together_max) found.resize(together_max);
    return found;
}

std::optional<std::string> read_bounded(const fs::path& path, std::uintmax_t bytes_max) {
    std::error_code error;
    const auto status = fs::symlink_status(path, error);
    if (error || !fs::is_regular_file(status)) return std::nullopt;
    const auto size = fs::file_size(path, error);
    if (error || size > bytes_max) return std::nullopt;
    return read_whole(path);
}

void put_aside(const fs::path& path) {
    std::error_code error;
    const auto folder = path.parent_path() / "rejects";
    fs::create_directories(folder, error);
    fs::rename(path, folder / path.filename(), error);
}

bool is_tiff(std::string_view bytes) {
    return bytes.starts_with(std::string_view{"II*\0", 4}) ||
           bytes.starts_with(std::string_view{"MM\0*", 4});
}

std::string one_line(std::string_view value) {
    constexpr std::size_t value_max = 200;
    std::string text{base::trim(value.substr(0, value_max))};
    if (!base::is_valid_utf8(text))
        std::ranges::replace_if(
            text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    if (base::has_control_characters(text))
        std::ranges::replace_if(
            text, [](char c) { return c >= 0 && c < 0x20; }, ' ');
    return text;
}

enum class Taken { yes, not_now, unusable };

Taken take_one(const fs::path& path, std::string_view region, const InboundSink& sink) {
    const auto text = read_bounded(path, note_bytes_max);
    const auto fax = text ? parse_received_fax(*text) : std::nullopt;
    if (!fax) return Taken::unusable;
    auto document = read_bounded(path.parent_path() / fax->file, document_bytes_max);
    if (!document || !is_tiff(*document)) return Taken::unusable;
    Inbound inbound;
    // The call's number alone may come again when a server is set up anew.
    inbound.external_id =
        "fax " + fax->communication + " " + base::sha256_hex(*document).substr(0, 16);
    inbound.from = sender_of(*fax, region);
    inbound.document = std::move(*document);
    inbound.raw = *text;
    if (!base::is_valid_utf8(inbound.raw)) inbound.raw.clear();
    std::vector<Inbound> batch;
    batch.push_back(std::move(inbound));
    if (!sink(std::move(batch))) return Taken::not_now;
    // The name first: without it nobody takes the pages a second time.
    ::unlink(path.c_str());
    ::unlink((path.parent_path() / fax->file).c_str());
    return Taken::yes;
}

}  // namespace

std::optional<ReceivedFax> parse_received_fax(std::string_view text) {
    ReceivedFax fax;
    for (const auto line : base::split(text, '\n')) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto name = base::trim(line.substr(0, colon));
        auto value = one_line(line.substr(colon + 1));
        if (name == "file")
            fax.file = std::move(value);
        else if (name == "communication")
            fax.communication = std::move(value);
        else if (name == "caller")
            fax.caller = std::move(value);
        else if (name == "error")
            fax.error = std::move(value);
        else if (name == "Sender")
            fax.station = std::move(value);
        else if (name == "Received")
            fax.received = std::move(value);
    }
    const bool beside = !fax.file.empty() && !fax.file.starts_with('.') &&
                        fax.file.find('/') == std::string::npos && fax.file.ends_with(".tif");
    return beside ? std::optional{fax} : std::nullopt;
}

std::string sender_of(const ReceivedFax& fax, std::string_view region) {
    for (const auto& given : {fax.caller, fax.station})
        if (const auto number = base::PhoneNumber::parse(given, region)) return number->e164();
    return fax.caller.empty() ? fax.station : fax.caller;
}

void take_received_faxes(const fs::path& folder, std::string_view region, const InboundSink& sink) {
    if (folder.empty() || !sink) return;
    for (const auto& path : files_in(folder, ".fax")) {
        const auto taken = take_one(path, region, sink);
        if (taken == Taken::not_now) return;
        if (taken == Taken::unusable) put_aside(path);
    }
}

void take_fax_notices(const fs::path& folder, const std::function<bool(const FaxJob&)>& take) {
    if (folder.empty()) return;
    for (const auto& path : files_in(folder, ".notice")) {
        const auto text = read_bounded(path, note_bytes_max);
        const auto job = text ? parse_fax_notice(*text) : std::nullopt;
        if (!job)
            put_aside(path);
        else if (take(*job))
            ::unlink(path.c_str());
    }
}

}  // namespace carillon::channels
