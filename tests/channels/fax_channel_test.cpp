#include "channels/fax_channel.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "base/digest.h"
#include "fax_server.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

class TemporaryFolder {
public:
    ~TemporaryFolder() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }

private:
    fs::path path_{fs::temp_directory_path() /
                   ("carillon-fax-" + base::to_hex(base::random_bytes(6)))};
};

template <class Condition>
bool eventually(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

// A channel to a server of its own, and what it reports.
struct Bench {
    testing::FaxServer server{};
    TemporaryFolder folder{};
    base::ManualClock clock{base::from_millis(1'795'000'000'000)};
    std::mutex mutex{};
    std::vector<Report> outcomes{};
    std::vector<Receipt> receipts{};
    int refuse_receipts{0};
    std::unique_ptr<FaxChannel> channel{};

    void open(std::chrono::milliseconds poll = 20ms) {
        FaxChannelSettings settings{.folder = folder.path(), .poll = poll, .poll_folders = 20ms};
        auto& sender = settings.sender;
        sender.server.host = "127.0.0.1";
        sender.server.port = server.port();
        sender.server.connect_timeout = sender.server.reply_timeout = 400ms;
        sender.server.data_timeout = 400ms;
        sender.settle = 1s;
        sender.backoff_first = 50ms;
        auto made = FaxChannel::create(settings, clock, sinks());
        INFO((made ? "" : made.error().text()));
        REQUIRE(made);
        channel = std::move(*made);
    }

    ChannelSinks sinks() {
        return {[this](std::vector<Report> more) {
                    const std::scoped_lock lock{mutex};
                    outcomes.insert(outcomes.end(), more.begin(), more.end());
                },
                [this](std::vector<Receipt> more) {
                    const std::scoped_lock lock{mutex};
                    if (refuse_receipts-- > 0) return false;
                    receipts.insert(receipts.end(), more.begin(), more.end());
                    return true;
                },
                {}};
    }

    void send(const std::string& key) {
        std::vector<Message> batch;
        batch.push_back({.id = base::MessageId{1},
                         .key = key,
                         .to = "+74952000200",
                         .payload = FaxPayload{"%PDF-", std::string{"II*\0page", 8}, 2, "A", "B"}});
        channel->send(std::move(batch));
    }
    std::size_t reported() {
        const std::scoped_lock lock{mutex};
        return outcomes.size();
    }
    // The outcome of a fax that is given now.
    Outcome outcome(const std::string& key) {
        const auto before = reported();
        send(key);
        REQUIRE(eventually([&] { return reported() > before; }));
        const std::scoped_lock lock{mutex};
        return outcomes.back().outcome;
    }
    std::size_t submissions() {
        const auto all = server.commands();
        return static_cast<std::size_t>(
            std::ranges::count_if(all, [](const auto& line) { return line.starts_with("JSUBM"); }));
    }
    bool told(std::size_t count) {
        return eventually([&] {
            const std::scoped_lock lock{mutex};
            return receipts.size() >= count;
        });
    }
};

bool is_free(const Outcome& outcome) {
    const auto* deferred = std::get_if<Deferred>(&outcome);
    return deferred != nullptr && !deferred->consumed_attempt;
}

}  // namespace

TEST_CASE("a fax is accepted, told of once, and never submitted again", "[fax][channel]") {
    Bench bench;
    bench.open();
    const auto first = bench.outcome("K 1");
    REQUIRE(std::get_if<Accepted>(&first) != nullptr);
    CHECK(std::get<Accepted>(first).provider_ref == "job 1");
    CHECK(std::get<Accepted>(first).units == 2);
    REQUIRE(bench.told(1));
    CHECK(std::holds_alternative<Accepted>(bench.outcome("K 1")));
    bench.channel.reset();
    bench.open();  // another process
    CHECK(std::get<Accepted>(bench.outcome("K 1")).provider_ref == "job 1");
    bench.channel.reset();
    fs::remove_all(bench.folder.path());
    bench.open();  // one that has only the queue to ask
    CHECK(std::get<Accepted>(bench.outcome("K 1")).provider_ref == "job 1");
    CHECK(bench.submissions() == 1);
    CHECK(bench.server.jobs().at(1).bytes == 8);
    std::this_thread::sleep_for(100ms);
    const std::scoped_lock lock{bench.mutex};
    for (const auto& receipt : bench.receipts) CHECK(receipt.key == "K 1");
    CHECK(bench.receipts.size() <= 3);  // once a process
}

TEST_CASE("a lost answer is looked up", "[fax][channel]") {
    Bench bench;
    bench.open(10min);
    const bool mute = GENERATE(true, false);
    bench.server.wish("JSUBM", {.mute = mute, .hang_up = !mute});
    CHECK(std::holds_alternative<Accepted>(bench.outcome("K")));
    CHECK(bench.submissions() == 1);
}

TEST_CASE("an answer that nobody can be asked for is uncertain, until a receipt comes",
          "[fax][channel]") {
    Bench bench;
    bench.open();
    bench.server.wish("JSUBM", {.hang_up = true, .then_gone = true});
    CHECK(std::holds_alternative<Uncertain>(bench.outcome("K")));
    CHECK(is_free(bench.outcome("other")));
    bench.server.fulfil_nothing();
    REQUIRE(bench.told(1));
    CHECK(bench.receipts[0].state == Receipt::State::delivered);
    CHECK(eventually([&] { return std::holds_alternative<Accepted>(bench.outcome("K")); }));
    CHECK(bench.submissions() == 1);
}

