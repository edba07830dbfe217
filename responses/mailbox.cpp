#include "responses/mailbox.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "base/text.h"
#include "responses/mail_inbox.h"

namespace carillon::responses {

namespace {

constexpr std::size_t batch_max = 50;
constexpr std::size_t batch_bytes_max = 8 * 1024 * 1024;
constexpr std::size_t listing_max = 4 * 1024 * 1024;
constexpr long connect_seconds = 20;
constexpr long stalled_seconds = 60;
constexpr long transfer_seconds = 300;
// What marks a mail as taken where it is kept.
constexpr std::string_view taken_flag = "CarillonTaken";

// Keeps the beginning; what is too long is read on and forgotten, so that the session goes on.
struct Bounded {
    std::string bytes{};
    std::size_t most{};

    static std::size_t keep(char* data, std::size_t, std::size_t size, void* self) {
        auto& into = *static_cast<Bounded*>(self);
        into.bytes.append(data, std::min(size, into.most - std::min(into.most, into.bytes.size())));
        return size;
    }
};

}  // namespace

// One login: numbers of mails mean the same until it ends.
class Mailbox::Session {
public:
    Session(const channels::InboxSettings& settings, const std::string& password)
        : settings_(settings), curl_(curl_easy_init()) {
        if (curl_ == nullptr) throw std::runtime_error("libcurl gives no handle");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_PROTOCOLS_STR, "imap,imaps,pop3,pop3s");
        set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(CURLOPT_PROXY, "");
        if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
        set(CURLOPT_USERNAME, settings.user.c_str());
        set(CURLOPT_PASSWORD, password.c_str());
        set(CURLOPT_CONNECTTIMEOUT, connect_seconds);
        set(CURLOPT_TIMEOUT, transfer_seconds);
        set(CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(CURLOPT_LOW_SPEED_TIME, stalled_seconds);
        set(CURLOPT_ERRORBUFFER, error_);
        set(CURLOPT_WRITEFUNCTION, &Bounded::keep);
    }
    ~Session() { curl_easy_cleanup(curl_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // One command or transfer; the answer's beginning.
    base::Result<std::string> ask(const std::string& path, const std::string& command,
                                  std::size_t most, bool without_body = false) {
        Bounded answer{{}, most};
        set(CURLOPT_URL, (settings_.url + path).c_str());
        curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, command.empty() ? nullptr : command.c_str());
        set(CURLOPT_NOBODY, without_body ? 1L : 0L);
        if (!without_body) set(CURLOPT_HTTPGET, 1L);
        if (!command.empty()) set(CURLOPT_CUSTOMREQUEST, command.c_str());
        set(CURLOPT_WRITEDATA, &answer);
        error_[0] = '\0';
        const auto code = curl_easy_perform(curl_);
        long connections = 0;
        curl_easy_getinfo(curl_, CURLINFO_NUM_CONNECTS, &connections);
        connections_ += connections;
        if (code != CURLE_OK)
            return base::fail(code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST
                                  ? "mailbox.unreachable"
                                  : "mailbox.refused",
                              error_[0] != '\0' ? error_ : curl_easy_strerror(code), settings_.url);
        return std::move(answer.bytes);
    }

    // False: libcurl has logged in anew, numbers may mean other mails.
    bool is_the_same() const { return connections_ <= 1; }

    std::string escaped(const std::string& text) {
        char* made = curl_easy_escape(curl_, text.c_str(), static_cast<int>(text.size()));
        std::string copy{made == nullptr ? "" : made};
        curl_free(made);
        return copy;
    }

private:
    template <class Value>
    void set(CURLoption option, Value value) {
        curl_easy_setopt(curl_, option, value);
    }

    const channels::InboxSettings& settings_;
    CURL* curl_;
    char error_[CURL_ERROR_SIZE]{};
    long connections_{0};
};

namespace {

// Numbers after "* SEARCH", or those at the beginnings of lines of LIST.
std::vector<std::int64_t> numbers_in(std::string_view text, bool each_line) {
    std::vector<std::int64_t> numbers;
    for (auto line : base::split(text, '\n')) {
        line = base::trim(line);
        constexpr std::string_view search = "* SEARCH";
        if (!each_line && !line.starts_with(search)) continue;
        if (!each_line) line.remove_prefix(search.size());
        for (const auto word : base::split(line, ' ')) {
            std::int64_t number = 0;
            const auto [end, error] =
                std::from_chars(word.data(), word.data() + word.size(), number);
            if (error == std::errc{} && end == word.data() + word.size() && number > 0)
                numbers.push_back(number);
            if (each_line) break;
        }
    }
    return numbers;
}

}  // namespace

base::Result<std::unique_ptr<Mailbox>> Mailbox::open(const channels::InboxSettings& settings) {
    auto password = settings.password.read();
    if (!password) return base::fail(password.error());
    return std::unique_ptr<Mailbox>{new Mailbox{settings, std::move(*password)}};
}

Mailbox::Mailbox(const channels::InboxSettings& settings, std::string password)
    : settings_(settings), password_(std::move(password)) {}

Mailbox::~Mailbox() = default;

base::Result<std::int64_t> Mailbox::fetch(const Sink& sink, std::size_t most) {
    Session session{settings_, password_};
    const bool is_imap = settings_.url.starts_with("imap");
    const auto folder = is_imap ? "/" + session.escaped(settings_.folder) : std::string{"/"};
    const auto search = settings_.keep ? "UID SEARCH UNDELETED UNKEYWORD " + std::string{taken_flag}
                                       : std::string{"UID SEARCH UNDELETED"};
    const auto listing = session.ask(folder, is_imap ? search : "", listing_max);
    if (!listing) return base::fail(listing.error());
    auto numbers = numbers_in(*listing, !is_imap);
    if (numbers.size() > most) numbers.resize(most);
    std::int64_t taken = 0;
    std::size_t next = 0;
    while (next < numbers.size()) {
        std::vector<std::string> mails;
        std::vector<std::int64_t> held;
        std::size_t bytes = 0;
        while (next < numbers.size() && mails.size() < batch_max && bytes < batch_bytes_max) {
            const auto number = std::to_string(numbers[next]);
            auto mail = session.ask(is_imap ? folder + "/;UID=" + number : "/" + number, "",
                                    mail_bytes_max);
            if (!mail) return base::fail(mail.error());
            bytes += mail->size();
            mails.push_back(std::move(*mail));
            held.push_back(numbers[next++]);
        }
        if (!session.is_the_same())
            return base::fail("mailbox.changed", "The connection broke; the mail is fetched again.",
                              settings_.url);
        if (!sink(mails))
            return base::fail("mailbox.not_stored", "The mail could not be stored and stays there.",
                              settings_.url);
        for (const auto number : held) {
            const auto text = std::to_string(number);
            const auto flags = settings_.keep ? "\\Seen " + std::string{taken_flag} : "\\Deleted";
            const auto done =
                is_imap
                    ? session.ask(folder, "UID STORE " + text + " +FLAGS.SILENT (" + flags + ")",
                                  listing_max)
                    : session.ask("/" + text, "DELE", listing_max, true);
            if (!done) return base::fail(done.error());
            if (!session.is_the_same()) {
                // POP3 forgets what it was told to delete; the number may mean another mail.
                if (!is_imap) (void)session.ask("/", "RSET", listing_max, true);
                return base::fail("mailbox.changed",
                                  "The connection broke; the mail is fetched again.",
                                  settings_.url);
            }
        }
        taken += static_cast<std::int64_t>(held.size());
        if (is_imap && !settings_.keep)
            if (const auto done = session.ask(folder, "EXPUNGE", listing_max); !done)
                return base::fail(done.error());
    }
    return taken;
}

}  // namespace carillon::responses
