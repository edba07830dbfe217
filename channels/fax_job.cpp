#include "channels/fax_job.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace carillon::channels {

namespace {

using State = FaxJob::State;

// hfaxd writes the state as one of these letters, queue files as its place in the list.
constexpr std::string_view state_letters = "?TPSBWRDF";

std::optional<int> number(std::string_view text) {
    text = base::trim(text);
    int value = 0;
    const auto* end = text.data() + text.size();
    const auto [next, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || next != end || value < 0) return std::nullopt;
    return value;
}

bool is_job_id(std::string_view text) {
    constexpr std::size_t digits_max = 10;
    return !text.empty() && text.size() <= digits_max &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Texts of the server for people: one line of valid UTF-8, of bounded size.
std::string readable(std::string_view text) {
    constexpr std::size_t text_max = 300;
    std::string line{base::trim(text.substr(0, text_max))};
    const bool utf8 = base::is_valid_utf8(line);
    for (char& c : line) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) c = ' ';
        if (byte >= 0x80 && !utf8) c = '?';
    }
    return line;
}

std::optional<FaxJob> parse_line(std::string_view line) {
    constexpr std::size_t fields_before_status = 7;
    std::array<std::string_view, fields_before_status> fields;
    for (auto& field : fields) {
        const auto end = line.find('|');
        if (end == std::string_view::npos) return std::nullopt;
        field = line.substr(0, end);
        line.remove_prefix(end + 1);
    }
    const auto letter = fields[1].size() == 1 ? state_letters.find(fields[1]) : std::string::npos;
    const auto pages = number(fields[2]);
    const auto total = number(fields[3]);
    const auto dials = number(fields[4]);
    if (!is_job_id(fields[0]) || letter == std::string_view::npos || !pages || !total || !dials)
        return std::nullopt;
    return FaxJob{.id = std::string{fields[0]},
                  .state = static_cast<State>(letter),
                  .pages = *pages,
                  .pages_total = *total,
                  .dials = *dials,
                  .owner = std::string{fields[5]},
                  .tag = std::string{fields[6]},
                  .status = readable(line)};
}

}  // namespace

std::vector<FaxJob> parse_fax_jobs(std::string_view listing) {
    std::vector<FaxJob> jobs;
    for (auto line : base::split(listing, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (auto job = parse_line(line)) jobs.push_back(std::move(*job));
    }
    return jobs;
}

std::optional<FaxJob> parse_fax_notice(std::string_view text) {
    FaxJob job;
    for (const auto line : base::split(text, '\n')) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto name = line.substr(0, colon);
        const auto value = line.substr(colon + 1);
        if (name == "jobid" && is_job_id(value)) job.id = value;
        if (name == "jobtag") job.tag = value;
        if (name == "owner") job.owner = value;
        if (name == "status") job.status = readable(value);
        if (name == "npages") job.pages = number(value).value_or(0);
        if (name == "totpages") job.pages_total = number(value).value_or(0);
        if (name == "totdials") job.dials = number(value).value_or(0);
        if (name == "state") {
            const auto state = static_cast<std::size_t>(number(value).value_or(0));
            job.state = state < state_letters.size() ? static_cast<State>(state) : State::undefined;
        }
    }
    if (job.id.empty() || job.tag.empty() || job.state == State::undefined) return std::nullopt;
    return job;
}

std::string hfaxd_quoted(std::string_view text, std::size_t bytes_max) {
    std::string quoted = "\"";
    std::size_t at = 0;
    while (at < text.size()) {
        // Whole characters only: what is cut must stay UTF-8.
        std::size_t size = 1;
        while (at + size < text.size() &&
               (static_cast<unsigned char>(text[at + size]) & 0xC0) == 0x80)
            ++size;
        auto character = std::string{text.substr(at, size)};
        const auto first = static_cast<unsigned char>(character[0]);
        if (!base::is_valid_utf8(character))
            character = "?";
        else if (first < 0x20 || base::has_control_characters(character))
            character = " ";
        else if (character == "\"" || character == "\\")
            character.insert(0, "\\");
        if (quoted.size() + character.size() + 1 > bytes_max) break;
        quoted += character;
        at += size;
    }
    return quoted + "\"";
}

}  // namespace carillon::channels
