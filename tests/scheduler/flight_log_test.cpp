#include "scheduler/flight_log.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "scheduler/dispatcher_identity.h"

using namespace carillon;
using namespace carillon::scheduler;
namespace fs = std::filesystem;

namespace {

struct Folder {
    fs::path path{fs::temp_directory_path() /
                  ("carillon-flights-" + std::to_string(getpid()) + "-" +
                   std::to_string(reinterpret_cast<std::uintptr_t>(this)))};
    ~Folder() { fs::remove_all(path); }
};

using Begun = std::unordered_set<std::int64_t>;

}  // namespace

TEST_CASE("what a process had begun is read after it was killed", "[flights]") {
    const Folder folder;
    const auto child = fork();
    if (child == 0) {
        auto log = FlightLog::create(folder.path, "gone:1");
        for (std::int64_t id = 1; id <= 100; ++id) (*log)->begin(base::MessageId{id});
        for (std::int64_t id = 1; id <= 100; ++id)
            if (id % 10 != 0) (*log)->end(base::MessageId{id});
        raise(SIGKILL);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    CHECK(FlightLog::read(folder.path, "gone:1") == Begun{10, 20, 30, 40, 50, 60, 70, 80, 90, 100});
    FlightLog::forget(folder.path, "gone:1");
    CHECK_FALSE(FlightLog::read(folder.path, "gone:1"));
}

TEST_CASE("a log that cannot tell says nothing", "[flights]") {
    const Folder folder;
    CHECK_FALSE(FlightLog::read(folder.path, "nobody:1"));
    auto log = FlightLog::create(folder.path, "full:1");
    REQUIRE(log);
    CHECK(FlightLog::read(folder.path, "full:1") == Begun{});
    // Another one of the same name is refused, not overwritten.
    CHECK(FlightLog::create(folder.path, "full:1").error().code == "flight_log.unusable");
    for (std::int64_t id = 1; id <= 65'536; ++id) (*log)->begin(base::MessageId{id});
    CHECK(FlightLog::read(folder.path, "full:1")->size() == 65'536);
    (*log)->begin(base::MessageId{70'000});
    CHECK_FALSE(FlightLog::read(folder.path, "full:1"));
    // Of another process, boot or machine; cut short.
    fs::copy_file(folder.path / "flights-full-1", folder.path / "flights-other-1");
    CHECK_FALSE(FlightLog::read(folder.path, "other:1"));
    std::ofstream{folder.path / "flights-short-1"} << "carillon flights 1 ";
    CHECK_FALSE(FlightLog::read(folder.path, "short:1"));
}

TEST_CASE("places are used again, and an empty log goes with its process", "[flights]") {
    const Folder folder;
    {
        auto log = FlightLog::create(folder.path, own_process());
        REQUIRE(log);
        for (std::int64_t id = 1; id <= 300'000; ++id) {
            (*log)->begin(base::MessageId{id});
            (*log)->begin(base::MessageId{id});  // again: the same flight
            if (!(*log)->has_begun(base::MessageId{id})) FAIL();
            (*log)->end(base::MessageId{id});
            (*log)->end(base::MessageId{id});
        }
        CHECK(FlightLog::read(folder.path, own_process()) == Begun{});
    }
    CHECK(fs::is_empty(folder.path));
    {
        auto log = FlightLog::create(folder.path, own_process());
        (*log)->begin(base::MessageId{7});
    }
    CHECK(FlightLog::read(folder.path, own_process()) == Begun{7});
    CHECK(FlightLog::create("/proc/none", own_process()).error().code == "flight_log.unusable");
}
