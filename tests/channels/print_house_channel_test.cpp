#include "channels/print_house_channel.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/digest.h"
#include "base/text.h"
#include "channels/page_plan.h"

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
                   ("carillon-letters-" + base::to_hex(base::random_bytes(6)))};
};

std::string pdf_of(int pages) {
    PagePlan plan{210, 297, std::vector<Page>(static_cast<std::size_t>(pages))};
    return paint_pdf(plan, {"", "", *base::parse_date("2026-11-21")});
}

std::string content(const fs::path& path) {
    auto bytes = read_whole(path);
    REQUIRE(bytes);
    return *bytes;
}

void write(const fs::path& path, std::string_view bytes) {
    std::ofstream{path, std::ios::binary} << bytes;
}

std::vector<fs::path> files(const fs::path& folder, std::string_view ending) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator{folder})
        if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
}

StoredLetter letter(const std::string& key, int pages = 1) {
    return {key,
            *base::parse_instant("2026-11-20T10:00:00Z"),
            {pdf_of(pages), pages, {"Ким Анна", "=1+1"}, "RU", "din-5008-b", {}}};
}

std::unique_ptr<LetterStore> open_store(const fs::path& folder) {
    auto store = LetterStore::open({folder, true});
    INFO((store ? "" : store.error().text()));
    REQUIRE(store);
    return std::move(*store);
}

// Collects what a channel reports.
struct Reports {
    std::mutex mutex{};
    std::vector<Report> outcomes{};
    std::vector<Receipt> receipts{};
    bool take_receipts{true};

    ChannelSinks sinks() {
        return {[this](std::vector<Report> more) {
                    const std::scoped_lock lock{mutex};
                    outcomes.insert(outcomes.end(), more.begin(), more.end());
                },
                [this](std::vector<Receipt> more) {
                    const std::scoped_lock lock{mutex};
                    if (!take_receipts) return false;
                    receipts.insert(receipts.end(), more.begin(), more.end());
                    return true;
                },
                {}};
    }
    std::size_t outcome_count() {
        const std::scoped_lock lock{mutex};
        return outcomes.size();
    }
};

template <class Condition>
bool eventually(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

Message message(std::int64_t id, const std::string& key) {
    return {.id = base::MessageId{id}, .key = key, .payload = letter(key).letter};
}

CutOff moscow() {
    return {.time = 17h + 30min, .zone = *base::TimeZone::find("Europe/Moscow")};
}

}  // namespace

TEST_CASE("letters go out at the cut-off of a working day", "[letters]") {
    auto cut_off = moscow();
    base::Problems problems;
    const auto calendar =
        base::Json::parse(content(CARILLON_SOURCE_DIR "/examples/calendars/ru-2026.json"));
    add_calendar(cut_off, *calendar, problems);
    REQUIRE(problems.empty());
    const auto at = [&](std::string_view accepted) {
        return base::to_text(next_cut_off(cut_off, *base::parse_instant(accepted)));
    };
    CHECK(at("2026-11-20T10:00:00Z") == "2026-11-20T14:30:00.000Z");
    CHECK(at("2026-11-20T14:30:00Z") == "2026-11-23T14:30:00.000Z");  // Friday to Monday
    CHECK(at("2026-11-03T20:00:00Z") == "2026-11-05T14:30:00.000Z");  // 4 November is a holiday
    CHECK(at("2025-12-31T20:00:00Z") == "2026-01-12T14:30:00.000Z");
    cut_off.working_weekends.insert(*base::parse_date("2026-11-21"));
    CHECK(at("2026-11-20T14:30:00Z") == "2026-11-21T14:30:00.000Z");
    base::Problems wrong;
    add_calendar(cut_off, *base::Json::parse(R"({"days_off": ["2026-13-01"], "x": 1})"), wrong);
    CHECK(wrong.size() == 2);
}