TEST_CASE("what was begun long ago and is in no queue stays uncertain", "[fax][channel]") {
    Bench bench;
    {
        const auto memory = FaxMemory::open(bench.folder.path(), bench.clock.now(), 24h);
        REQUIRE((*memory)->remember("old", {bench.clock.now() - 11min, {}}));
        REQUIRE((*memory)->remember("young", {bench.clock.now() - 9min, {}}));
        REQUIRE((*memory)->remember("future", {bench.clock.now() + 9min, {}}));
    }
    bench.open();
    CHECK(std::holds_alternative<Uncertain>(bench.outcome("old")));
    CHECK(std::holds_alternative<Uncertain>(bench.outcome("future")));
    CHECK(std::holds_alternative<Accepted>(bench.outcome("young")));
    CHECK(bench.submissions() == 1);
}

TEST_CASE("a job that another session has begun is left to it", "[fax][channel]") {
    Bench bench;
    bench.server.add(77, {"carillon-K", "T", "carillon", 8});
    bench.open();
    CHECK(is_free(bench.outcome("K")));
    CHECK(bench.submissions() == 0);
}

TEST_CASE("other people's jobs are not ours, whatever their tags", "[fax][channel]") {
    Bench bench;
    bench.server.add(77, {"carillon-K", "D", "mallory", 8});
    bench.server.add(78, {"other-K", "D", "carillon", 8});
    bench.open();
    CHECK(std::get<Accepted>(bench.outcome("K")).provider_ref == "job 1");
    REQUIRE(bench.told(1));
    std::this_thread::sleep_for(100ms);
    const std::scoped_lock lock{bench.mutex};
    CHECK(bench.receipts.size() == 1);
}

TEST_CASE("a server that refuses, is silent or is no fax server costs no attempt",
          "[fax][channel]") {
    Bench bench;
    bench.open(10min);
    const auto wish =
        GENERATE(std::pair<std::string, testing::FaxServer::Wish>{"USER", {"530 no."}},
                 std::pair<std::string, testing::FaxServer::Wish>{"greeting", {.mute = true}},
                 std::pair<std::string, testing::FaxServer::Wish>{"greeting", {"SSH-2.0-OpenSSH"}},
                 std::pair<std::string, testing::FaxServer::Wish>{"PASV", {"227 (1,2)"}},
                 std::pair<std::string, testing::FaxServer::Wish>{"LIST", {.mute = true}});
    bench.server.wish(wish.first, wish.second);
    CHECK(is_free(bench.outcome("K")));
    CHECK_FALSE(bench.channel->probe());
    bench.server.fulfil_nothing();
    CHECK(eventually([&] { return std::holds_alternative<Accepted>(bench.outcome("K")); }));
    CHECK(bench.submissions() == 1);
}

TEST_CASE("a submission the server refuses is tried again later", "[fax][channel]") {
    Bench bench;
    bench.open();
    bench.server.wish("JSUBM", {.answer = "504 Cannot submit."});
    const auto refused = bench.outcome("K");
    REQUIRE(std::get_if<Deferred>(&refused) != nullptr);
    CHECK(std::get<Deferred>(refused).consumed_attempt);
    bench.server.fulfil_nothing();
    CHECK(std::holds_alternative<Accepted>(bench.outcome("K")));
}

TEST_CASE("a receipt that could not be stored is told again", "[fax][channel]") {
    Bench bench;
    bench.refuse_receipts = 2;
    bench.open();
    bench.send("K");
    REQUIRE(bench.told(1));
    std::this_thread::sleep_for(100ms);
    const std::scoped_lock lock{bench.mutex};
    CHECK(bench.receipts.size() == 1);
}

TEST_CASE("a stop ends within its patience, and every fax has one outcome", "[fax][channel]") {
    Bench bench;
    bench.open();
    bench.server.wish("JNEW", {.mute = true});
    bench.server.wish("JPARM DOCUMENT", {.mute = true});
    for (int i = 0; i < 20; ++i) bench.send("K" + std::to_string(i));
    const auto begun = base::steady_now();
    bench.channel->stop(100ms);
    CHECK(base::steady_now() - begun < 3s);
    bench.send("late");
    CHECK(bench.reported() == 21);
    CHECK(bench.submissions() == 0);
}

TEST_CASE("what is no fax, or has no number, is refused", "[fax][channel]") {
    Bench bench;
    bench.open();
    std::vector<Message> batch;
    batch.push_back({.id = base::MessageId{1}, .key = "a", .to = "+74952000200"});
    batch.push_back({.id = base::MessageId{2},
                     .key = "b",
                     .to = "+74952000200",
                     .payload = FaxPayload{"%PDF-", "no tiff", 1, "", ""}});
    batch.push_back({.id = base::MessageId{3},
                     .key = "c",
                     .to = "nobody",
                     .payload = FaxPayload{"%PDF-", std::string{"II*\0", 4}, 1, "", ""}});
    bench.channel->send(std::move(batch));
    REQUIRE(eventually([&] { return bench.reported() == 3; }));
    for (const auto& report : bench.outcomes) {
        const auto* rejected = std::get_if<Rejected>(&report.outcome);
        REQUIRE(rejected != nullptr);
        CHECK(rejected->address_is_bad == (report.id.value == 3));
    }
}
