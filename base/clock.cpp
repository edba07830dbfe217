#include "base/clock.h"

namespace carillon::base {

Instant SystemClock::now() const {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Steady steady_now() {
    return std::chrono::steady_clock::now();
}

}  // namespace carillon::base
