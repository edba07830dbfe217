// Runs the conformance cases against the adapter that CARILLON_PEER describes; arguments name the
// cases to run, all without any. A line each: "passed|skipped|FAILED <tab> case <tab> why".
#include <algorithm>
#include <cstdio>
#include <exception>

#include "cases.h"
#include "subject.h"

using namespace carillon;
using namespace carillon::testing;

namespace {

void tell(const char* word, const Case& one, std::string why) {
    std::ranges::replace_if(
        why, [](char each) { return each == '\n' || each == '\t' || each == '\f'; }, ' ');
    std::printf("%s\t%s\t%s\n", word, one.name.c_str(), why.c_str());
    std::fflush(stdout);
}

bool run(const Case& one) {
    if (const auto why = Peer::instance().skipped(one.name); !why.empty()) {
        tell("skipped", one, why);
        return true;
    }
    try {
        Peer::instance().control("/prepare?behaviour=good");
        one.run();
        tell("passed", one, "");
        return true;
    } catch (const std::exception& error) {
        tell("FAILED", one, error.what());
        return false;
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> wanted{argv + 1, argv + argc};
    bool good = true;
    for (const auto& one : conformance_cases())
        if (wanted.empty() || std::ranges::find(wanted, one.name) != wanted.end())
            good = run(one) && good;
    return good ? 0 : 1;
}