TEST_CASE("a batch is a merged PDF and a manifest that fits it", "[letters]") {
    const TemporaryFolder folder;
    const auto store = open_store(folder.path());
    for (const auto& problem : store->keep({letter("b", 3), letter("a", 2), letter("c/1", 1)}))
        CHECK_FALSE(problem);
    CHECK(store->waiting() == 3);
    const auto closed = store->close_batch(10);
    REQUIRE(closed);
    const auto pdf = content(folder.path() / "outbox" / (closed->name + ".pdf"));
    const auto csv = content(folder.path() / "outbox" / (closed->name + ".csv"));
    const auto rows = base::split(csv, '\n');
    REQUIRE(rows.size() == 5);
    // a: pages 1-2; b: 3-5 and an empty back; c: 7
    CHECK(rows[1].starts_with("a," + closed->name + ",1,2,1,RU,din-5008-b," +
                              base::sha256_hex(pdf_of(2)) + "," + base::sha256_hex(pdf) +
                              ",Ким Анна,'=1+1,"));
    CHECK(rows[2].starts_with("b," + closed->name + ",3,3,2,"));
    CHECK(rows[3].starts_with("c/1," + closed->name + ",7,1,1,"));
    const auto whole = merge_pdf({pdf}, SheetStart::anywhere);
    REQUIRE(whole);
    CHECK(whole->pages == 7);
    CHECK(*manifest_keys(csv) == std::vector<std::string>{"a", "b", "c/1"});
    CHECK(store->waiting() == 0);
    CHECK(store->standing("c/1") == LetterStore::Standing::sent);
}

TEST_CASE("a letter that was handed over is never made again, even when it was taken away",
          "[letters]") {
    const TemporaryFolder folder;
    {
        const auto store = open_store(folder.path());
        store->keep({letter("a"), letter("b")});
        CHECK_FALSE(LetterStore::open({folder.path(), true}));
        REQUIRE(store->close_batch(1));
        CHECK(store->waiting() == 1);
    }
    for (const auto& path : files(folder.path() / "outbox", "")) fs::remove(path);
    const auto again = open_store(folder.path());
    CHECK(again->standing("a") == LetterStore::Standing::sent);
    CHECK(again->standing("b") == LetterStore::Standing::waiting);
    CHECK(files(folder.path() / "outbox", ".csv").empty());
}

TEST_CASE("a batch that was interrupted is finished exactly once", "[letters]") {
    // The state of the folder after a kill, made by undoing the steps of a whole batch backwards.
    const TemporaryFolder folder;
    const auto& path = folder.path();
    std::string batch;
    {
        const auto store = open_store(path);
        store->keep({letter("a"), letter("b")});
        fs::copy(path / "open", path / "saved");
        batch = store->close_batch(10)->name;
    }
    const auto pdf = content(path / "outbox" / (batch + ".pdf"));
    const auto csv = content(path / "outbox" / (batch + ".csv"));
    const int stage = GENERATE(0, 1, 2, 3, 4, 5);
    write(path / "closing" / (batch + ".plan"), "a.letter\nb.letter\n");
    if (stage <= 4) fs::copy(path / "saved", path / "open");  // letters not yet forgotten
    if (stage <= 3) {                                         // manifest not yet published
        fs::rename(path / "outbox" / (batch + ".csv"), path / "closing" / (batch + ".csv"));
    } else {
        fs::remove(path / "outbox" / (batch + ".csv"));  // published and taken away
        fs::remove(path / "outbox" / (batch + ".pdf"));
    }
    if (stage <= 2) fs::remove(path / "sent" / (batch + ".csv"));
    if (stage <= 1) fs::remove(path / "closing" / (batch + ".csv"));
    if (stage <= 0) {
        fs::remove(path / "outbox" / (batch + ".pdf"));
        write(path / "outbox" / ("." + batch + ".pdf.tmp"), "%PDF-half");
    }
    const auto store = open_store(path);
    CHECK(store->waiting() == 0);
    CHECK(store->standing("a") == LetterStore::Standing::sent);
    CHECK(files(path / "closing", "").empty());
    if (stage <= 3) {
        CHECK(content(path / "outbox" / (batch + ".pdf")) == pdf);
        CHECK(content(path / "outbox" / (batch + ".csv")) == csv);
        CHECK(files(path / "outbox", "").size() == 2);
    } else {
        CHECK(files(path / "outbox", "").empty());
    }
}

