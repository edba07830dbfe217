// One page about one client: who he is, how loyal, what he brings, what he does, what lies ahead,
// what he holds, what he was sent. Reads only.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "base/local_date.h"
#include "db/database.h"
#include "reports/document.h"
#include "reports/words.h"

namespace carillon::reports {

struct ClientPageQuestion {
    std::string external_id{};
    base::LocalDate today{};
    std::string currency{};  // the bank's own
};

// Nothing when there is no such client.
std::optional<Document> client_page(db::Connection& connection, const ClientPageQuestion& question,
                                    const Words& words);

// Sections, sentences and tables as they stand, for machines.
base::Json to_json(const Document& document);

}  // namespace carillon::reports
