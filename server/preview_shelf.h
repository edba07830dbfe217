// Rendered messages that somebody is about to look at: each lies here for a few minutes under an
// unguessable ticket and is shown on an origin of its own, where it can reach neither the API nor
// a session (docs/server.md, "Previews").
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "server/router.h"

namespace carillon::server {

// In the memory of this process only: what a client is sent is written nowhere for being looked at.
// Safe from several threads.
class PreviewShelf {
public:
    struct Limits {
        std::size_t bytes{std::size_t{64} << 20};  // above it the oldest make room
        std::chrono::seconds kept{std::chrono::minutes{15}};
    };
    explicit PreviewShelf(const base::Clock& clock) : PreviewShelf(clock, Limits{}) {}
    PreviewShelf(const base::Clock& clock, Limits limits) : clock_(clock), limits_(limits) {}

    // The ticket: 256 random bits, base64url. "" when `html` alone is over the limit.
    std::string put(std::string html);
    // Nothing for a ticket that was never given, or too long ago.
    std::optional<std::string> find(std::string_view ticket);

private:
    struct Item {
        std::string ticket{};
        std::string html{};
        base::Instant until{};
    };
    void drop_first();
    void drop_expired();

    const base::Clock& clock_;
    const Limits limits_;
    std::mutex mutex_;
    std::list<Item> items_;  // the oldest first
    std::map<std::string, std::list<Item>::iterator, std::less<>> by_ticket_;
    std::size_t bytes_{};
};

// As it is shown: a grey field stands for each picture of another host, since looking at a message
// must tell nobody that it was looked at. Pictures of our own library ("<public_url>/i/...") are
// taken from `here` instead, where previews are; without a public_url there are none.
std::string without_foreign_pictures(std::string_view html, std::string_view public_url = {},
                                     std::string_view here = {});

// GET /v/{ticket}, `?view=dark` as a mail program in dark mode shows it. For a listener of its own:
// sets no cookie, reads none, and what it shows runs nothing and loads nothing but pictures of this
// very listener.
std::vector<Route> preview_routes(PreviewShelf& shelf);

}  // namespace carillon::server
