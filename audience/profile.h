// What the bank knows about one client, as plain values: the preview, `segment explain` and the
// in-memory evaluator of segments work on it. Loaded by audience/store.h; whoever holds a copy may
// read it from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/channel_kind.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/local_date.h"

namespace carillon::audience {

enum class AttributeType { text, number, date, flag };

// The bank's own fields by name, with the type each was declared with (table attribute_types).
using AttributeTypes = std::map<std::string, AttributeType, std::less<>>;
// text and date: std::string ("YYYY-MM-DD"); number: double; flag: bool.
using AttributeValue = std::variant<std::string, double, bool>;

std::string_view name_of(AttributeType type);
std::optional<AttributeType> attribute_type_from(std::string_view name);

struct ContactInfo {
    int number{};  // of the client's contacts; a message names it
    base::ChannelKind channel{};
    std::string address{};  // normalised, see table contacts
    int priority{1};        // 1 is tried first
    bool verified{};
    std::string state{"active"};  // active, invalid, bounced, disabled
};

// A number that takes short messages can also be called.
inline bool serves(const ContactInfo& contact, base::ChannelKind channel) {
    return contact.channel == channel ||
           (channel == base::ChannelKind::call && contact.channel == base::ChannelKind::sms);
}

struct ConsentInfo {
    base::ChannelKind channel{};
    base::Purpose purpose{};
    bool granted{};
    base::Instant at{};
    std::string source{};
    std::optional<std::string> proof{};
};

// Dates are "YYYY-MM-DD", amounts are minor units of `currency`.
struct ContractInfo {
    base::ContractId id{};
    std::string external_id{};
    std::string kind{};  // loan, deposit, card, account
    std::string product{};
    std::string status{};
    std::string currency{};
    std::optional<std::int64_t> amount_minor{};
    std::optional<std::int64_t> balance_minor{};
    std::optional<std::string> opened_on{};
    std::optional<std::string> closed_on{};
    std::optional<std::string> expires_on{};
    std::optional<std::string> next_payment_on{};
    std::optional<std::int64_t> next_payment_minor{};
    std::int64_t overdue_minor{};
    std::optional<std::string> overdue_since{};
};

// A message that reached the client, or something the client did, as far as segments ask for it.
struct ReceivedInfo {
    std::int64_t campaign{};
    base::Instant at{};
};
struct ResponseInfo {
    std::int64_t campaign{};
    std::string kind{};
    base::Instant at{};
};

struct RelationInfo {
    std::string kind{};  // spouse, guarantor, director, owner, affiliate
    base::ClientId related{};
};

struct ClientProfile {
    base::ClientId id{};
    std::string external_id{};
    std::string kind{"person"};
    std::optional<std::string> last_name{};
    std::optional<std::string> first_name{};
    std::optional<std::string> middle_name{};
    std::optional<std::string> company_name{};
    std::optional<std::string> gender{};
    std::optional<std::string> birth_date{};
    std::string locale{};
    std::optional<std::string> time_zone{};  // nothing: unknown
    std::optional<std::string> branch{};
    std::optional<std::string> manager{};
    std::string status{};
    std::optional<std::int64_t> income_minor{};
    std::string value_class{"standard"};
    std::optional<std::string> occupation{};
    std::optional<std::string> industry{};
    std::optional<std::string> household{};
    std::string search_name{};  // case-folded full name
    std::int64_t mix{};
    base::Instant created_at{};
    base::Instant updated_at{};
    std::map<std::string, AttributeValue, std::less<>> attributes{};
    std::vector<ContactInfo> contacts{};
    std::vector<ConsentInfo> consents{};
    std::vector<ContractInfo> contracts{};
    std::vector<RelationInfo> relations{};
    std::vector<ReceivedInfo> received{};  // messages accepted or delivered
    std::vector<ResponseInfo> responses{};
};

}  // namespace carillon::audience
