// Sends composed messages through a configured channel, for tests against real servers.
// Usage: peer_send_mail SETTINGS.json COUNT RECIPIENT [RECORDS.json]
// Prints one JSON object with the number of each outcome; RECORDS.json gets the DNS records of the
// DKIM keys.
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <mutex>

#include "channels/quoted_printable.h"
#include "channels/settings.h"

using namespace carillon;

namespace {

std::string read(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

struct Tally {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t accepted{0}, deferred{0}, rejected{0}, uncertain{0};
    std::string last_reason;

    std::size_t total() const { return accepted + deferred + rejected + uncertain; }
    void count(const channels::Outcome& outcome) {
        if (std::holds_alternative<channels::Accepted>(outcome)) ++accepted;
        if (const auto* it = std::get_if<channels::Deferred>(&outcome))
            ++deferred, last_reason = it->reason;
        if (const auto* it = std::get_if<channels::Rejected>(&outcome))
            ++rejected, last_reason = it->reason;
        if (const auto* it = std::get_if<channels::Uncertain>(&outcome))
            ++uncertain, last_reason = it->reason;
    }
};

base::Result<channels::Message> compose(const channels::ChannelSettings& settings,
                                        const channels::EmailComposer& composer,
                                        const channels::Verp& verp, std::int64_t id,
                                        const std::string& to) {
    static const base::Literal greeting{"Здравствуйте, ",
                                        channels::quoted_printable_literal("Здравствуйте, ")};
    static const base::Literal rest{
        "!\n.\nYour card is ready.\n",
        channels::quoted_printable_literal("!\n.\nYour card is ready.\n")};
    base::Pieces pieces;
    pieces.add(greeting);
    pieces.add_value("client " + std::to_string(id));
    pieces.add(rest);
    channels::Message message;
    message.id.value = id;
    message.key = "peer-" + std::to_string(id);
    message.to = to;
    channels::EmailParts parts;
    parts.key = message.key;
    parts.envelope_from = verp.address_of(message.id);
    parts.from = settings.from;
    parts.to = {"Анна", to};
    parts.subject = "Peer " + std::to_string(id);
    parts.text = &pieces;
    parts.html = &pieces;
    parts.date = base::SystemClock{}.now();
    parts.unsubscribe = {"https://bank.test/u/" + std::to_string(id), "", true};
    auto payload = composer.compose(parts);
    if (!payload) return base::fail(payload.error());
    message.payload = std::move(*payload);
    return message;
}

int complain(const std::string& text) {
    return std::fprintf(stderr, "%s\n", text.c_str()), 2;
}

void write_records(const channels::ChannelSettings& settings, const char* path) {
    base::Json records{base::Json::Object{}};
    for (const auto& key : settings.dkim) {
        const auto signer = channels::DkimSigner::create(
            {.domain = key.domain, .selector = key.selector}, read(key.key_file));
        if (signer) records.set(key.selector + "._domainkey." + key.domain, signer->dns_record());
    }
    std::ofstream{path} << records.dump();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4)
        return complain("usage: peer_send_mail SETTINGS.json COUNT RECIPIENT [RECORDS.json]");
    const std::filesystem::path file = argv[1];
    const auto json = base::Json::parse(read(file), file.string());
    if (!json) return complain(json.error().text());
    const auto settings = channels::parse_channel_settings(*json, file.parent_path());
    if (!settings) return complain(settings.error().front().text());
    const auto composer = channels::make_composer(*settings);
    if (!composer) return complain(composer.error().text());
    const auto verp = channels::make_verp(*settings, "a key for tests that is long enough");
    if (!verp) return complain(verp.error().text());
    if (argc > 4) write_records(*settings, argv[4]);

    Tally tally;
    const base::SystemClock clock;
    auto channel =
        channels::make_channel(*settings, clock, [&](const std::vector<channels::Report>& reports) {
            const std::scoped_lock lock{tally.mutex};
            for (const auto& report : reports) tally.count(report.outcome);
            tally.changed.notify_one();
        });
    if (!channel) return complain(channel.error().text());
    const auto count = static_cast<std::size_t>(std::atol(argv[2]));
    std::vector<channels::Message> batch;
    for (std::size_t i = 1; i <= count; ++i) {
        auto message = compose(*settings, *composer, *verp, static_cast<std::int64_t>(i), argv[3]);
        if (!message) return complain(message.error().text());
        batch.push_back(std::move(*message));
    }
    (*channel)->send(std::move(batch));
    {
        std::unique_lock lock{tally.mutex};
        tally.changed.wait_for(lock, std::chrono::seconds{60},
                               [&] { return tally.total() >= count; });
    }
    (*channel)->stop(std::chrono::seconds{5});
    std::printf(
        "{\"accepted\": %zu, \"deferred\": %zu, \"rejected\": %zu, \"uncertain\": %zu, \"reason\": "
        "%s}\n",
        tally.accepted, tally.deferred, tally.rejected, tally.uncertain,
        base::Json{tally.last_reason}.dump().c_str());
    return 0;
}
