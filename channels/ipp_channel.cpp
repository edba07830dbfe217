#include "channels/ipp_channel.h"

#include <cups/cups.h>

#include <algorithm>
#include <map>
#include <optional>
#include <thread>

#include "channels/certificate_chain.h"
#include "channels/message_inbox.h"

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t submitted_together = 16;
constexpr auto retry_after_failure = 30s;

struct CloseHttp {
    void operator()(http_t* http) const { httpClose(http); }
};
using Http = std::unique_ptr<http_t, CloseHttp>;
struct DeleteIpp {
    void operator()(ipp_t* ipp) const { ippDelete(ipp); }
};
using Ipp = std::unique_ptr<ipp_t, DeleteIpp>;

struct Job {
    int id{};
    std::string name{};
    int state{};
    std::string reasons{};
    std::string words{};  // the printer's own
};

bool is_over(int state) {
    return state == IPP_JSTATE_CANCELED || state == IPP_JSTATE_ABORTED ||
           state == IPP_JSTATE_COMPLETED;
}
// A job that came to nothing printed nothing: the letter may be submitted again.
bool may_print(const Job& job) {
    return job.state != IPP_JSTATE_CANCELED && job.state != IPP_JSTATE_ABORTED;
}

// The job's state in a receipt; nothing while it simply waits or prints.
std::optional<Receipt> receipt_of(const Job& job) {
    Receipt receipt{.key = job.name};
    const bool stopped = job.reasons.find("printer-stopped") != std::string::npos;
    if (job.state == IPP_JSTATE_COMPLETED) {
        receipt.state = Receipt::State::delivered;
        receipt.reason = "printed";
    } else if (is_over(job.state)) {
        receipt.state = Receipt::State::failed;
    } else if (job.state != IPP_JSTATE_HELD && job.state != IPP_JSTATE_STOPPED && !stopped) {
        return std::nullopt;
    }
    const std::string state = ippEnumString("job-state", job.state);
    if (receipt.reason.empty())
        receipt.reason = state + (job.reasons.empty() ? "" : ": " + job.reasons) +
                         (job.words.empty() ? "" : " (" + job.words + ")");
    receipt.external_id =
        job.name + " job " + std::to_string(job.id) + " " + state + " " + job.reasons;
    receipt.raw = receipt.reason;
    return receipt;
}

std::string text_of(ipp_t* answer, const char* name) {
    const auto* attribute = ippFindAttribute(answer, name, IPP_TAG_ZERO);
    const auto* text = attribute == nullptr
                           ? nullptr
                           : ippGetString(const_cast<ipp_attribute_t*>(attribute), 0, nullptr);
    const std::string found{text == nullptr ? "" : text};
    return found == "none" || found == "job-completed-successfully" ? std::string{} : found;
}

// What a refusal means for the letter.
Outcome outcome_of(ipp_status_t status) {
    const std::string words = ippErrorString(status);
    switch (status) {
        case IPP_STATUS_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED:
        case IPP_STATUS_ERROR_DOCUMENT_FORMAT_ERROR:
        case IPP_STATUS_ERROR_DOCUMENT_UNPRINTABLE:
        case IPP_STATUS_ERROR_REQUEST_ENTITY: return Rejected{words};
        case IPP_STATUS_ERROR_BUSY:
        case IPP_STATUS_ERROR_NOT_ACCEPTING_JOBS:
        case IPP_STATUS_ERROR_SERVICE_UNAVAILABLE:
        case IPP_STATUS_ERROR_PRINTER_IS_DEACTIVATED:
        case IPP_STATUS_ERROR_NOT_FOUND:
        case IPP_STATUS_ERROR_NOT_AUTHORIZED:
        case IPP_STATUS_ERROR_NOT_AUTHENTICATED:
        case IPP_STATUS_ERROR_FORBIDDEN:  // the queue or our account, never the letter
            return Deferred{words, false, retry_after_failure};
        default: return Deferred{words, true, retry_after_failure};
    }
}

// How one thread reaches the server: who we are, and whether it is who it says.
class IppLine {
public:
    explicit IppLine(const IppSettings& settings)
        : settings_(settings), password_{settings.password} {}

    // libcups keeps this for each thread.
    void authenticate() {
        cupsSetUser(settings_.user.c_str());
        cupsSetPasswordCB2(
            [](const char*, http_t*, const char*, const char*, void* password) -> const char* {
                auto& source = *static_cast<PasswordSource*>(password);
                // A password that was refused is not tried again: accounts get locked that way.
                if (source.text.empty() || std::exchange(source.told, true)) return nullptr;
                return source.text.c_str();
            },
            &password_);
    }

