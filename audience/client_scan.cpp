#include "audience/client_scan.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "db/queries.h"

namespace carillon::audience {

namespace {

constexpr int threads_max = 4;
constexpr std::int64_t parts_per_thread = 4;  // the parts are not equally heavy
constexpr std::int64_t clients_per_part_min = 20'000;

// A part is taken by whoever is free.
class Scan {
public:
    Scan(db::Database& database, std::int64_t after, std::int64_t last,
         const db::Patience& patience, const LookAtPart& look)
        : database_(database),
          patience_(patience),
          look_(look),
          after_(after),
          last_(last),
          ends_(base::steady_now() + patience.limit),
          threads_(threads_of(database)),
          size_(
              std::max(clients_per_part_min, (last - after) / (threads_ * parts_per_thread) + 1)) {}

    void run() {
        {
            std::vector<std::jthread> helpers;
            const auto parts = (last_ - after_ + size_ - 1) / size_;
            for (std::int64_t i = 1; i < std::min(threads_, parts); ++i)
                helpers.emplace_back([this] { work(); });
            work();
        }
        if (failed_) std::rethrow_exception(failed_);
    }

private:
    static std::int64_t threads_of(const db::Database& database) {
        const auto cores = static_cast<int>(std::thread::hardware_concurrency());
        const auto connections = database.settings().connections_max / 2;
        return std::clamp(std::min(cores, connections), 1, threads_max);
    }

    void work() try {
        const auto lease = database_.read();  // mapping the file anew each time costs more
        while (!done_) {
            const auto part = next_++;
            const auto from = after_ + part * size_;
            if (from >= last_) return;
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(ends_ - base::steady_now());
            if (left.count() <= 0) throw db::TooSlow{"scan_clients"};
            const db::TimeLimit limit{*lease, left, patience_.is_gone};
            const ClientRange range{from, std::min(from + size_, last_)};
            if (!look_(*lease, static_cast<std::size_t>(part), range)) done_ = true;
        }
    } catch (...) {
        const std::scoped_lock lock{mutex_};
        if (!failed_) failed_ = std::current_exception();
        done_ = true;
    }

    db::Database& database_;
    const db::Patience& patience_;
    const LookAtPart& look_;
    const std::int64_t after_;
    const std::int64_t last_;
    const base::Steady ends_;
    const std::int64_t threads_;
    const std::int64_t size_;
    std::atomic<std::int64_t> next_{0};
    std::atomic<bool> done_{false};
    std::mutex mutex_;
    std::exception_ptr failed_;
};

void add(Waterfall& sum, const Waterfall& part) {
    sum.matched += part.matched;
    sum.eligible += part.eligible;
    sum.unknown_time_zone += part.unknown_time_zone;
    std::ranges::transform(sum.left_out, part.left_out, sum.left_out.begin(), std::plus{});
}

// One figure of a segment: in parts where all clients have to be looked at, else at once.
template <class Figure, class Ask, class Add>
Figure figure_of(db::Database& database, const CompiledSegment& segment,
                 const db::Patience& patience, const Ask& ask, const Add& add_part) {
    Figure sum{};
    if (segment.narrow) {
        const auto lease = database.read();
        const db::TimeLimit each{*lease, patience.limit, patience.is_gone};
        return ask(*lease, segment);
    }
    std::mutex mutex;
    scan_clients(database, 0, patience,
                 [&](db::Connection& connection, std::size_t, ClientRange range) {
                     const auto part = ask(connection, within(segment, range));
                     const std::scoped_lock lock{mutex};
                     add_part(sum, part);
                     return true;
                 });
    return sum;
}

std::int64_t last_client(db::Database& database, const db::Patience& patience) {
    const auto lease = database.read();
    const db::TimeLimit limit{*lease, patience.limit, patience.is_gone};
    return lease->value<std::int64_t>(db::queries::last_client_id).value_or(0);
}

}  // namespace

void scan_clients(db::Database& database, std::int64_t after, const db::Patience& patience,
                  const LookAtPart& look) {
    const auto last = last_client(database, patience);
    if (last > after) Scan{database, after, last, patience, look}.run();
}

std::int64_t count(db::Database& database, const CompiledSegment& segment,
                   const db::Patience& patience) {
    return figure_of<std::int64_t>(
        database, segment, patience,
        [](db::Connection& connection, const CompiledSegment& part) {
            return count(connection, part);
        },
        [](std::int64_t& sum, std::int64_t part) { sum += part; });
}

FoundSoFar count_so_far(db::Database& database, const CompiledSegment& segment,
                        const db::Patience& patience) {
    std::atomic<std::int64_t> found{0};
    try {
        if (segment.narrow) return {count(database, segment, patience), true};
        scan_clients(database, 0, patience,
                     [&](db::Connection& connection, std::size_t, ClientRange range) {
                         found += count(connection, within(segment, range));
                         return true;
                     });
        return {found, true};
    } catch (const db::TooSlow&) {
        return {found, false};
    }
}

Waterfall waterfall(db::Database& database, const CompiledSegment& segment,
                    base::ChannelKind channel, base::Purpose purpose,
                    const db::Patience& patience) {
    return figure_of<Waterfall>(
        database, segment, patience,
        [&](db::Connection& connection, const CompiledSegment& part) {
            return waterfall(connection, part, channel, purpose);
        },
        add);
}

}  // namespace carillon::audience
