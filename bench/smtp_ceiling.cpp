// How many messages per second SmtpChannel delivers to a server on this machine: fixed bytes, no
// database. Usage: bench_smtp_ceiling PORT [MESSAGES=60000] [BYTES=5536] [CONNECTIONS=8] Compare
// with: smtp-source -s 8 -m MESSAGES -l BYTES -f a@b.test -t c@d.test 127.0.0.1:PORT
#include <sys/resource.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "channels/smtp_channel.h"

using namespace carillon;

namespace {

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long peak_rss_kb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

// Counts answers and lets the sender run at most `window` messages ahead.
class Window {
public:
    explicit Window(std::size_t window) : room_(window) {}
    void take(std::size_t count) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return room_ >= count; });
        room_ -= count;
    }
    void give(const std::vector<channels::Report>& reports) {
        const std::scoped_lock lock{mutex_};
        room_ += reports.size();
        for (const auto& report : reports)
            if (std::holds_alternative<channels::Accepted>(report.outcome)) ++accepted_;
        done_ += reports.size();
        changed_.notify_one();
    }
    std::size_t wait_for(std::size_t count) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return done_ >= count; });
        return accepted_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t room_;
    std::size_t done_{0};
    std::size_t accepted_{0};
};

std::string body_of(std::size_t size) {
    std::string body = "Subject: benchmark\r\n\r\n";
    while (body.size() + 78 < size) body.append(76, 'x').append("\r\n");
    return body;
}

}  // namespace

int main(int argc, char** argv) {
    const auto argument = [&](int index, long fallback) {
        return index < argc ? std::atol(argv[index]) : fallback;
    };
    channels::SmtpSettings settings;
    settings.host = "127.0.0.1";
    settings.port = static_cast<int>(argument(1, 2525));
    const auto count = static_cast<std::size_t>(argument(2, 60000));
    const auto body = body_of(static_cast<std::size_t>(argument(3, 5536)));
    // One connection is kept for urgent mail, so bulk gets what smtp-source gets.
    settings.connections = static_cast<std::size_t>(argument(4, 8)) + 1;
    settings.dialogue.tls = channels::SmtpTls::off;

    Window window{1024};
    auto channel = channels::SmtpChannel::create(
        settings, [&](const std::vector<channels::Report>& reports) { window.give(reports); });
    if (!channel) return std::fprintf(stderr, "%s\n", channel.error().text().c_str()), 1;
    const auto started = base::steady_now();
    const auto cpu = cpu_seconds();
    constexpr std::size_t batch_size = 100;
    for (std::size_t sent = 0; sent < count; sent += batch_size) {
        window.take(batch_size);
        std::vector<channels::Message> batch(std::min(batch_size, count - sent));
        for (std::size_t i = 0; i < batch.size(); ++i) {
            batch[i].id.value = static_cast<std::int64_t>(sent + i + 1);
            batch[i].key = "m-" + std::to_string(sent + i + 1);
            batch[i].to = "client@client.test";
            batch[i].payload =
                channels::EmailPayload{.envelope_from = "bounces@bank.test", .bytes = body};
        }
        (*channel)->send(std::move(batch));
    }
    const auto accepted = window.wait_for(count);
    const std::chrono::duration<double> took = base::steady_now() - started;
    std::printf(
        "{\"messages\": %zu, \"accepted\": %zu, \"messages_per_second\": %.0f, "
        "\"cpu_us_per_message\": %.1f, \"peak_rss_kb\": %ld}\n",
        count, accepted, static_cast<double>(count) / took.count(),
        (cpu_seconds() - cpu) * 1e6 / static_cast<double>(count), peak_rss_kb());
    (*channel)->stop(std::chrono::seconds{5});
    return accepted == count ? 0 : 1;
}
