#include "channels/file_channel.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <map>

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct Folder {
    fs::path path = fs::temp_directory_path() / ("carillon-spool-" + std::to_string(::getpid()));
    Folder() { fs::remove_all(path); }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
};

struct Inbox {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::int64_t, Outcome> outcomes;
    std::size_t count{0};

    OutcomeSink sink() {
        return [this](std::vector<Report> reports) {
            const std::scoped_lock lock{mutex};
            for (auto& report : reports) outcomes[report.id.value] = std::move(report.outcome);
            count += reports.size();
            changed.notify_all();
        };
    }
    bool wait_for(std::size_t wanted) {
        std::unique_lock lock{mutex};
        return changed.wait_for(lock, 20s, [&] { return count >= wanted; });
    }
};

const base::ManualClock clock_2027{base::from_millis(1'798'761'600'000)};  // 2027-01-01

Message message_of(std::int64_t id, const std::string& key, const std::string& body) {
    Message message;
    message.id.value = id;
    message.key = key;
    message.to = "a@b.test";
    message.payload = EmailPayload{
        .bytes = "From: x@y.z\r\nDate: Sat, 21 Nov 2026 18:21:27 +0000\r\n\r\n" + body};
    return message;
}

std::string read(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::size_t files_in(const fs::path& path) {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator{path})
        count += entry.is_regular_file() ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("a message becomes a file under its own day and key", "[channels][file]") {
    const Folder folder;
    Inbox inbox;
    FileChannel channel{{.folder = folder.path}, clock_2027, inbox.sink()};
    channel.send({message_of(1, "m-1", "hello\r\n")});
    REQUIRE(inbox.wait_for(1));
    CHECK(std::get<Accepted>(inbox.outcomes.at(1)).provider_ref == "2026-11-21/m-1.eml");
    CHECK_THAT(read(folder.path / "2026-11-21/m-1.eml"), Catch::EndsWith("\r\n\r\nhello\r\n"));
}

TEST_CASE("sending the same key again replaces the file", "[channels][file]") {
    const Folder folder;
    Inbox inbox;
    FileChannel channel{{.folder = folder.path}, clock_2027, inbox.sink()};
    channel.send({message_of(1, "m-1", "first\r\n")});
    REQUIRE(inbox.wait_for(1));
    channel.send({message_of(1, "m-1", "second\r\n")});
    REQUIRE(inbox.wait_for(2));
    CHECK(files_in(folder.path) == 1);
    CHECK_THAT(read(folder.path / "2026-11-21/m-1.eml"), Catch::EndsWith("second\r\n"));
}

TEST_CASE("many messages are all written, with and without fan-out", "[channels][file]") {
    const bool fan_out = GENERATE(false, true);
    const bool durable = GENERATE(false, true);
    const Folder folder;
    Inbox inbox;
    FileChannel channel{
        {.folder = folder.path, .durable = durable, .fan_out = fan_out}, clock_2027, inbox.sink()};
    std::vector<Message> batch;
    for (int id = 1; id <= 700; ++id)
        batch.push_back(message_of(id, "m-" + std::to_string(id), "x\r\n"));
    channel.send(std::move(batch));
    REQUIRE(inbox.wait_for(700));
    CHECK(files_in(folder.path) == 700);
    CHECK(fs::exists(folder.path / "2026-11-21/m-1.eml") == !fan_out);
}

TEST_CASE("a key never leads out of the folder", "[channels][file]") {
    const Folder folder;
    Inbox inbox;
    FileChannel channel{{.folder = folder.path / ""}, clock_2027, inbox.sink()};
    const std::vector<std::string> keys{"../../etc/x",         "..", ".hidden", "a/b", "a b",
                                        std::string(500, 'k'), ""};
    std::vector<Message> batch;
    for (std::size_t i = 0; i < keys.size(); ++i)
        batch.push_back(message_of(static_cast<std::int64_t>(i) + 1, keys[i], "x\r\n"));
    channel.send(std::move(batch));
    REQUIRE(inbox.wait_for(keys.size()));
    std::size_t flat = 0;
    for (const auto& entry : fs::directory_iterator{folder.path / "2026-11-21"}) {
        ++flat;
        CHECK_FALSE(entry.path().filename().string().starts_with('.'));
    }
    CHECK(flat == keys.size());
    CHECK(files_in(folder.path) == keys.size());
}

TEST_CASE("a message without a date goes under today", "[channels][file]") {
    const Folder folder;
    Inbox inbox;
    FileChannel channel{{.folder = folder.path}, clock_2027, inbox.sink()};
    auto message = message_of(1, "m-1", "");
    message.payload = EmailPayload{.bytes = "Subject: Date: Sat, 21 Nov 2026\r\n\r\nDate: x\r\n"};
    channel.send({message});
    REQUIRE(inbox.wait_for(1));
    CHECK(fs::exists(folder.path / "2027-01-01/m-1.eml"));
}

TEST_CASE("a folder that cannot be written defers without using up an attempt",
          "[channels][file]") {
    const Folder folder;
    std::ofstream{folder.path} << "a file where a folder should be";
    Inbox inbox;
    FileChannel channel{{.folder = folder.path}, clock_2027, inbox.sink()};
    channel.send({message_of(1, "m-1", "x")});
    REQUIRE(inbox.wait_for(1));
    const auto& deferred = std::get<Deferred>(inbox.outcomes.at(1));
    CHECK_FALSE(deferred.consumed_attempt);
    CHECK_THAT(deferred.reason, Catch::Contains(folder.path.string()));
    CHECK_FALSE(channel.probe());
}

TEST_CASE("an expired message is not written", "[channels][file]") {
    const Folder folder;
    Inbox inbox;
    FileChannel channel{{.folder = folder.path}, clock_2027, inbox.sink()};
    auto message = message_of(1, "m-1", "x");
    message.deadline = base::steady_now() - 1s;
    channel.send({message});
    REQUIRE(inbox.wait_for(1));
    CHECK(std::holds_alternative<Deferred>(inbox.outcomes.at(1)));
    CHECK_FALSE(fs::exists(folder.path / "2026-11-21/m-1.eml"));
    CHECK(channel.probe());
}

TEST_CASE("after stop every message still gets its report", "[channels][file]") {
    const Folder folder;
    Inbox inbox;
    FileChannel channel{{.folder = folder.path}, clock_2027, inbox.sink()};
    std::vector<Message> batch;
    for (int id = 1; id <= 600; ++id)
        batch.push_back(message_of(id, "m-" + std::to_string(id), "x\r\n"));
    channel.send(std::move(batch));
    channel.stop(0ms);
    CHECK(inbox.count == 600);
    channel.send({message_of(601, "m-601", "x")});
    CHECK(inbox.count == 601);
    CHECK(std::holds_alternative<Deferred>(inbox.outcomes.at(601)));
}
