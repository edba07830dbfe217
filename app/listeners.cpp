#include "app/listeners.h"

#include "campaigns/bundle.h"
#include "channels/letter_store.h"

namespace carillon::app {

namespace {

constexpr std::chrono::seconds pause{10};

// Whether something may happen on it although nothing is sent.
bool listens(const channels::ChannelConfig& config) {
    if (const auto* sms = std::get_if<channels::SmsChannelSettings>(&config.settings))
        return sms->transport == channels::SmsTransport::smpp;
    if (const auto* fax = std::get_if<channels::FaxSettings>(&config.settings))
        return fax->transport == channels::FaxTransport::hfaxd;
    const auto* letter = std::get_if<channels::LetterChannelSettings>(&config.settings);
    return letter != nullptr && letter->transport == channels::LetterTransport::print_house;
}

// Whether a process that is no more has left work in a folder.
bool has_left_work(const channels::ChannelConfig& config) {
    const auto* letter = std::get_if<channels::LetterChannelSettings>(&config.settings);
    return letter != nullptr && letter->transport == channels::LetterTransport::print_house &&
           channels::LetterStore::has_left_work(letter->print_house.folder);
}

}  // namespace

std::optional<std::string> Listeners::turn() {
    const auto now = base::steady_now();
    if (now < next_) return std::nullopt;
    next_ = now + pause;
    return open_those(listens);
}

std::optional<std::string> Listeners::finish_left_work() {
    return open_those(has_left_work);
}

std::optional<std::string> Listeners::open_those(bool (*wanted)(const channels::ChannelConfig&)) {
    std::optional<std::string> problem;
    const auto documents =
        db::newest_documents(*program_.migrated_database().read(), campaigns::channel_kind);
    for (const auto& document : documents) {
        const auto json = base::Json::parse(document.content, document.name);
        if (!json) continue;
        const auto config = channels::parse_channel(*json, program_.data_folder());
        if (!config || !wanted(*config)) continue;
        if (!program_.listen_to(document) && !problem) problem = program_.problem();
    }
    return problem;
}

}  // namespace carillon::app
