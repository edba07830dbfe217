#include "responses/mail_tame.h"

#include <algorithm>
#include <array>

#include "responses/mail_fields.h"

namespace carillon::responses {

namespace {

constexpr std::array<std::string_view, 7> address_fields{"from",   "to",       "cc",       "bcc",
                                                         "sender", "reply-to", "resent-to"};

std::string lower(std::string_view text) {
    std::string small{text};
    for (auto& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return small;
}

bool is_continuation(std::string_view line) {
    return !line.empty() && (line.front() == ' ' || line.front() == '\t');
}

class Tamer {
public:
    Tamer(std::string_view mail, const MailLimits& limits)
        : rest_(mail.substr(0, limits.bytes_max)), limits_(limits) {
        tamed_.cut = mail.size() > limits.bytes_max;
    }

    TamedMail run() {
        tamed_.bytes.reserve(rest_.size());
        if (rest_.starts_with("From ")) take_line();
        while (!rest_.empty()) {
            const auto line = take_line();
            if (line.find_first_not_of("\r\n \t") == std::string_view::npos) {
                in_paragraph_ = 0;
                tamed_.bytes += line;
            } else if (line.starts_with("--")) {
                in_paragraph_ = 0;
                keep(line, ++boundaries_ <= limits_.boundaries_max);
            } else if (field_name_size(line) > 0) {
                take_field(line);
            } else {
                tamed_.bytes += line;
            }
        }
        return std::move(tamed_);
    }

private:
    std::string_view take_line() {
        const auto end = rest_.find('\n');
        const auto size = end == std::string_view::npos ? rest_.size() : end + 1;
        const auto line = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return line;
    }

    void keep(std::string_view text, bool wanted) {
        if (wanted)
            tamed_.bytes += text;
        else
            tamed_.cut = true;
    }

    // The line and its continuation lines, which lie side by side.
    void take_field(std::string_view line) {
        auto size = line.size();
        while (is_continuation(rest_)) size += take_line().size();
        const std::string_view whole{line.data(), size};
        const auto name = lower(line.substr(0, field_name_size(line)));
        bool wanted =
            ++in_paragraph_ <= limits_.fields_max && ++fields_ <= limits_.fields_in_all_max;
        if (std::ranges::find(address_fields, name) != address_fields.end())
            wanted = ++addresses_ <= limits_.addresses_max && wanted;
        if (name == "content-type") {
            const auto value = lower(whole.substr(0, limits_.field_bytes_max));
            const bool holds_others = value.find("multipart") != std::string::npos ||
                                      value.find("message") != std::string::npos;
            if (holds_others) wanted = ++containers_ <= limits_.containers_max && wanted;
        }
        if (whole.size() <= limits_.field_bytes_max) {
            keep(whole, wanted);
            return;
        }
        keep(whole.substr(0, limits_.field_bytes_max), wanted);
        tamed_.cut = true;
        if (wanted) tamed_.bytes += '\n';
    }

    std::string_view rest_;
    const MailLimits& limits_;
    TamedMail tamed_;
    std::size_t boundaries_{0};
    std::size_t containers_{0};
    std::size_t fields_{0};
    std::size_t in_paragraph_{0};
    std::size_t addresses_{0};
};

}  // namespace

TamedMail tame(std::string_view mail, const MailLimits& limits) {
    return Tamer{mail, limits}.run();
}

}  // namespace carillon::responses
