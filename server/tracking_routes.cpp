#include <charconv>

#include "server/endpoints.h"
#include "server/tracking_writer.h"

namespace carillon::server {

namespace {

constexpr int links_max = 100'000;

// "42.3": template and link.
bool read_link(std::string_view text, base::DocumentId& id, int& link) {
    const auto* end = text.data() + text.size();
    const auto [dot, error] = std::from_chars(text.data(), end, id.value);
    if (error != std::errc{} || dot == end || *dot != '.' || id.value <= 0) return false;
    const auto [stop, second] = std::from_chars(dot + 1, end, link);
    return second == std::errc{} && stop == end && link > 0 && link <= links_max;
}

}  // namespace

std::vector<Route> tracking_routes(const TrackingServices& services) {
    const auto writer = std::make_shared<TrackingWriter>(services);
    const auto& keys = services.keys;
    // Runs on the server's thread: a keyed hash, no database.
    const LiveHandler take = [writer, &keys](Request request, Responder responder) {
        const auto message = keys.message_of_tracking_token(request.parameters.at("token"));
        TrackingWriter::Hit hit{message.value_or(base::MessageId{}),
                                {},
                                0,
                                request.method == "HEAD",
                                std::move(request.peer),
                                std::string{request.header("User-Agent")},
                                std::move(responder),
                                base::steady_now()};
        const auto link = request.parameters.find("link");
        const bool fine = message && (link == request.parameters.end() ||
                                      read_link(link->second, hit.link_template, hit.link));
        if (fine)
            writer->push(std::move(hit));
        else
            hit.responder.answer(problem(404, "tracking.link", "This link leads nowhere."));
    };
    return {{"GET", "/o/{token}", Policy::link, take, false},
            {"GET", "/c/{token}/{link}", Policy::link, take, false}};
}

}  // namespace carillon::server
