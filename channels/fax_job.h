// A fax job as HylaFAX tells of it: in the listings of hfaxd (LIST sendq, LIST doneq) and in what
// its notify script is given. Pure; safe from several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::channels {

struct FaxJob {
    // As in sendq(5). A suspended job is one that a session has begun and not submitted, or one an
    // operator has stopped; blocked, ready, sleeping and pending ones wait for their turn.
    enum class State {
        undefined,
        suspended,
        pending,
        sleeping,
        blocked,
        ready,
        active,
        done,
        failed
    };

    std::string id{};  // of the server: "42"
    State state{State::undefined};
    int pages{};        // sent so far
    int pages_total{};  // of the document, once it has been read
    int dials{};
    std::string owner{};   // who logged in to submit it
    std::string tag{};     // JOBINFO: ours
    std::string status{};  // why it failed, or what it waits for

    bool finished() const { return state == State::done || state == State::failed; }
};

// For JOBFMT. The status stands last because it is the only field that may hold any text.
inline constexpr std::string_view fax_job_format = "%j|%a|%p|%y|%d|%o|%J|%s";

// A listing in that format; lines of another form are left out.
std::vector<FaxJob> parse_fax_jobs(std::string_view listing);

// What the notify script handed on: lines "name:value" of the job's queue file (sendq(5)).
// Nothing when it is not such a file.
std::optional<FaxJob> parse_fax_notice(std::string_view text);

// `text` as a quoted string of an hfaxd command: no control characters, and at most `bytes_max`
// bytes as written, so that nothing can end the string, the line or the server's line buffer (512
// bytes, what stands beyond it would be read as a command).
std::string hfaxd_quoted(std::string_view text, std::size_t bytes_max = 400);

}  // namespace carillon::channels
