// One session with a HylaFAX server over its client protocol (hfaxd(8)); passive data connections
// only. Blocking, with a limit of time on every step; for one thread.
//
// Two rules of hfaxd decide how it is used (hfaxd/Jobs.c++ and Login.c++ of HylaFAX 6.0):
// * A job stands in sendq from JNEW on, with what it inherits from the default job, its tag too;
//   suspended until JSUBM, and removed when its session ends without one. So a job whose JSUBM may
//   still be on its way can be seen by others, and a tag that is in no listing is certainly not
//   submitted.
// * A listing may push the session's current job out of the server's memory. So a session either
//   lists or submits, never both.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "channels/fax_job.h"
#include "channels/hfaxd_reply.h"

namespace carillon::channels {

struct HfaxdServer {
    std::string host{"localhost"};
    int port{4559};
    std::string user{"carillon"};
    std::string password{};  // only sent when the server asks for one
    std::chrono::milliseconds connect_timeout{std::chrono::seconds{10}};
    std::chrono::milliseconds reply_timeout{std::chrono::seconds{30}};
    std::chrono::milliseconds data_timeout{std::chrono::seconds{60}};  // without any progress
    std::function<bool()> interrupted{};  // asked while waiting; true ends the wait
};

struct FaxJobOrder {
    std::string tag{};          // printable ASCII without '|'
    std::string dial_string{};  // what the modem dials
    std::string number{};       // as shown to people
    std::string sender{};
    std::string recipient{};
    std::string modem{"any"};         // or a device, or a class of them
    std::chrono::minutes lifetime{};  // the server gives up after it
    int dials_max{12};
    int tries_max{3};
    int priority{127};        // 0 (first) to 255
    bool header_line{false};  // the server prints its own line on top of every page
};

class HfaxdSession {
public:
    // Connects and logs in. Errors: fax.server_unreachable, fax.login_refused, and those below.
    static base::Result<std::unique_ptr<HfaxdSession>> open(const HfaxdServer& server);
    ~HfaxdSession();  // hangs up without a word

    // Errors of all that follow: fax.session_ended (closed by the server), fax.server_lost (no
    // answer in time), after both of which the session is of no further use; fax.server_refused
    // (with its words; the session goes on).

    // The document's name on the server. It lives until the session ends, or as long as its jobs.
    base::Result<std::string> upload(std::string_view bytes);
    // A job, not yet submitted: its id.
    base::Result<std::string> create(const FaxJobOrder& order, const std::string& document);

    // submitted: the server took the job over. refused: it did not and will not. unknown: it may or
    // may not have; a listing tells.
    enum class Submitted { submitted, refused, unknown };
    struct Answer {
        Submitted submitted{Submitted::unknown};
        std::string text{};
    };
    Answer submit(const std::string& job);

    // All jobs, waiting ones first. A job that ends meanwhile may stand there twice, never not.
    base::Result<std::vector<FaxJob>> jobs();
    base::Result<void> kill(const std::string& job);
    void quit();

private:
    class Wire;
    explicit HfaxdSession(std::unique_ptr<Wire> wire);
    base::Result<HfaxdReply> command(const std::string& line);
    base::Result<HfaxdReply> demand(const std::string& line);  // a positive reply, or an error
    base::Result<void> log_in(const HfaxdServer& server);
    base::Result<void> open_data();
    base::Result<std::string> list(const std::string& queue);

    std::unique_ptr<Wire> wire_;
};

}  // namespace carillon::channels
