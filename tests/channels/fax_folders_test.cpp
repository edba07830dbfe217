#include <catch2/catch.hpp>
#include <fstream>

#include "base/digest.h"
#include "base/local_date.h"
#include "base/text.h"
#include "channels/fax_inbound.h"
#include "channels/fax_memory.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

class TemporaryFolder {
public:
    TemporaryFolder() { fs::create_directories(path_); }
    ~TemporaryFolder() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }

private:
    fs::path path_{fs::temp_directory_path() /
                   ("carillon-fax-" + base::to_hex(base::random_bytes(6)))};
};

void write(const fs::path& path, std::string_view bytes) {
    std::ofstream{path, std::ios::binary} << bytes;
}

const base::Instant noon = *base::parse_instant("2026-11-21T12:00:00Z");
const std::string tiff{"II*\0pages", 9};

std::unique_ptr<FaxMemory> open(const fs::path& folder, base::Instant now = noon) {
    auto memory = FaxMemory::open(folder, now, 24h);
    INFO((memory ? "" : memory.error().text()));
    REQUIRE(memory);
    return std::move(*memory);
}

struct Taken {
    std::vector<Inbound> faxes{};
    bool store{true};
    InboundSink sink() {
        return [this](std::vector<Inbound> more) {
            if (store) faxes.insert(faxes.end(), more.begin(), more.end());
            return store;
        };
    }
};

}  // namespace

TEST_CASE("what was handed over is remembered by the next process", "[fax]") {
    const TemporaryFolder folder;
    const std::string key = "D26/../0042 \"x\"\n";
    {
        const auto memory = open(folder.path());
        CHECK_FALSE(*memory->find(key));
        REQUIRE(memory->remember(key, {noon, {}}));
        CHECK((*memory->find(key))->job.empty());
        REQUIRE(memory->remember(key, {noon, "42"}));
    }
    const auto memory = open(folder.path());
    const auto note = memory->find(key);
    REQUIRE(note);
    REQUIRE(*note);
    CHECK((*note)->job == "42");
    CHECK((*note)->begun == noon);
    CHECK_FALSE(*memory->find("other"));
    memory->forget(key);
    CHECK_FALSE(*memory->find(key));
}

TEST_CASE("a note that cannot be read is not taken for none", "[fax]") {
    const TemporaryFolder folder;
    const auto memory = open(folder.path());
    for (const auto* text : {"", "x", "12", "12 job", " \n"}) {
        write(folder.path() / "K.fax", text);
        const auto note = memory->find("K");
        INFO(text);
        REQUIRE_FALSE(note);
        CHECK(note.error().code == "fax.folder_unusable");
    }
}

TEST_CASE("two processes cannot share a memory, and old notes go", "[fax]") {
    const TemporaryFolder folder;
    {
        const auto memory = open(folder.path());
        REQUIRE(memory->remember("old", {noon - 30h, "1"}));
        REQUIRE(memory->remember("young", {noon - 20h, "2"}));
        const auto second = FaxMemory::open(folder.path(), noon, 24h);
        REQUIRE_FALSE(second);
        CHECK(second.error().code == "fax.folder_in_use");
    }
    write(folder.path() / ".K.fax.tmp", "unfinished");
    const auto memory = open(folder.path());
    CHECK_FALSE(*memory->find("old"));
    CHECK(*memory->find("young"));
    CHECK_FALSE(fs::exists(folder.path() / ".K.fax.tmp"));
}

TEST_CASE("a received fax is handed over once, and only when it is stored", "[fax]") {
    const TemporaryFolder folder;
    write(folder.path() / "fax1-7-1.tif", tiff);
    write(folder.path() / "fax1-7-1.fax",
          "file:fax1-7-1.tif\ncommunication:000000007\ncaller:8 (495) 200-02-00\n   Sender: "
          "ROMASHKA\n");
    Taken taken{.store = false};
    take_received_faxes(folder.path(), "RU", taken.sink());
    CHECK(fs::exists(folder.path() / "fax1-7-1.fax"));
    taken.store = true;
    take_received_faxes(folder.path(), "RU", taken.sink());
    take_received_faxes(folder.path(), "RU", taken.sink());
    REQUIRE(taken.faxes.size() == 1);
    CHECK(taken.faxes[0].from == "+74952000200");
    CHECK(taken.faxes[0].document == tiff);
    CHECK(taken.faxes[0].external_id.starts_with("fax 000000007 "));
    CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("what only looks like a received fax is put aside", "[fax]") {
    const TemporaryFolder folder;
    write(folder.path() / "a.fax", "file:../../etc/passwd.tif\n");
    write(folder.path() / "b.fax", "file:missing.tif\n");
    write(folder.path() / "c.fax", "file:c.tif\n");
    write(folder.path() / "c.tif", "#!/bin/sh");
    write(folder.path() / "d.fax", std::string(100000, 'x'));
    fs::create_symlink("/etc/hostname", folder.path() / "e.tif");
    write(folder.path() / "e.fax", "file:e.tif\n");
    write(folder.path() / ".f.fax", "file:unfinished.tif\n");
    Taken taken;
    take_received_faxes(folder.path(), "RU", taken.sink());
    CHECK(taken.faxes.empty());
    for (const auto* name : {"a.fax", "b.fax", "c.fax", "d.fax", "e.fax"})
        CHECK(fs::exists(folder.path() / "rejects" / name));
    CHECK(fs::exists(folder.path() / ".f.fax"));
}

TEST_CASE("a sender without a number is called by its own name", "[fax]") {
    CHECK(sender_of({.caller = "+7 495 200-02-00", .station = "X"}, "RU") == "+74952000200");
    CHECK(sender_of({.caller = "", .station = "+7 495 2000200"}, "RU") == "+74952000200");
    CHECK(sender_of({.caller = "anonymous", .station = "8 495 200-02-00"}, "RU") == "+74952000200");
    CHECK(sender_of({.caller = "", .station = "CLIENT FAX"}, "RU") == "CLIENT FAX");
    const auto fax = parse_received_fax("file:a.tif\ncaller:x\x1b[2J\xff\n");
    REQUIRE(fax);
    CHECK(base::is_valid_utf8(fax->caller));
    CHECK_FALSE(base::has_control_characters(fax->caller));
}

TEST_CASE("a notice stays until it is told", "[fax]") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "q7-1-1.notice";
    write(path, "why:done\njobid:7\nstate:7\nnpages:2\njobtag:carillon-x\nowner:carillon\n");
    int asked = 0;
    take_fax_notices(folder.path(), [&](const FaxJob&) { return ++asked > 1; });
    CHECK(fs::exists(path));
    take_fax_notices(folder.path(), [&](const FaxJob& job) {
        CHECK(job.tag == "carillon-x");
        return ++asked > 1;
    });
    CHECK_FALSE(fs::exists(path));
    CHECK(asked == 2);
}