    base::Result<void> trusts(http_t* http) {
        if (!settings_.tls) return {};
        cups_array_t* shown = nullptr;
        httpCopyCredentials(http, &shown);
        std::vector<std::string> der;
        for (auto* one = static_cast<http_credential_t*>(cupsArrayFirst(shown)); one != nullptr;
             one = static_cast<http_credential_t*>(cupsArrayNext(shown)))
            der.emplace_back(static_cast<const char*>(one->data), one->datalen);
        httpFreeCredentials(shown);
        auto checked = check_certificates(der, settings_.host, settings_.ca_file);
        if (!checked) distrust_ = checked.error().text();
        return checked;
    }

    std::string trouble() const { return distrust_.empty() ? cupsLastErrorString() : distrust_; }

    Http connect() {
        const auto encryption =
            settings_.tls ? HTTP_ENCRYPTION_ALWAYS : HTTP_ENCRYPTION_IF_REQUESTED;
        Http http{httpConnect2(settings_.host.c_str(), settings_.port, nullptr, AF_UNSPEC,
                               encryption, 1, static_cast<int>(settings_.timeout.count()),
                               nullptr)};
        distrust_.clear();
        password_.told = false;
        if (http) {
            if (!trusts(http.get())) return {};
            const auto give_up = [](http_t*, void*) { return 0; };
            httpSetTimeout(http.get(), std::chrono::duration<double>(settings_.timeout).count(),
                           give_up, nullptr);
        }
        return http;
    }

    // A refusal came: the password may be told, once.
    void may_tell_password() { password_.told = false; }

private:
    struct PasswordSource {
        std::string text{};
        bool told{false};  // since the last connection or refusal
    };

    const IppSettings& settings_;
    PasswordSource password_;
    std::string distrust_{};  // why the server's certificate was refused; empty: it was not
};

}  // namespace

class IppChannel::Worker {
public:
    Worker(IppSettings settings, ChannelSinks sinks)
        : settings_(std::move(settings)), sinks_(std::move(sinks)), thread_([this] { run(); }) {}

    const IppSettings& settings() const { return settings_; }

    void send(std::vector<Message> batch) {
        const auto late = inbox_.put(std::move(batch));
        if (!late.empty()) sinks_.outcomes(given_back(late, "the channel is stopped"));
    }

    void stop(std::chrono::milliseconds patience) {
        inbox_.stop(patience);
        const std::scoped_lock lock{stop_mutex_};
        if (thread_.joinable()) thread_.join();
    }

    base::Result<std::string> probe() const {
        IppLine line{settings_};
        line.authenticate();
        const auto http = line.connect();
        if (!http) return base::fail("ipp.unreachable", line.trouble(), uri());
        auto request = new_request(IPP_OP_GET_PRINTER_ATTRIBUTES);
        const Ipp answer{cupsDoRequest(http.get(), request.release(), "/")};
        const auto status = cupsLastError();
        if (!answer || status > IPP_STATUS_OK_CONFLICTING)
            return base::fail("ipp.unreachable", cupsLastErrorString(), uri());
        return uri() + " is " + text_of(answer.get(), "printer-state-reasons") +
               text_of(answer.get(), "printer-state-message") + "reachable";
    }

private:
    std::string resource() const { return "/printers/" + settings_.queue; }
    std::string uri() const {
        return (settings_.tls ? "ipps://" : "ipp://") + settings_.host + ":" +
               std::to_string(settings_.port) + resource();
    }

