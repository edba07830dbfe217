// The tables of the fax channel: from numbers to dial strings, from keys to tags and back, from
// what became of a job to outcomes and receipts. Pure; safe from several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "channels/channel.h"
#include "channels/fax_job.h"

namespace carillon::channels {

// Numbers that begin with `prefix` are dialled with `dial` in its place. The longest prefix wins.
struct DialRule {
    std::string prefix{};  // "+7495"
    std::string dial{};    // "8"; digits and what modems know: * # , w W + -
};

// Without rules the number itself: HylaFAX's own dialrules then make of it what the line needs.
// Errors: fax.number_invalid (no E.164), fax.no_dial_rule.
base::Result<std::string> dial_string(const std::vector<DialRule>& rules, std::string_view number);

// A key as a tag, which may hold letters, digits and "._:@%-" only. The same key always makes the
// same tag; a key too long for one is replaced by its digest, and then cannot be told from the tag.
std::string fax_tag(std::string_view prefix, std::string_view key);
std::optional<std::string> key_of_tag(std::string_view prefix, std::string_view tag);

// Why a fax did not go through, from the words of HylaFAX (faxd/ClassModem.c++, FaxSend.c++,
// faxQueueApp.c++ of HylaFAX 6.0; the numeric codes are not told for all of them).
enum class FaxCause {
    busy,
    no_answer,
    no_carrier,
    line_cut,  // during the fax procedure: pages may have arrived
    no_line,   // our own side: no dial tone, no modem
    number_invalid,
    expired,
    stopped,  // by a person
    refused,  // by the queue: limits, permissions, documents
    other
};
FaxCause fax_cause(std::string_view status);
std::string_view name_of(FaxCause cause);

// What to say of a message whose job the server has. Nothing: the job is not submitted (yet).
std::optional<Outcome> outcome_of(const FaxJob& job, int pages, const std::string& tag);

// What became of it. Nothing while there is nothing to tell. The same event makes the same id,
// however it came to be known.
std::optional<Receipt> receipt_of(const FaxJob& job, std::string_view tag_prefix);

}  // namespace carillon::channels
