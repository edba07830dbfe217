// How long an import of a made-up bank takes against `sqlite3 .import` of the same file into one
// table without keys.
//   bench_import [CLIENTS] [FOLDER]
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "audience/import.h"
#include "bench/bank_generator.h"

using namespace carillon;

namespace {

double seconds_of(const auto& work) {
    const auto start = base::steady_now();
    work();
    return std::chrono::duration<double>(base::steady_now() - start).count();
}

void write_clients(const std::string& path, std::int64_t count) {
    const bench::BankGenerator bank;
    std::ofstream file{path, std::ios::binary};
    std::string text{bank.clients_header()};
    for (std::int64_t i = 0; i < count; ++i) {
        bank.append_client(text, i);
        if (text.size() > 1 << 20) {
            file << text;
            text.clear();
        }
    }
    file << text;
}

double cpu_seconds(const rusage& usage) {
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int run(std::int64_t clients, const std::filesystem::path& folder) {
    const auto csv = (folder / "clients.csv").string();
    const auto yardstick_db = (folder / "yardstick.db").string();
    write_clients(csv, clients);
    const auto command =
        "sqlite3 '" + yardstick_db + "' '.mode csv' '.import \"" + csv + "\" t' 2>/dev/null";
    int status = 0;
    const auto yardstick = seconds_of([&] { status = std::system(command.c_str()); });
    if (status != 0) {
        std::fputs("the yardstick needs the program sqlite3\n", stderr);
        return 1;
    }
    db::DatabaseSettings settings;
    settings.path = (folder / "carillon.db").string();
    db::Database database{settings};
    database.migrate();
    const base::SystemClock clock;
    std::int64_t imported = 0;
    const auto ours = seconds_of([&] {
        const auto summary =
            audience::run_import(database, clock, {audience::ImportKind::clients, csv, {}, {}});
        if (summary) imported = summary->rows_imported;
    });
    if (imported != clients) return 1;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto count = static_cast<double>(clients);
    fmt::print(
        R"({{"bench":"import","engine":"sqlite","messages":{},"rate":{:.0f},"yardstick_rate":{:.0f},)"
        R"("ratio":{:.3f},"cpu_us_per_message":{:.2f},"peak_rss_mb":{}}})"
        "\n",
        clients, count / ours, count / yardstick, yardstick / ours,
        cpu_seconds(usage) * 1e6 / count, usage.ru_maxrss / 1024);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const auto clients = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
    const std::filesystem::path root =
        argc > 2 ? argv[2] : std::filesystem::temp_directory_path().string();
    const auto folder =
        root / fmt::format("carillon-bench-{}", base::to_millis(base::SystemClock{}.now()));
    std::filesystem::create_directories(folder);
    const int status = run(clients, folder);
    std::filesystem::remove_all(folder);
    return status;
}
