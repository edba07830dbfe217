// What templates may say: the catalogue of merge fields, and how their values are taken from a
// client's rows.
//   client.*         the person or company     client.attributes.*       the bank's own fields
//   contract.*       the contract it is about  contracts                 all of them, as a list
//   event.*          what an event brought     campaign.*, bank.*        the same for everyone
//   unsubscribe_url  the way out               view_url                  e-mails: it in a browser
//   today
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/local_date.h"
#include "db/database.h"
#include "templates/fields.h"

namespace carillon::campaigns {

enum class AttributeKind { text, number, date, flag };
using AttributeKinds = std::map<std::string, AttributeKind>;
AttributeKinds load_attribute_kinds(db::Connection& connection);

templates::FieldCatalog merge_catalog(const AttributeKinds& attributes);

// Fields that `carillon event` accepts in a payload, all optional.
templates::FieldCatalog event_fields();

// The same for every message of a batch.
struct MergeCommon {
    base::LocalDate today{};  // of the run: what ages and overdue days are counted to
    std::string campaign_name{};
    std::string campaign_title{};
    std::string bank_name{};
    std::string bank_phone{};
    std::string bank_url{};
    std::string currency{"RUB"};
};

struct MergeSubject {
    base::MessageId message{};
    base::ClientId client{};
    std::optional<base::ContractId> contract{};
    std::optional<std::int64_t> event{};
    std::string unsubscribe_url{};
    std::string view_url{};        // empty: no e-mail, or clients have no address to reach us at
    std::string tracking_token{};  // empty: the campaign does not track
};

struct Merged {
    base::MessageId message{};
    std::string locale{};
    std::string display_name{};  // for the To header
    std::unique_ptr<templates::RenderData> data{};
};

// Loads and fills exactly `fields` (of one compiled template) for all subjects, no two of the same
// client. A subject whose client is gone is missing from the answer. `fields` must outlive the
// answer.
std::vector<Merged> merge(db::Connection& reader, const templates::Fields& fields,
                          const std::vector<MergeSubject>& subjects, const MergeCommon& common);

}  // namespace carillon::campaigns