TEST_CASE("a letter can be called back until its batch is made", "[letters]") {
    const TemporaryFolder folder;
    const auto store = open_store(folder.path());
    store->keep({letter("a"), letter("b")});
    REQUIRE(store->cancel("a"));
    REQUIRE(store->cancel("a"));
    CHECK(store->standing("a") == LetterStore::Standing::cancelled);
    CHECK(store->cancel("x").error().code == "letter.unknown");
    const auto closed = store->close_batch(10);
    REQUIRE(closed);
    CHECK(*manifest_keys(content(folder.path() / "outbox" / (closed->name + ".csv"))) ==
          std::vector<std::string>{"b"});
    CHECK(store->cancel("b").error().code == "letter.cancel_too_late");
}

TEST_CASE("a letter that is no PDF does not hold up the others", "[letters]") {
    const TemporaryFolder folder;
    const auto store = open_store(folder.path());
    auto broken = letter("broken");
    broken.letter.pdf = "%PDF-1.5\nnothing\n%%EOF\n";
    store->keep({letter("a"), broken, letter("b")});
    const auto closed = store->close_batch(10);
    REQUIRE(closed);
    CHECK(closed->spoilt == std::vector<std::string>{"broken"});
    CHECK(manifest_keys(content(folder.path() / "outbox" / (closed->name + ".csv")))->size() == 2);
    CHECK(store->standing("broken") == LetterStore::Standing::cancelled);
}

TEST_CASE("the channel accepts once, and hands over at the cut-off", "[letters]") {
    const TemporaryFolder folder;
    base::ManualClock clock{*base::parse_instant("2026-11-20T10:00:00Z")};
    Reports reports;
    auto made = PrintHouseChannel::create(
        {.folder = folder.path(), .batch_max = 3, .cut_off = moscow(), .poll = 5ms}, clock,
        reports.sinks());
    REQUIRE(made);
    auto& channel = **made;
    const auto outbox = folder.path() / "outbox";
    channel.send({message(1, "a"), message(2, "b")});
    REQUIRE(eventually([&] { return reports.outcome_count() == 2; }));
    CHECK(files(outbox, ".csv").empty());
    channel.send({message(3, "a")});
    REQUIRE(eventually([&] { return reports.outcome_count() == 3; }));
    CHECK(std::get<Accepted>(reports.outcomes[2].outcome).provider_ref ==
          std::get<Accepted>(reports.outcomes[0].outcome).provider_ref);
    CHECK(channel.cancel("b"));
    channel.send({message(4, "b")});
    REQUIRE(eventually([&] { return reports.outcome_count() == 4; }));
    CHECK(std::holds_alternative<Rejected>(reports.outcomes[3].outcome));
    clock.set(*base::parse_instant("2026-11-20T14:30:00Z"));
    REQUIRE(eventually([&] { return files(outbox, ".csv").size() == 1; }));
    // Three make a full batch, which does not wait.
    channel.send({message(5, "c"), message(6, "d"), message(7, "e")});
    REQUIRE(eventually([&] { return files(outbox, ".csv").size() == 2; }));
    auto no_letter = message(8, "f");
    no_letter.payload = EmailPayload{};
    auto late = message(9, "g");
    late.deadline = base::steady_now() - 1s;
    channel.send({no_letter, late});
    REQUIRE(eventually([&] { return reports.outcome_count() == 9; }));
    CHECK(std::holds_alternative<Rejected>(reports.outcomes[7].outcome));
    CHECK(std::holds_alternative<Deferred>(reports.outcomes[8].outcome));
    CHECK(channel.probe());
    channel.stop(1s);
    channel.send({message(10, "h")});
    CHECK(std::holds_alternative<Deferred>(reports.outcomes[9].outcome));
}

