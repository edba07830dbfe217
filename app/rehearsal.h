// A campaign tried out before launch, as `simulate` tells it and `campaign submit` asks it.
#pragma once

#include "app/output.h"
#include "app/program.h"
#include "campaigns/calendar.h"
#include "scheduler/rehearsal.h"

namespace carillon::app {

// The slots of a campaign's schedule that begin within `days` days, in the bank's zone.
std::vector<campaigns::Slot> slots_of(const campaigns::Bundle& bundle, const base::LocalDate& from,
                                      int days);
// The day a forecast begins with: that of a one-off campaign, else today.
base::LocalDate first_day_of(const campaigns::Bundle& bundle, base::Instant now);

base::Result<std::vector<scheduler::Rehearsed>> rehearse(
    Program& program, db::Connection& connection, const campaigns::Bundle& bundle,
    base::CampaignId campaign, const std::vector<campaigns::Slot>& slots, std::int64_t sample);

// What keeps a campaign from being launched: more of the messages tried on one channel cannot be
// made than `percent_max` allows.
base::Problems too_many_unmakeable(const std::vector<scheduler::Rehearsed>& rehearsed,
                                   int percent_max);

// "sms (step 1): 87 tried, 1.94 parts each", and what cannot be made, with a client to look at.
void print_rehearsal(const Output& output, const std::vector<scheduler::Rehearsed>& rehearsed);
base::Json rehearsal_json(const scheduler::Rehearsed& rehearsed);

}  // namespace carillon::app
