// How the command line tells what came of trying a campaign out (desk/forecast.h).
#pragma once

#include "app/output.h"
#include "desk/forecast.h"

namespace carillon::app {

// "sms (step 1): 87 tried, 1.94 parts each", and what cannot be made, with a client to look at.
void print_rehearsal(const Output& output, const std::vector<scheduler::Rehearsed>& rehearsed);

}  // namespace carillon::app