TEST_CASE("what the print house and the post send back becomes receipts", "[letters]") {
    const auto ours = [](std::string_view key) { return key.starts_with("L"); };
    const auto status = read_return_file(
        "\xEF\xBB\xBFletter_key,status,at,note\r\nL1,printed,2026-11-21T09:00:00Z,\r\n"
        "L1,Posted,2026-11-22,\"tray 5, "
        "left\"\r\nL2,burned,2026-11-22,\r\nX1,printed,2026-11-22\r\n"
        "L3,printed,yesterday\r\nL4\r\n",
        ours);
    REQUIRE(status);
    REQUIRE(status->receipts.size() == 2);
    CHECK(status->receipts[0].state == Receipt::State::in_progress);
    CHECK(status->receipts[1].state == Receipt::State::delivered);
    CHECK(status->receipts[1].reason == "posted, tray 5, left");
    CHECK(base::to_text(*status->receipts[1].at) == "2026-11-22T00:00:00.000Z");
    CHECK(status->rejects ==
          "line,column,reason,row\n"
          "4,2,'burned' is no known status,\"L2,burned,2026-11-22,\"\n"
          "5,1,no letter of this key was handed over,\"X1,printed,2026-11-22\"\n"
          "6,3,expected a time as 2026-11-21T09:00:00Z or a date,\"L3,printed,yesterday\"\n"
          "7,1,\"the row has 1 cells, 3 or 4 were expected\",L4\n");
    const auto returned = read_return_file(
        "letter_key;returned_at;reason;new_address\nL1;2026-11-30;moved;\"ул. Мира; 5\"\n"
        "L2;2026-11-30;refused;\nL3;2026-11-30;address insufficient;\nL4;2026-11-30;deceased\n"
        "L5;2026-11-30;unknown\n",
        ours);
    REQUIRE(returned);
    REQUIRE(returned->receipts.size() == 5);
    CHECK(returned->receipts[0].reason == "returned: moved, new address: ул. Мира; 5");
    CHECK(returned->receipts[0].state == Receipt::State::bad_address);
    CHECK(returned->receipts[1].state == Receipt::State::failed);
    CHECK(returned->receipts[2].state == Receipt::State::bad_address);
    CHECK_FALSE(read_return_file("a,b,c\n", ours));
    const auto again =
        read_return_file("letter_key,status,at\nL1,printed,2026-11-21T09:00:00Z\n", ours);
    CHECK(again->receipts[0].external_id == status->receipts[0].external_id);
}

TEST_CASE("each incoming file is taken once, and only when its receipts are stored", "[letters]") {
    const TemporaryFolder folder;
    base::ManualClock clock{*base::parse_instant("2026-11-20T10:00:00Z")};
    Reports reports;
    reports.take_receipts = false;
    {
        const auto store = open_store(folder.path());
        store->keep({letter("a")});
        REQUIRE(store->close_batch(1));
    }
    auto made = PrintHouseChannel::create(
        {.folder = folder.path(), .cut_off = moscow(), .poll = 5ms}, clock, reports.sinks());
    REQUIRE(made);
    const auto incoming = folder.path() / "incoming";
    write(incoming / "upload.csv.part", "letter_key,status,at\na,printed,2026-11-21\n");
    write(incoming / ".s1", "letter_key,status,at\na,printed,2026-11-21\nb,printed,2026-11-21\n");
    fs::rename(incoming / ".s1", incoming / "s1.csv");
    std::this_thread::sleep_for(50ms);
    CHECK(fs::exists(incoming / "s1.csv"));
    {
        const std::scoped_lock lock{reports.mutex};
        reports.take_receipts = true;
    }
    REQUIRE(eventually([&] { return !fs::exists(incoming / "s1.csv"); }));
    (*made)->stop(1s);
    CHECK(reports.receipts.size() == 1);
    CHECK(files(incoming / "done", "-s1.csv").size() == 1);
    CHECK(content(incoming / "rejects" / "s1.csv.rejects.csv").find("\n3,1,no letter") !=
          std::string::npos);
    CHECK(fs::exists(incoming / "upload.csv.part"));
}
