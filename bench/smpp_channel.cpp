// How many short messages per second SmppChannel sends, with a receipt for each: personal texts, no
// database. Usage: bench_smpp_channel PORT MESSAGES WINDOW
// Prints rate, microseconds of CPU for each message, and the peak memory in MB.
#include "channels/smpp_channel.h"

#include <sys/resource.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

using namespace carillon;

namespace {

class Counter {
public:
    // Lets the sender run at most `ahead` messages ahead of the answers.
    void wait_for_room(std::size_t sent, std::size_t ahead) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return sent < outcomes_ + ahead; });
    }
    void outcomes(const std::vector<channels::Report>& reports) {
        const std::scoped_lock lock{mutex_};
        outcomes_ += reports.size();
        for (const auto& report : reports)
            if (std::holds_alternative<channels::Accepted>(report.outcome)) ++accepted_;
        changed_.notify_all();
    }
    void receipts(std::size_t count) {
        const std::scoped_lock lock{mutex_};
        receipts_ += count;
        changed_.notify_all();
    }
    bool wait_for_all(std::size_t messages) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, std::chrono::minutes{2}, [&] {
            return outcomes_ >= messages && receipts_ >= messages;
        }) && accepted_ == messages;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t outcomes_{0};
    std::size_t accepted_{0};
    std::size_t receipts_{0};
};

channels::Message message_of(std::size_t number) {
    channels::Message message;
    message.id.value = static_cast<std::int64_t>(number + 1);
    message.key = "bench-" + std::to_string(number);
    // The scripted centre goes by the last two digits; 99 asks for nothing special.
    message.to = "+7916" + std::to_string(1'000'000 + number) + "99";
    message.payload = channels::SmsPayload{
        .from = "BANK", .text = "Dear client " + std::to_string(number) + ", your offer is ready"};
    return message;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    const auto messages = static_cast<std::size_t>(std::atoi(argv[2]));
    channels::SmppSettings settings{.host = "127.0.0.1", .port = std::atoi(argv[1])};
    settings.dialogue.system_id = "bank";
    settings.dialogue.password = "secret";
    settings.dialogue.window = static_cast<std::size_t>(std::atoi(argv[3]));
    const base::SystemClock clock;
    Counter counter;
    auto made = channels::SmppChannel::create(
        settings, clock,
        {.outcomes =
             [&](const std::vector<channels::Report>& reports) { counter.outcomes(reports); },
         .receipts =
             [&](const std::vector<channels::Receipt>& receipts) {
                 counter.receipts(receipts.size());
                 return true;
             },
         .inbound = {}});
    if (!made) return 1;
    auto& channel = **made;
    const auto begun = base::steady_now();
    constexpr std::size_t batch = 100;
    for (std::size_t at = 0; at < messages; at += batch) {
        counter.wait_for_room(at, channel.capacity());
        std::vector<channels::Message> out;
        for (std::size_t i = at; i < std::min(at + batch, messages); ++i)
            out.push_back(message_of(i));
        channel.send(std::move(out));
    }
    if (!counter.wait_for_all(messages)) return 1;
    const std::chrono::duration<double> seconds = base::steady_now() - begun;
    channel.stop(std::chrono::seconds{2});
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto in_seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    const auto count = static_cast<double>(messages);
    std::printf("%.0f %.2f %.1f\n", count / seconds.count(),
                (in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime)) * 1e6 / count,
                static_cast<double>(usage.ru_maxrss) / 1024);
}
