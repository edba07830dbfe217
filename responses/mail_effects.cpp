#include "responses/mail_effects.h"

#include <algorithm>
#include <array>
#include <map>

namespace carillon::responses {

namespace {

constexpr std::array gravity{MailKind::hard_bounce, MailKind::full, MailKind::blocked,
                             MailKind::soft_bounce, MailKind::delivered};

bool is_earlier(const MailEvidence& a, const MailEvidence& b) {
    return std::pair{a.at, a.external_id} < std::pair{b.at, b.external_id};
}

const MailEvidence* earliest(const std::vector<MailEvidence>& mails, MailKind kind) {
    const MailEvidence* found = nullptr;
    for (const auto& mail : mails)
        if (mail.kind == kind && (found == nullptr || is_earlier(mail, *found))) found = &mail;
    return found;
}

// When the last of `limit.bounces` within the days came, for the first time.
std::optional<base::Instant> given_up_at(const std::vector<MailEvidence>& mails,
                                         const SoftLimit& limit) {
    std::map<std::int64_t, base::Instant> first;  // of each message
    for (const auto& mail : mails) {
        if (mail.kind != MailKind::soft_bounce && mail.kind != MailKind::full) continue;
        const auto [entry, is_new] = first.emplace(mail.message.value, mail.at);
        if (!is_new) entry->second = std::min(entry->second, mail.at);
    }
    std::vector<base::Instant> times;
    for (const auto& [id, at] : first) times.push_back(at);
    std::ranges::sort(times);
    const auto needed = static_cast<std::size_t>(std::max(1, limit.bounces));
    for (std::size_t i = needed; i <= times.size(); ++i)
        if (times[i - 1] - times[i - needed] <= std::chrono::days{limit.days}) return times[i - 1];
    return std::nullopt;
}

}  // namespace

std::optional<MailEvidence> settling(const std::vector<MailEvidence>& mails) {
    for (const auto kind : gravity)
        if (const auto* found = earliest(mails, kind)) return *found;
    return std::nullopt;
}

std::vector<AddressSuppression> suppressions_of(const std::vector<MailEvidence>& mails,
                                                const SoftLimit& limit) {
    std::vector<AddressSuppression> all;
    if (const auto* hard = earliest(mails, MailKind::hard_bounce))
        all.push_back({"*", "hard bounce", "mail bounces", hard->at});
    else if (const auto at = given_up_at(mails, limit))
        all.push_back({"*", "bounced repeatedly", "mail bounces", *at});
    const auto* complaint = earliest(mails, MailKind::feedback);
    if (complaint != nullptr)
        all.push_back({"marketing", "complaint", "mail complaints", complaint->at});
    const MailEvidence* order = nullptr;  // the last STOP or START
    for (const auto& mail : mails) {
        const bool is_order = mail.answer && *mail.answer != AnswerKind::reply;
        if (is_order && (order == nullptr || is_earlier(*order, mail))) order = &mail;
    }
    if (order != nullptr && *order->answer == AnswerKind::stop)
        for (const auto purpose :
             {base::Purpose::marketing, base::Purpose::service, base::Purpose::debt})
            if (purpose != base::Purpose::marketing || complaint == nullptr)
                all.push_back({std::string{name_of(purpose)}, "STOP", "mail answers", order->at});
    return all;
}

}  // namespace carillon::responses
