#include "channels/worker_thread.h"

#include <pthread.h>

#include <csignal>

namespace carillon::channels {

void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace carillon::channels
