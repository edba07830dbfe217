#include "channels/http_transfer.h"

#include <curl/curl.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.h"
#include "channels/units.h"

namespace carillon::channels {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t answer_max = 64 * 1024;
constexpr long idle_line_seconds = 20;

struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

void append(HeaderList& list, const std::string& line) {
    auto* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc{};
    list.release();
    list.reset(longer);
}

std::string url_of(const HttpProviderSettings& settings, const HttpFields& fields) {
    auto url = settings.url.render(fields, HttpPlace::url);
    if (settings.query.empty()) return url;
    return url + (url.find('?') == std::string::npos ? "?" : "&") + form_of(settings.query, fields);
}

}  // namespace

struct HttpTransfer::State {
    const HttpProviderSettings& settings;
    CURL* curl{curl_easy_init()};
    HeaderList headers{};
    std::string body{};
    std::string answer{};
    char error[CURL_ERROR_SIZE]{};
    Message message{};
    bool is_busy{false};
    bool begun{false};     // the request may have left
    bool repeated{false};  // the library wanted to send it once more
    bool overdue{false};
    bool too_long{false};

    static std::size_t keep_answer(char* bytes, std::size_t, std::size_t size, void* self) {
        auto& state = *static_cast<State*>(self);
        const auto room = answer_max - state.answer.size();
        state.answer.append(bytes, std::min(size, room));
        state.too_long = state.too_long || size > room;
        return size > room ? 0 : size;
    }
    // Called on a standing connection just before the request: also when the library, on a line
    // that had been kept alive and broke, is about to send the same request again.
    static int before_request(void* self, char*, char*, int, int) {
        auto& state = *static_cast<State*>(self);
        state.repeated = state.begun;
        state.overdue = !state.begun && state.message.deadline < base::steady_now();
        if (state.repeated || state.overdue) return CURL_PREREQFUNC_ABORT;
        state.begun = true;
        return CURL_PREREQFUNC_OK;
    }

    void set_common();
    void set_body(const HttpFields& fields);
    base::Result<void> set_headers(const HttpFields& fields);
};

void HttpTransfer::State::set_common() {
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, this);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, settings.allow_http ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // no surprises out of the environment
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, idle_line_seconds);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(settings.connect_timeout.count()));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(settings.total_timeout.count()));
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, settings.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &State::keep_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, &State::before_request);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, this);
}

void HttpTransfer::State::set_body(const HttpFields& fields) {
    const bool has_body = settings.json || !settings.form.empty() || settings.method != "GET";
    if (has_body) {
        body = settings.json ? settings.json->render(fields) : form_of(settings.form, fields);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, settings.method.c_str());
}

base::Result<void> HttpTransfer::State::set_headers(const HttpFields& fields) {
    headers.reset();
    append(headers, "Expect:");  // no second round trip before the body
    if (settings.json) append(headers, "Content-Type: application/json");
    auto all = std::vector<std::pair<std::string, std::string>>{};
    for (const auto& field : settings.headers)
        all.emplace_back(field.name, field.value.render(fields, HttpPlace::plain));
    if (!settings.idempotency_header.empty())
        all.emplace_back(settings.idempotency_header, message.key);
    if (!settings.token.empty() && settings.user.empty())
        all.emplace_back("Authorization", "Bearer " + settings.token);
    for (const auto& [name, value] : all) {
        if (base::has_control_characters(value))
            return base::fail("http.field_unsafe",
                              "A control character would stand in the header " + name + ".");
        append(headers, name + ": " + value);
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    if (!settings.user.empty()) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
        curl_easy_setopt(curl, CURLOPT_USERNAME, settings.user.c_str());
        curl_easy_setopt(curl, CURLOPT_PASSWORD, settings.token.c_str());
    }
    return {};
}

HttpTransfer::HttpTransfer(const HttpProviderSettings& settings)
    : state_(new State{.settings = settings}) {
    if (state_->curl == nullptr) throw std::runtime_error("libcurl gives no handle");
}

HttpTransfer::~HttpTransfer() {
    curl_easy_cleanup(state_->curl);
}

bool HttpTransfer::busy() const {
    return state_->is_busy;
}

const Message& HttpTransfer::message() const {
    return state_->message;
}

void* HttpTransfer::handle() const {
    return state_->curl;
}

base::Result<void> HttpTransfer::begin(Message message, base::Instant wall) {
    auto& state = *state_;
    state.message = std::move(message);
    state.answer.clear();
    state.error[0] = '\0';
    state.begun = state.repeated = state.overdue = state.too_long = false;
    state.set_common();
    auto fields = fields_of(state.message, wall);
    fields.insert(state.settings.secrets.begin(), state.settings.secrets.end());
    curl_easy_setopt(state.curl, CURLOPT_URL, url_of(state.settings, fields).c_str());
    state.set_body(fields);
    auto done = state.set_headers(fields);
    state.is_busy = done.has_value();
    return done;
}

void HttpTransfer::prepare_connect() {
    state_->set_common();
    HttpFields fields;
    for (const auto& name : state_->settings.url.names()) fields[name] = "0";
    const auto url = state_->settings.url.render(fields, HttpPlace::url);
    curl_easy_setopt(state_->curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(state_->curl, CURLOPT_CONNECT_ONLY, 1L);
}

HttpTransfer::Result HttpTransfer::finish(int code) {
    auto& state = *state_;
    state.is_busy = false;
    Result result;
    long status = 0;
    curl_easy_getinfo(state.curl, CURLINFO_RESPONSE_CODE, &status);
    const auto library_error = [&] {
        return std::string{
            state.error[0] != '\0' ? state.error : curl_easy_strerror(static_cast<CURLcode>(code))};
    };
    const bool is_answer = code == CURLE_OK || (state.begun && status != 0 && !state.repeated);
    if (is_answer) {
        HttpAnswer answer{
            .status = static_cast<int>(status), .body = state.answer, .complete = code == CURLE_OK};
        curl_off_t retry_after = 0;
        curl_easy_getinfo(state.curl, CURLINFO_RETRY_AFTER, &retry_after);
        if (retry_after > 0) answer.retry_after = std::chrono::seconds{retry_after};
        result.reached = true;
        result.outcome =
            http_outcome(answer, state.settings.rules, units_of(state.message.payload));
        return result;
    }
    result.failure = state.repeated ? "the line broke before an answer came" : library_error();
    if (state.overdue) result.failure = "the deadline has passed";
    if (state.begun)
        result.outcome = Uncertain{result.failure};
    else
        result.outcome = Deferred{.reason = result.failure,
                                  .consumed_attempt = false,
                                  .retry_after = {},
                                  .provider_is_well = state.overdue};
    // Only a line that never stood says something about the server as such.
    result.reached = state.begun || state.overdue;
    return result;
}

Outcome HttpTransfer::abandon(const std::string& why) {
    state_->is_busy = false;
    if (state_->begun) return Uncertain{why};
    return Deferred{.reason = why, .consumed_attempt = false, .retry_after = {}};
}

}  // namespace carillon::channels
