// `carillon webhook WORD`, and what the settings say about webhooks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/output.h"
#include "app/program.h"
#include "channels/webhook_post.h"

namespace carillon::app {

struct WebhookArgs {
    std::string name{};
    std::string url{};
    std::vector<std::string> kinds{};
};
struct WebhookWord {
    std::string name{};
    std::string meaning{};
};
// All but `list` name one.
const std::vector<WebhookWord>& webhook_words();
// `args` are read when it is run.
std::function<ExitCode(Program&, const Output&)> webhook_command(const std::string& word,
                                                                 const WebhookArgs& args);
channels::WebhookLimits webhook_limits(const Config& config);

}  // namespace carillon::app
