#include "channels/fax_channel.h"

#include <algorithm>

#include "channels/fax_inbound.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t together = 8;
constexpr std::size_t capacity_messages = 64;

}  // namespace

FaxChannel::FaxChannel(FaxChannelSettings settings, const base::Clock& clock, ChannelSinks sinks,
                       std::unique_ptr<FaxMemory> memory)
    : settings_(std::move(settings)),
      sinks_(std::move(sinks)),
      memory_(std::move(memory)),
      sender_(interruptible(), clock, *memory_),
      thread_([this] { run(); }) {}

base::Result<std::unique_ptr<FaxChannel>> FaxChannel::create(FaxChannelSettings settings,
                                                             const base::Clock& clock,
                                                             ChannelSinks sinks) {
    auto memory = FaxMemory::open(settings.folder, clock.now(), settings.keep);
    if (!memory) return base::fail(std::move(memory.error()));
    return std::unique_ptr<FaxChannel>{
        new FaxChannel{std::move(settings), clock, std::move(sinks), std::move(*memory)}};
}

FaxChannel::~FaxChannel() {
    stop(0ms);
}

FaxSenderSettings FaxChannel::interruptible() {
    auto settings = settings_.sender;
    settings.server.interrupted = [this] { return base::steady_now() >= stop_by_.load(); };
    return settings;
}

std::size_t FaxChannel::capacity() const {
    return capacity_messages;
}

void FaxChannel::send(std::vector<Message> batch) {
    const auto late = inbox_.put(std::move(batch));
    if (!late.empty()) sinks_.outcomes(given_back(late, "the channel is stopped"));
}

void FaxChannel::stop(std::chrono::milliseconds patience) {
    const auto by = base::steady_now() + patience;
    auto earlier = stop_by_.load();
    while (by < earlier && !stop_by_.compare_exchange_weak(earlier, by)) {
    }
    inbox_.stop(patience);
    const std::scoped_lock lock{stop_mutex_};
    if (thread_.joinable()) thread_.join();
}

void FaxChannel::run() {
    const auto wait = std::min(settings_.poll, settings_.poll_folders);
    while (true) {
        const auto batch = inbox_.take(together, wait);
        if (batch.finished) break;
        if (batch.given_up) {
            sinks_.outcomes(given_back(batch.messages, "the channel is stopping"));
            continue;
        }
        hand_over(batch.messages);
        if (batch.messages.empty()) sender_.rest();
        if (inbox_.stopping()) continue;
        poll_queue();
        take_fax_notices(settings_.notices, [this](const FaxJob& job) { return take(job); });
        take_received_faxes(settings_.received, settings_.region, sinks_.inbound);
    }
    sender_.rest();
}

void FaxChannel::hand_over(const std::vector<Message>& messages) {
    for (const auto& message : messages) {
        // One by one: a fax takes seconds, and who waits for this one need not wait for the next.
        const bool given_up = base::steady_now() >= stop_by_.load();
        auto outcome = given_up ? Outcome{Deferred{"the channel is stopping", false, std::nullopt}}
                                : sender_.send(message);
        sinks_.outcomes({{message.id, std::move(outcome)}});
    }
}

void FaxChannel::poll_queue() {
    if (base::steady_now() < poll_at_) return;
    poll_at_ = base::steady_now() + settings_.poll;
    const auto jobs = sender_.jobs();
    if (!jobs) return;
    std::set<std::string> still_listed;
    for (const auto& job : *jobs)
        if (const auto receipt = receipt_of(job, settings_.sender.tag_prefix))
            if (take(job)) still_listed.insert(receipt->external_id);
    told_ = std::move(still_listed);
}

bool FaxChannel::take(const FaxJob& job) {
    const auto& prefix = settings_.sender.tag_prefix;
    if (job.owner != settings_.sender.server.user || !job.tag.starts_with(prefix)) return true;
    auto receipt = receipt_of(job, prefix);
    if (!receipt || told_.contains(receipt->external_id)) return true;
    auto id = receipt->external_id;
    std::vector<Receipt> receipts;
    receipts.push_back(std::move(*receipt));
    if (!sinks_.receipts || !sinks_.receipts(std::move(receipts))) return false;
    told_.insert(std::move(id));
    return true;
}

base::Result<std::string> FaxChannel::probe() {
    const auto jobs = list_fax_jobs(settings_.sender.server, settings_.sender.tag_prefix);
    if (!jobs) return base::fail(jobs.error());
    const auto waiting =
        std::ranges::count_if(*jobs, [](const auto& job) { return !job.finished(); });
    return "HylaFAX at " + settings_.sender.server.host + ":" +
           std::to_string(settings_.sender.server.port) + " answers, " + std::to_string(waiting) +
           " of our faxes wait there";
}

base::Result<void> FaxChannel::cancel(const std::string& key) {
    const auto& server = settings_.sender.server;
    const auto tag = fax_tag(settings_.sender.tag_prefix, key);
    const auto jobs = list_fax_jobs(server, settings_.sender.tag_prefix);
    if (!jobs) return base::fail(jobs.error());
    // From the end: finished ones are listed last.
    const auto job = std::find_if(jobs->rbegin(), jobs->rend(),
                                  [&](const FaxJob& each) { return each.tag == tag; });
    if (job == jobs->rend())
        return base::fail("fax.unknown", "The fax server has no such fax.", key);
    if (job->finished()) return base::fail("fax.cancel_too_late", "The fax is finished.", key);
    auto session = HfaxdSession::open(server);
    if (!session) return base::fail(std::move(session.error()));
    auto killed = (*session)->kill(job->id);
    (*session)->quit();
    return killed;
}

}  // namespace carillon::channels
