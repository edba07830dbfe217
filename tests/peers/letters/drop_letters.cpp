// Sends letters into a print house's folder until it is killed: drop_letters FOLDER COUNT [flush].
// Every run sends all letters from the first on again, as a platform does that does not know which
// of them were taken. With flush the cut-off has come: whatever waits goes.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "channels/letter_layout.h"
#include "channels/print_house_channel.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;

namespace {

LetterComposer make_composer() {
    LetterSettings settings;
    settings.window = *find_window("din-5008-b");
    settings.sender.name = "Bank";
    return *LetterComposer::create(settings);
}

Message letter(const LetterComposer& composer, int number) {
    const auto key = "L-" + std::to_string(number);
    const PostalAddress to{.name = "Anna Kim",
                           .lines = {"Hauptstr. " + std::to_string(number)},
                           .city = "Berlin",
                           .postcode = "10117",
                           .country = "DE"};
    PageDocument document{.date = *base::parse_date("2026-11-21"), .subject = "Letter " + key};
    // One, two or three pages.
    for (int i = 0; i < 1 + 40 * (number % 3); ++i)
        document.blocks.push_back(Paragraph{{Span{"This is letter " + key + "."}}});
    auto payload = composer.compose({.key = key, .language = "de", .to = to, .document = document});
    if (!payload) {
        std::fprintf(stderr, "%s\n", payload.error().text().c_str());
        std::exit(1);
    }
    return {.id = base::MessageId{number + 1}, .key = key, .payload = std::move(*payload)};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 64;
    const int count = std::atoi(argv[2]);
    const bool flush = argc > 3 && std::string_view{argv[3]} == "flush";
    base::ManualClock clock{*base::parse_instant("2026-11-21T00:00:00Z")};
    std::atomic<int> accepted{0};
    std::atomic<int> other{0};
    auto channel = PrintHouseChannel::create(
        {.folder = argv[1], .batch_max = 7, .poll = 1ms}, clock,
        {[&](const std::vector<Report>& reports) {
             for (const auto& report : reports)
                 (std::holds_alternative<Accepted>(report.outcome) ? accepted : other)++;
         },
         {},
         {}});
    if (!channel) {
        std::fprintf(stderr, "%s\n", channel.error().text().c_str());
        return 1;
    }
    std::puts("open");
    std::fflush(stdout);
    const auto composer = make_composer();
    constexpr int together = 5;
    for (int first = 0; first < count; first += together) {
        std::vector<Message> batch;
        for (int i = first; i < std::min(count, first + together); ++i)
            batch.push_back(letter(composer, i));
        (*channel)->send(std::move(batch));
    }
    while (accepted + other < count) std::this_thread::sleep_for(1ms);
    if (flush) {
        clock.advance(std::chrono::hours{24 * 30});
        while ((*channel)->probe()->find(" 0 wait") == std::string::npos)
            std::this_thread::sleep_for(1ms);
    }
    (*channel)->stop(10s);
    std::printf("accepted %d, other %d\n", accepted.load(), other.load());
    return other == 0 ? 0 : 1;
}
