// Prints a small letter for each key and tells what became of it:
// print_letters PORT SECONDS KEY...   lines: "outcome KEY ...", "receipt KEY STATE REASON"
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>

#include "channels/ipp_channel.h"
#include "channels/page_plan.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;

namespace {

std::string outcome_text(const Outcome& outcome) {
    if (const auto* accepted = std::get_if<Accepted>(&outcome))
        return "accepted " + accepted->provider_ref;
    if (const auto* deferred = std::get_if<Deferred>(&outcome))
        return std::string{deferred->consumed_attempt ? "deferred" : "held"} + " " +
               deferred->reason;
    if (const auto* rejected = std::get_if<Rejected>(&outcome))
        return "rejected " + rejected->reason;
    return "uncertain " + std::get<Uncertain>(outcome).reason;
}

const char* state_text(Receipt::State state) {
    switch (state) {
        case Receipt::State::in_progress: return "in_progress";
        case Receipt::State::delivered: return "delivered";
        case Receipt::State::failed: return "failed";
        case Receipt::State::expired: return "expired";
        case Receipt::State::bad_address: return "bad_address";
    }
    return "";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 64;
    std::map<std::int64_t, std::string> keys;
    std::mutex mutex;
    const auto on_outcomes = [&](const std::vector<Report>& reports) {
        const std::scoped_lock lock{mutex};
        for (const auto& report : reports)
            std::printf("outcome %s %s\n", keys[report.id.value].c_str(),
                        outcome_text(report.outcome).c_str());
        std::fflush(stdout);
    };
    const auto on_receipts = [&](const std::vector<Receipt>& receipts) {
        const std::scoped_lock lock{mutex};
        for (const auto& receipt : receipts)
            std::printf("receipt %s %s %s\n", receipt.key.c_str(), state_text(receipt.state),
                        receipt.reason.c_str());
        std::fflush(stdout);
        return true;
    };
    std::vector<Message> batch;
    const PagePlan plan{210, 297, std::vector<Page>(1)};
    for (int i = 3; i < argc; ++i) {
        keys[i] = argv[i];
        LetterPayload letter{.pdf = paint_pdf(plan, {argv[i], "", *base::parse_date("2026-11-21")}),
                             .pages = 1};
        batch.push_back({.id = base::MessageId{i}, .key = argv[i], .payload = std::move(letter)});
    }
    IppChannel channel{{.host = "127.0.0.1",
                        .port = std::atoi(argv[1]),
                        .queue = "letters",
                        .timeout = 3s,
                        .poll = 100ms},
                       {on_outcomes, on_receipts, {}}};
    const auto probed = channel.probe();
    std::printf("probe %s\n", probed ? "reachable" : probed.error().code.c_str());
    channel.send(std::move(batch));
    std::this_thread::sleep_for(std::chrono::duration<double>(std::atof(argv[2])));
    channel.stop(5s);
}
