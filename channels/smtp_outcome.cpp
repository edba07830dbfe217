#include "channels/smtp_outcome.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace carillon::channels {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 5> bad_address_codes{
    "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"};  // 5.1.10: null MX (RFC 7505)

// How long a person may need to mend a refused account before it is worth asking again.
constexpr auto account_retry = 60s;

bool says_bad_address(SmtpStage stage, const SmtpReply& reply) {
    const auto enhanced = reply.enhanced();
    if (std::ranges::find(bad_address_codes, enhanced) != bad_address_codes.end())
        return stage == SmtpStage::rcpt || stage == SmtpStage::dot;
    return stage == SmtpStage::rcpt && enhanced.empty() && reply.code == 550;
}

// 530 and 535: authentication (RFC 4954); 538: encryption; 50x: we and the server misunderstand
// each other.
bool is_about_us(SmtpStage stage, const SmtpReply& reply) {
    if (reply.code == 530 || reply.code == 535 || reply.code == 538) return true;
    if (reply.code == 502 || reply.code == 503) return true;
    const bool about_size = reply.code == 552 || reply.enhanced() == "5.3.4";
    return stage == SmtpStage::mail && !about_size;
}

// Greylisting, a full mailbox, a policy about the recipient: the server is well. Everything else
// that is temporary may be its own trouble (RFC 3463: x.3 is the mail system, x.4 the network).
bool is_about_message(SmtpStage stage, const SmtpReply& reply) {
    const auto enhanced = reply.enhanced();
    if (enhanced.empty()) return stage == SmtpStage::rcpt && reply.code == 450;
    if (stage == SmtpStage::mail && enhanced.starts_with("4.7.")) return false;  // it throttles us
    return enhanced.starts_with("4.1.") || enhanced.starts_with("4.2.") ||
           enhanced.starts_with("4.7.");
}

std::string_view name_of(SmtpStage stage) {
    switch (stage) {
        case SmtpStage::mail: return "MAIL";
        case SmtpStage::rcpt: return "RCPT";
        case SmtpStage::data: return "DATA";
        case SmtpStage::dot: return "message";
    }
    return {};
}

}  // namespace

Outcome refusal_of(SmtpStage stage, const SmtpReply& reply) {
    auto reason = describe(reply) + " (" + std::string{name_of(stage)} + ")";
    if (reply.permanent()) {
        if (is_about_us(stage, reply))
            return Deferred{.reason = std::move(reason),
                            .consumed_attempt = false,
                            .retry_after = account_retry};
        return Rejected{.reason = std::move(reason),
                        .address_is_bad = says_bad_address(stage, reply)};
    }
    // At MAIL nothing is known of the recipient: 421 is the server going away, 4.7 a limit of ours
    // there ("too much mail"). Later it may well be about this message.
    const bool is_limit = stage == SmtpStage::mail && reply.enhanced().starts_with("4.7.");
    const bool about_message = !is_limit && (reply.code != 421 || stage != SmtpStage::mail);
    std::optional<std::chrono::milliseconds> later;
    if (is_limit) later = account_retry;
    return Deferred{.reason = std::move(reason),
                    .consumed_attempt = about_message,
                    .retry_after = later,
                    .provider_is_well = is_about_message(stage, reply)};
}

}  // namespace carillon::channels