    Ipp new_request(ipp_op_t operation) const {
        Ipp request{ippNewRequest(operation)};
        ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", nullptr,
                     uri().c_str());
        ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name",
                     nullptr, settings_.user.c_str());
        return request;
    }

    void run() {
        line_.authenticate();
        while (true) {
            const auto batch = inbox_.take(submitted_together, settings_.poll);
            if (batch.finished) return;
            if (batch.given_up) {
                sinks_.outcomes(given_back(batch.messages, "the channel is stopping"));
                continue;
            }
            for (const auto& message : batch.messages)
                sinks_.outcomes({Report{message.id, submit(message)}});
            if (base::steady_now() >= watch_at_) watch();
        }
    }

    // Connected, and knowing every job of ours that the server remembers.
    bool ready() {
        if (http_ && looked_up_) return true;
        looked_up_ = false;
        http_ = line_.connect();
        if (!http_) return false;
        auto jobs = our_jobs();
        if (!jobs) {
            http_.reset();
            return false;
        }
        known_.clear();
        for (auto& job : *jobs) {
            if (may_print(job)) known_[job.name] = job.id;
            if (!told_.contains(job.id) && watched_.size() < settings_.jobs_watched_max)
                watched_.try_emplace(job.id, job.name);
        }
        looked_up_ = true;
        return true;
    }

    Outcome submit(const Message& message) {
        const auto* letter = std::get_if<LetterPayload>(&message.payload);
        if (letter == nullptr) return Rejected{"the payload is no letter"};
        if (message.deadline < base::steady_now())
            return Deferred{"its deadline passed before it was sent", false, std::nullopt, true};
        if (!ready())
            return Deferred{std::string{"the print server cannot be used: "} + line_.trouble(),
                            false, retry_after_failure};
        if (const auto found = known_.find(message.key); found != known_.end())
            return accepted(found->second);
        if (sinks_.begins) sinks_.begins(message.id);
        bool sent = false;
        const auto answer = print(message.key, letter->pdf, sent);
        if (answer) {
            const auto status = ippGetStatusCode(answer.get());
            auto* id = ippFindAttribute(answer.get(), "job-id", IPP_TAG_INTEGER);
            if (status > IPP_STATUS_OK_CONFLICTING || id == nullptr) return outcome_of(status);
            known_[message.key] = ippGetInteger(id, 0);
            watched_.try_emplace(ippGetInteger(id, 0), message.key);
            return accepted(ippGetInteger(id, 0));
        }
        return after_lost_answer(message.key, sent);
    }

    // Nobody answered: does the server have the job?
    Outcome after_lost_answer(const std::string& key, bool sent) {
        const std::string why = line_.trouble();
        http_.reset();
        if (!sent) return Deferred{why, false, retry_after_failure};
        if (!ready()) return Uncertain{"no answer, and the job cannot be looked up: " + why};
        if (const auto found = known_.find(key); found != known_.end())
            return accepted(found->second);
        return Deferred{"no answer, and the server knows no such job: " + why, true,
                        retry_after_failure};
    }

    Accepted accepted(int job) const { return Accepted{uri() + " job " + std::to_string(job)}; }

    // nullptr: no answer, or our account or the certificate is refused; `sent` tells whether any of
    // the letter may have left.
    Ipp print(const std::string& key, const std::string& pdf, bool& sent) {
        auto request = new_request(IPP_OP_PRINT_JOB);
        ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_NAME, "job-name", nullptr,
                     key.c_str());
        ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_MIMETYPE, "document-format", nullptr,
                     "application/pdf");
        ippAddString(request.get(), IPP_TAG_JOB, IPP_TAG_KEYWORD, "sides", nullptr,
                     settings_.duplex ? "two-sided-long-edge" : "one-sided");
        const auto length = ippLength(request.get()) + pdf.size();
        auto status = cupsSendRequest(http_.get(), request.get(), resource().c_str(), length);
        if (status == HTTP_STATUS_UNAUTHORIZED) {
            line_.may_tell_password();
            if (cupsDoAuthentication(http_.get(), "POST", resource().c_str()) != 0) return nullptr;
            status = cupsSendRequest(http_.get(), request.get(), resource().c_str(), length);
        } else if (status != HTTP_STATUS_CONTINUE) {
            // A kept connection that the server has closed meanwhile: once more on a new one.
            http_ = line_.connect();
            if (!http_) return nullptr;
            status = cupsSendRequest(http_.get(), request.get(), resource().c_str(), length);
        }
        if (status != HTTP_STATUS_CONTINUE) return nullptr;
        // libcups may have connected anew by itself: the letter itself goes to nobody unchecked.
        if (!line_.trusts(http_.get())) return nullptr;
        sent = true;
        if (cupsWriteRequestData(http_.get(), pdf.data(), pdf.size()) != HTTP_STATUS_CONTINUE)
            return nullptr;
        return Ipp{cupsGetResponse(http_.get(), resource().c_str())};
    }

    std::optional<std::vector<Job>> our_jobs() {
        static const char* const wanted[] = {"job-id", "job-name", "job-state",
                                             "job-state-reasons"};
        auto request = new_request(IPP_OP_GET_JOBS);
        ippAddBoolean(request.get(), IPP_TAG_OPERATION, "my-jobs", 1);
        ippAddString(request.get(), IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "which-jobs", nullptr,
                     "all");
        ippAddStrings(request.get(), IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes",
                      static_cast<int>(std::size(wanted)), nullptr, wanted);
        const Ipp answer{cupsDoRequest(http_.get(), request.release(), resource().c_str())};
        if (!answer || cupsLastError() > IPP_STATUS_OK_CONFLICTING) return std::nullopt;
        std::vector<Job> jobs;
        Job job;
        for (auto* at = ippFirstAttribute(answer.get()); at != nullptr;
             at = ippNextAttribute(answer.get())) {
            const std::string name = ippGetName(at) == nullptr ? "" : ippGetName(at);
            if (name == "job-id") job.id = ippGetInteger(at, 0);
            if (name == "job-name") job.name = ippGetString(at, 0, nullptr);
            if (name == "job-state") job.state = ippGetInteger(at, 0);
            // A nameless attribute stands between two jobs.
            if (name.empty() && job.id != 0) jobs.push_back(std::exchange(job, {}));
        }
        if (job.id != 0) jobs.push_back(job);
        // cupsd lists a finished job that it has put away without its name; one we cannot name may
        // be the very one we look for.
        for (auto& listed : jobs) {
            if (listed.name.empty()) listed.name = name_of_job(listed.id);
            if (listed.name.empty()) return std::nullopt;
        }
        return jobs;
    }

    std::string name_of_job(int id) {
        auto request = new_request(IPP_OP_GET_JOB_ATTRIBUTES);
        ippAddInteger(request.get(), IPP_TAG_OPERATION, IPP_TAG_INTEGER, "job-id", id);
        const Ipp answer{cupsDoRequest(http_.get(), request.release(), "/")};
        return answer ? text_of(answer.get(), "job-name") : std::string{};
    }

    // Nothing when the server does not answer; a job it has forgotten is not asked for again.
    std::optional<Job> state_of(int id, const std::string& name) {
        auto request = new_request(IPP_OP_GET_JOB_ATTRIBUTES);
        ippAddInteger(request.get(), IPP_TAG_OPERATION, IPP_TAG_INTEGER, "job-id", id);
        const Ipp answer{cupsDoRequest(http_.get(), request.release(), "/")};
        const auto status = cupsLastError();
        if (status == IPP_STATUS_ERROR_NOT_FOUND) {
            told_[id];
            return std::nullopt;
        }
        if (!answer || status > IPP_STATUS_OK_CONFLICTING) return std::nullopt;
        Job job{.id = id, .name = name};
        if (auto* state = ippFindAttribute(answer.get(), "job-state", IPP_TAG_ENUM);
            state != nullptr)
            job.state = ippGetInteger(state, 0);
        job.reasons = text_of(answer.get(), "job-state-reasons");
        job.words = text_of(answer.get(), "job-printer-state-message");
        return job;
    }

    bool printer_is_stopped() {
        auto request = new_request(IPP_OP_GET_PRINTER_ATTRIBUTES);
        const Ipp answer{cupsDoRequest(http_.get(), request.release(), resource().c_str())};
        auto* state =
            answer ? ippFindAttribute(answer.get(), "printer-state", IPP_TAG_ENUM) : nullptr;
        return state != nullptr && ippGetInteger(state, 0) == IPP_PSTATE_STOPPED;
    }

    // Receipts that were not stored are told again at the next turn.
    void watch() {
        watch_at_ = base::steady_now() + settings_.poll;
        if (!ready() || !sinks_.receipts || watched_.empty()) return;
        const bool stopped = printer_is_stopped();
        for (auto at = watched_.begin(); at != watched_.end();) {
            const auto& [id, name] = *at;
            auto job = state_of(id, name);
            // The server says it of the printer only.
            if (job && stopped && job->state == IPP_JSTATE_PENDING)
                job->reasons = "printer-stopped";
            auto receipt = job ? receipt_of(*job) : std::nullopt;
            bool over = told_.contains(id) && told_[id].empty();
            if (receipt && told_[id] != receipt->external_id) {
                const auto told = receipt->external_id;
                if (!sinks_.receipts({std::move(*receipt)})) {
                    told_.erase(id);
                    ++at;
                    continue;
                }
                told_[id] = told;
            }
            over = over || (job && is_over(job->state));
            at = over ? watched_.erase(at) : std::next(at);
        }
    }

    const IppSettings settings_;
    const ChannelSinks sinks_;
    MessageInbox inbox_{};
    // All below belong to the worker's thread.
    IppLine line_{settings_};
    Http http_{};
    bool looked_up_{false};
    std::map<std::string, int> known_{};    // job by key
    std::map<int, std::string> watched_{};  // key by job
    std::map<int, std::string> told_{};     // last receipt by job; "" when the server forgot it
    base::Steady watch_at_{};
    std::mutex stop_mutex_;
    std::thread thread_;
};

IppChannel::IppChannel(IppSettings settings, ChannelSinks sinks)
    : worker_(std::make_unique<Worker>(std::move(settings), std::move(sinks))) {}

IppChannel::~IppChannel() {
    stop(0ms);
}

const std::string& IppChannel::name() const {
    return worker_->settings().name;
}

std::size_t IppChannel::capacity() const {
    return 8 * submitted_together;
}

void IppChannel::send(std::vector<Message> batch) {
    worker_->send(std::move(batch));
}

void IppChannel::stop(std::chrono::milliseconds patience) {
    worker_->stop(patience);
}

base::Result<std::string> IppChannel::probe() {
    return worker_->probe();
}

}  // namespace carillon::channels
