// A fax channel at the end of a pipe: send_faxes SETTINGS.json. Every line of the input is
//   send KEY NUMBER NAME...    a fax of two pages of Russian text to NAME, "\n" in it is a line end
//   late KEY NUMBER            one whose deadline has passed
//   cancel KEY | probe | stop SECONDS
// and every line of the output one event: "outcome KEY word ...", "receipt KEY state pages reason",
// "inbound FROM BYTES FILE". End of input stops it.
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <mutex>
#include <sstream>

#include "channels/fax_settings.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;

namespace {

std::mutex printing;

void print(const std::string& line) {
    const std::scoped_lock lock{printing};
    std::puts(line.c_str());
    std::fflush(stdout);
}

[[noreturn]] void die(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

FaxSettings read_settings(const std::string& path) {
    std::ifstream in{path};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto json = base::Json::parse(text, path);
    if (!json) die(json.error().text());
    auto settings = parse_fax_settings(*json, std::filesystem::path{path}.parent_path());
    if (settings) return std::move(*settings);
    for (const auto& problem : settings.error())
        std::fprintf(stderr, "%s\n", problem.text().c_str());
    die("settings");
}

FaxPayload pages_for(const FaxComposer& composer, const std::string& key, const std::string& name) {
    FaxParts parts{.language = "ru", .recipient_name = name, .number = "+7 495 200-02-00"};
    parts.document.date = *base::parse_date("2026-11-21");
    parts.document.subject = "Уведомление " + key;
    for (int i = 1; i <= 40; ++i) {
        Paragraph line;
        line.text.push_back({std::to_string(i) +
                             ". Остаток на счёте: 1 250 000,00 ₽, ключ " +
                             key});
        parts.document.blocks.emplace_back(std::move(line));
    }
    auto fax = composer.compose(parts);
    if (!fax) die(fax.error().text());
    fax->recipient_name = name;
    return std::move(*fax);
}

std::string words(const Outcome& outcome) {
    struct {
        std::string operator()(const Accepted& a) const {
            return "accepted " + std::to_string(a.units) + " " + a.provider_ref;
        }
        std::string operator()(const Deferred& d) const {
            return std::string{"deferred "} + (d.consumed_attempt ? "counts " : "free ") + d.reason;
        }
        std::string operator()(const Rejected& r) const {
            return std::string{"rejected "} + (r.address_is_bad ? "bad " : "fine ") + r.reason;
        }
        std::string operator()(const Uncertain& u) const { return "uncertain " + u.reason; }
    } const say;
    return std::visit(say, outcome);
}

std::string_view name_of(Receipt::State state) {
    switch (state) {
        case Receipt::State::in_progress: return "in_progress";
        case Receipt::State::delivered: return "delivered";
        case Receipt::State::failed: return "failed";
        case Receipt::State::expired: return "expired";
        case Receipt::State::bad_address: return "bad_address";
    }
    std::abort();
}

// Keys by the ids of their messages.
struct Keys {
    std::mutex mutex{};
    std::map<std::int64_t, std::string> names{};

    base::MessageId add(const std::string& key) {
        const std::scoped_lock lock{mutex};
        const auto id = static_cast<std::int64_t>(names.size()) + 1;
        names[id] = key;
        return base::MessageId{id};
    }
    std::string of(base::MessageId id) {
        const std::scoped_lock lock{mutex};
        return names[id.value];
    }
};

ChannelSinks sinks(Keys& keys, const std::filesystem::path& folder) {
    static std::atomic<int> received{0};
    return {[&keys](const std::vector<Report>& reports) {
                for (const auto& report : reports)
                    print("outcome " + keys.of(report.id) + " " + words(report.outcome));
            },
            [](const std::vector<Receipt>& receipts) {
                for (const auto& receipt : receipts)
                    print("receipt " + receipt.key + receipt.receipt_ref + " " +
                          std::string{name_of(receipt.state)} + " " +
                          std::to_string(receipt.units) + " " + receipt.reason);
                return true;
            },
            [folder](const std::vector<Inbound>& faxes) {
                for (const auto& fax : faxes) {
                    const auto path = folder / ("inbound-" + std::to_string(++received) + ".tif");
                    std::ofstream{path, std::ios::binary} << fax.document;
                    print("inbound " + fax.from + " " + std::to_string(fax.document.size()) + " " +
                          path.string());
                }
                return true;
            }};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 64;
    const auto settings = read_settings(argv[1]);
    const auto composer = FaxComposer::create(settings.composer);
    if (!composer) die(composer.error().text());
    const base::SystemClock clock;
    Keys keys;
    auto channel = make_fax_channel(settings, clock,
                                    sinks(keys, std::filesystem::path{argv[1]}.parent_path()));
    if (!channel) die(channel.error().text());
    print("ready");
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream in{line};
        std::string verb;
        std::string key;
        std::string number;
        std::string name;
        in >> verb >> key;
        if (verb == "send" || verb == "late") {
            in >> number >> std::ws;
            std::getline(in, name);
            for (auto at = name.find("\\n"); at != std::string::npos; at = name.find("\\n"))
                name.replace(at, 2, "\r\n");
            Message message{.id = keys.add(key), .key = key, .to = number};
            message.payload = pages_for(*composer, key, name);
            if (verb == "late") message.deadline = base::steady_now();
            std::vector<Message> batch;
            batch.push_back(std::move(message));
            (*channel)->send(std::move(batch));
        } else if (verb == "cancel") {
            auto* fax = dynamic_cast<FaxChannel*>(channel->get());
            const auto done = fax->cancel(key);
            print("cancel " + key + " " + (done ? "done" : done.error().code));
        } else if (verb == "probe") {
            const auto found = (*channel)->probe();
            print("probe " + (found ? *found : found.error().code));
        } else if (verb == "stop") {
            (*channel)->stop(std::chrono::seconds{std::stoi(key)});
            print("stopped");
        }
    }
    (*channel)->stop(5s);
    return 0;
}
