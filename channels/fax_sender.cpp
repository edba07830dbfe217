#include "channels/fax_sender.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;
using Submitted = HfaxdSession::Submitted;

constexpr auto look_again = 200ms;
constexpr auto suspended_retry = 15s;
constexpr auto busy_retry = 60s;

// HylaFAX sends lower numbers first; 127 is what its own clients ask for.
int priority_of(base::Purpose purpose) {
    switch (purpose) {
        case base::Purpose::transactional: return 60;
        case base::Purpose::service: return 100;
        case base::Purpose::debt: return 127;
        case base::Purpose::marketing: return 150;
    }
    std::abort();
}

bool is_document(std::string_view bytes, FaxDocument form) {
    if (form == FaxDocument::pdf) return bytes.starts_with("%PDF-");
    return bytes.starts_with(std::string_view{"II*\0", 4}) ||
           bytes.starts_with(std::string_view{"MM\0*", 4});
}

Deferred not_tried(std::string reason,
                   std::optional<std::chrono::milliseconds> retry_after = std::nullopt) {
    return {std::move(reason), false, retry_after};
}

}  // namespace

base::Result<std::vector<FaxJob>> list_fax_jobs(const HfaxdServer& server,
                                                std::string_view tag_prefix) {
    auto session = HfaxdSession::open(server);
    if (!session) return base::fail(std::move(session.error()));
    auto jobs = (*session)->jobs();
    (*session)->quit();
    if (jobs)
        std::erase_if(*jobs, [&](const FaxJob& job) {
            return job.owner != server.user || !job.tag.starts_with(tag_prefix);
        });
    return jobs;
}

FaxSender::FaxSender(FaxSenderSettings settings, const base::Clock& clock, FaxMemory& memory)
    : settings_(std::move(settings)),
      clock_(clock),
      memory_(memory),
      backoff_(settings_.backoff_first) {}

void FaxSender::rest() {
    if (session_) session_->quit();
    session_.reset();
}

base::Result<std::vector<FaxJob>> FaxSender::jobs() {
    auto jobs = list_fax_jobs(settings_.server, settings_.tag_prefix);
    listed_ = jobs.has_value();
    if (!jobs) return jobs;
    jobs_.clear();
    // Later ones win: a job that moved from one queue to the other while they were listed.
    for (const auto& job : *jobs) jobs_[job.tag] = job;
    backoff_ = settings_.backoff_first;
    return jobs;
}

Outcome FaxSender::closed(const std::string& why) {
    rest();
    listed_ = false;
    closed_why_ = why;
    closed_until_ = base::steady_now() + backoff_;
    const auto wait = std::exchange(backoff_, std::min(backoff_ * 2, settings_.backoff_max));
    return not_tried(why, wait);
}

std::optional<Outcome> FaxSender::refusal(const Message& message, Order& order) const {
    const auto& document = settings_.document == FaxDocument::pdf ? order.fax.pdf : order.fax.tiff;
    if (!is_document(document, settings_.document) || order.fax.pages < 1)
        return Rejected{"the payload is no fax document"};
    const auto dial = dial_string(settings_.dial_rules, message.to);
    if (!dial) return Rejected{dial.error().detail, dial.error().code == "fax.number_invalid"};
    order.job = {.tag = fax_tag(settings_.tag_prefix, message.key),
                 .dial_string = *dial,
                 .number = message.to,
                 .sender = order.fax.sender_name,
                 .recipient = order.fax.recipient_name,
                 .modem = settings_.modem,
                 .lifetime = settings_.lifetime,
                 .dials_max = settings_.dials_max,
                 .tries_max = settings_.tries_max,
                 .priority = priority_of(message.purpose),
                 .header_line = settings_.header_line};
    return std::nullopt;
}

Outcome FaxSender::send(const Message& message) {
    const auto* fax = std::get_if<FaxPayload>(&message.payload);
    if (fax == nullptr) return Rejected{"the payload is no fax"};
    Order order{message, *fax};
    if (auto refused = refusal(message, order)) return *refused;
    const auto now = base::steady_now();
    if (now < closed_until_)
        return not_tried(closed_why_,
                         std::chrono::ceil<std::chrono::milliseconds>(closed_until_ - now));
    if (auto outcome = standing(order)) return *outcome;
    return submit(order);
}

// What is known of the key already. Nothing: it certainly has not been handed over.
std::optional<Outcome> FaxSender::standing(const Order& order) {
    const auto note = memory_.find(order.message.key);
    if (!note) return not_tried(note.error().text(), busy_retry);
    if (*note && !(*note)->job.empty()) return accepted(order, (*note)->job);
    if (*note) {
        const auto found = find(order.job.tag);
        if (!found) return closed(found.error().text());
        if (*found) return known(order, **found);
        const auto age = clock_.now() - (*note)->begun;
        // A note from the future: the clock was set, and its age is not known.
        if (age > -1min && age < settings_.forgets_after) return std::nullopt;
        return Uncertain{"the fax was being handed over, and the server may have forgotten it"};
    }
    // A job that was suspended when last listed may be gone, or submitted, by now.
    const auto last = jobs_.find(order.job.tag);
    const bool doubtful = last != jobs_.end() && last->second.state == FaxJob::State::suspended;
    if (!listed_ || doubtful)
        if (const auto listed = jobs(); !listed) return closed(listed.error().text());
    const auto job = jobs_.find(order.job.tag);
    return job != jobs_.end() ? known(order, job->second) : std::nullopt;
}

