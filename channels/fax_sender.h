// Hands faxes to a HylaFAX server so that none is ever sent twice: what may have been handed over
// before is looked up first, and what cannot be known is reported as Uncertain. For one thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "channels/channel.h"
#include "channels/fax_memory.h"
#include "channels/fax_outcome.h"
#include "channels/hfaxd_session.h"

namespace carillon::channels {

enum class FaxDocument { tiff, pdf };

struct FaxSenderSettings {
    HfaxdServer server{};
    std::string tag_prefix{"carillon-"};  // marks our jobs; of each installation its own
    std::vector<DialRule> dial_rules{};
    FaxDocument document{FaxDocument::tiff};  // TIFF needs no conversion on the server
    std::string modem{"any"};
    int dials_max{12};
    int tries_max{3};
    std::chrono::minutes lifetime{std::chrono::hours{3}};  // or the deadline, what comes first
    bool header_line{false};                               // the pages have one of their own
    std::size_t jobs_max{500};                             // ours in the server's queue at once
    std::chrono::milliseconds forgets_after{std::chrono::minutes{10}};  // finished jobs, at least
    std::chrono::milliseconds settle{std::chrono::seconds{10}};  // to find out after a lost answer
    std::chrono::milliseconds backoff_first{std::chrono::seconds{1}};
    std::chrono::milliseconds backoff_max{std::chrono::minutes{1}};
};

class FaxSender {
public:
    // `clock` and `memory` are borrowed.
    FaxSender(FaxSenderSettings settings, const base::Clock& clock, FaxMemory& memory);

    Outcome send(const Message& message);
    // All of our jobs the server knows. Errors: as HfaxdSession.
    base::Result<std::vector<FaxJob>> jobs();
    // Ends the session, until the next fax.
    void rest();

private:
    struct Order {
        const Message& message;
        const FaxPayload& fax;
        FaxJobOrder job{};
    };

    std::optional<Outcome> refusal(const Message& message, Order& order) const;
    std::optional<Outcome> standing(const Order& order);
    Outcome submit(const Order& order);
    std::optional<Outcome> connect();
    base::Result<std::string> begin_job(const Order& order, const FaxJobOrder& job);
    Outcome settle(const Order& order, const std::string& why);
    base::Result<std::optional<FaxJob>> find(const std::string& tag);
    std::optional<Outcome> known(const Order& order, const FaxJob& job);
    Outcome accepted(const Order& order, const std::string& job);
    Outcome closed(const std::string& why);

    const FaxSenderSettings settings_;
    const base::Clock& clock_;
    FaxMemory& memory_;
    std::unique_ptr<HfaxdSession> session_;
    std::map<std::string, FaxJob> jobs_;  // by tag, as last listed and submitted since
    bool listed_{false};                  // jobs_ holds since the server was last out of reach
    base::Steady closed_until_{};
    std::string closed_why_;
    std::chrono::milliseconds backoff_{};
};

// The server's list of our jobs, over a session of its own.
base::Result<std::vector<FaxJob>> list_fax_jobs(const HfaxdServer& server,
                                                std::string_view tag_prefix);

}  // namespace carillon::channels
