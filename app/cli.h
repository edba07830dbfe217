// The command line: which words exist and what they mean. Answers the exit code.
#pragma once

namespace carillon::app {

int run_command_line(int argc, const char* const* argv);

}  // namespace carillon::app