// What a listing says of the key. Twice, because a job's file may just be written anew.
base::Result<std::optional<FaxJob>> FaxSender::find(const std::string& tag) {
    for (int look = 0; look < 2; ++look) {
        if (const auto listed = jobs(); !listed) return base::fail(listed.error());
        if (const auto job = jobs_.find(tag); job != jobs_.end()) return job->second;
    }
    return std::nullopt;
}

std::optional<Outcome> FaxSender::known(const Order& order, const FaxJob& job) {
    auto outcome = outcome_of(job, order.fax.pages, order.job.tag);
    if (!outcome)
        return not_tried("job " + job.id + " of this fax is suspended on the server",
                         suspended_retry);
    if (std::holds_alternative<Rejected>(*outcome)) return outcome;
    return accepted(order, job.id);
}

Outcome FaxSender::accepted(const Order& order, const std::string& job) {
    // Should this fail, the note without the job still leads to a look at the queue.
    (void)memory_.remember(order.message.key, {clock_.now(), job});
    return Accepted{"job " + job, {order.job.tag}, order.fax.pages};
}

std::optional<Outcome> FaxSender::connect() {
    session_.reset();
    auto opened = HfaxdSession::open(settings_.server);
    if (!opened) return closed(opened.error().text());
    session_ = std::move(*opened);
    return std::nullopt;
}

// The document and the job on the server; it does nothing with them before they are submitted.
base::Result<std::string> FaxSender::begin_job(const Order& order, const FaxJobOrder& job) {
    const auto document =
        session_->upload(settings_.document == FaxDocument::pdf ? order.fax.pdf : order.fax.tiff);
    if (!document) return base::fail(document.error());
    return session_->create(job, *document);
}

Outcome FaxSender::submit(const Order& order) {
    const auto waiting =
        std::ranges::count_if(jobs_, [](const auto& entry) { return !entry.second.finished(); });
    if (static_cast<std::size_t>(waiting) >= settings_.jobs_max)
        return not_tried("the fax server's queue is full", busy_retry);
    const bool kept_session = session_ != nullptr;
    if (!kept_session)
        if (auto away = connect()) return *away;
    auto job = order.job;
    if (const auto until = order.fax.valid_until) {
        const auto left = std::chrono::floor<std::chrono::minutes>(*until - clock_.now());
        if (left < 1min) return not_tried("what is left of its time is too short for a call");
        job.lifetime = std::min(job.lifetime, left);
    }
    auto created = begin_job(order, job);
    if (!created && kept_session && created.error().code == "fax.session_ended") {
        // The session of the fax before has ended since: that says nothing about this one.
        if (auto away = connect()) return *away;
        created = begin_job(order, job);
    }
    if (!created) {
        // The session may hold a job that was begun; without the session it is gone.
        session_.reset();
        const auto& code = created.error().code;
        if (code == "fax.server_lost" || code == "fax.session_ended")
            (void)closed(created.error().text());
        return Deferred{created.error().text()};
    }
    if (const auto kept = memory_.remember(order.message.key, {clock_.now(), {}}); !kept) {
        session_.reset();
        return not_tried(kept.error().text(), busy_retry);
    }
    if (base::steady_now() >= order.message.deadline) {
        session_.reset();
        memory_.forget(order.message.key);
        return not_tried("its deadline passed before it was handed over");
    }
    const auto answer = session_->submit(*created);
    switch (answer.submitted) {
        case Submitted::submitted:
            jobs_[job.tag] = {.id = *created, .state = FaxJob::State::ready, .tag = job.tag};
            return accepted(order, *created);
        case Submitted::refused:
            session_.reset();
            memory_.forget(order.message.key);
            return Deferred{answer.text};
        case Submitted::unknown: session_.reset(); return settle(order, answer.text);
    }
    std::abort();
}

// The job either shows as submitted, or is suspended while the server has not noticed that its
// session is gone, or is not there: then it never was submitted and cannot be any more.
Outcome FaxSender::settle(const Order& order, const std::string& why) {
    const auto until = base::steady_now() + settings_.settle;
    const auto& interrupted = settings_.server.interrupted;
    while (true) {
        const auto found = find(order.job.tag);
        if (found && !*found) {
            memory_.forget(order.message.key);
            return Deferred{"not submitted: " + why};
        }
        if (found && (*found)->state != FaxJob::State::suspended) {
            auto outcome = known(order, **found);
            if (std::holds_alternative<Rejected>(*outcome)) memory_.forget(order.message.key);
            return *outcome;
        }
        if (base::steady_now() >= until || (interrupted && interrupted())) break;
        std::this_thread::sleep_for(look_again);
    }
    (void)closed(why);
    return Uncertain{"the answer to the submission was lost: " + why};
}

}  // namespace carillon::channels
