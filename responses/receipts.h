// Delivery reports of providers, taken in once each, in any order, as late as they like: the same
// reports end in the same state. Of two final words on a part the earlier counts by the provider's
// clock, so a failure told after a delivery changes nothing.
#pragma once

#include <string>
#include <vector>

#include "campaigns/message_keys.h"
#include "channels/channel.h"
#include "db/database.h"

namespace carillon::responses {

// Safe from several threads: channels call it from their own.
class Receipts {
public:
    // All borrowed; they outlive the channels.
    Receipts(db::Database& database, const base::Clock& clock, const campaigns::MessageKeys& keys)
        : database_(database), clock_(clock), keys_(keys) {}

    // One transaction. `source`: name of the channel settings. A repeated receipt changes nothing;
    // one whose message is not known yet is kept until it is. False: nothing was stored, the
    // provider should give them again.
    bool take(const std::string& source, const std::vector<channels::Receipt>& receipts);

    // A part of a message and the word that counts on it.
    struct Part {
        std::string ref{};
        channels::Receipt::State state{};
    };

    // Applies receipts that came before the outcome of their message; true when there were some.
    bool apply_waiting();

private:
    struct Known {
        std::string source{};
        std::string ref{};
        channels::Receipt::State state{};
        std::string reason{};
        base::Instant at{};
    };

    // What a receipt does to an earlier word on the same part.
    enum class Correction { none, word_changed, address_was_bad };
    struct Contact {
        base::ClientId client{};
        int number{};
    };
    void judge_contact(db::Connection& connection, const std::vector<Part>& parts,
                       Correction correction, const Contact& contact);
    Correction note_word(db::Connection& connection, base::MessageId id, const Known& receipt);
    void take_one(db::Connection& connection, const std::string& source,
                  const channels::Receipt& receipt, base::Instant now);
    // False: the outcome of the message is still being recorded.
    bool apply(db::Connection& connection, base::MessageId id, const Known& receipt);

    db::Database& database_;
    const base::Clock& clock_;
    const campaigns::MessageKeys& keys_;
};

}  // namespace carillon::responses
