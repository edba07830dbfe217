#include "channels/webhook_post.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <new>
#include <stdexcept>

#include "base/digest.h"

namespace carillon::channels {

namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t secret_bytes = 32;
constexpr curl_off_t answer_max = 64 * 1024;

bool library_is_ready() {
    static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    return ready;
}

struct EasyDeleter {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
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

bool is_public(const curl_sockaddr& address) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(&address.addr);
    if (address.family == AF_INET)
        return is_public_address({bytes + offsetof(sockaddr_in, sin_addr), 4});
    if (address.family == AF_INET6)
        return is_public_address({bytes + offsetof(sockaddr_in6, sin6_addr), 16});
    return false;
}

struct Transfer {
    WebhookRequest request{};
    std::unique_ptr<CURL, EasyDeleter> curl{curl_easy_init()};
    HeaderList headers{};
    char error[CURL_ERROR_SIZE]{};
    curl_off_t answered{};
    bool refused{false};

    // Looked at for each address that is really connected to.
    static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
        if (!is_public(*address)) {
            static_cast<Transfer*>(self)->refused = true;
            return CURL_SOCKET_BAD;
        }
        return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    }
    static std::size_t forget_answer(char*, std::size_t, std::size_t size, void* self) {
        auto& transfer = *static_cast<Transfer*>(self);
        transfer.answered += static_cast<curl_off_t>(size);
        return transfer.answered > answer_max ? 0 : size;
    }
};

void prepare(Transfer& transfer, const WebhookLimits& limits) {
    auto* curl = transfer.curl.get();
    const auto& message = transfer.request.message;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer.error);
    curl_easy_setopt(curl, CURLOPT_URL, transfer.request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, limits.rules.allow_http ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // no surprises out of the environment
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!limits.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, limits.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(limits.connect_timeout.count()));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total_timeout.count()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::forget_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    if (!limits.rules.allow_private) {
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &transfer);
    }
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(message.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, message.body.c_str());
    append(transfer.headers, "Expect:");
    append(transfer.headers, "Content-Type: application/json");
    append(transfer.headers, "User-Agent: Carillon");
    append(transfer.headers, "webhook-id: " + message.id);
    append(transfer.headers, "webhook-timestamp: " + std::to_string(message.timestamp));
    append(transfer.headers, "webhook-signature: " + transfer.request.signature);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, transfer.headers.get());
}

WebhookAnswer answer_of(const Transfer& transfer, CURLcode code) {
    WebhookAnswer answer{transfer.request.receiver, transfer.request.delivery, 0, {}, {}};
    long status = 0;
    curl_easy_getinfo(transfer.curl.get(), CURLINFO_RESPONSE_CODE, &status);
    const bool whole = code == CURLE_OK || transfer.answered > answer_max;
    if (whole) answer.status = static_cast<int>(status);
    if (answer.good()) return answer;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(transfer.curl.get(), CURLINFO_RETRY_AFTER, &retry_after);
    if (retry_after > 0) answer.retry_after = std::chrono::seconds{retry_after};
    if (transfer.refused)
        answer.problem = "the name leads to an address inside: see webhooks.private_targets";
    else if (answer.status != 0)
        answer.problem = "answered " + std::to_string(answer.status);
    else
        answer.problem = curl_easy_strerror(code);
    return answer;
}

}  // namespace

base::Result<std::string> webhook_signature(const std::string& secret,
                                            const WebhookMessage& message) {
    if (!secret.starts_with(secret_prefix))
        return base::fail("webhook.secret", "a secret begins with whsec_");
    const auto key = base::from_base64(std::string_view{secret}.substr(secret_prefix.size()));
    if (!key) return base::fail("webhook.secret", key.error().detail);
    return "v1," +
           base::to_base64(base::hmac_sha256(
               *key, message.id + "." + std::to_string(message.timestamp) + "." + message.body));
}

std::string new_webhook_secret() {
    return std::string{secret_prefix} + base::to_base64(base::random_bytes(secret_bytes));
}

struct WebhookPost::Loop {
    WebhookLimits limits{};
    CURLM* multi{nullptr};
    std::map<CURL*, std::unique_ptr<Transfer>> transfers{};
};

WebhookPost::WebhookPost(WebhookLimits limits) : loop_(std::make_unique<Loop>()) {
    loop_->limits = std::move(limits);
    if (library_is_ready()) loop_->multi = curl_multi_init();
    if (loop_->multi == nullptr) throw std::runtime_error("libcurl cannot be initialised");
}

WebhookPost::~WebhookPost() {
    for (auto& [curl, transfer] : loop_->transfers) curl_multi_remove_handle(loop_->multi, curl);
    loop_->transfers.clear();
    curl_multi_cleanup(loop_->multi);
}

void WebhookPost::start(WebhookRequest request) {
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    if (!transfer->curl) throw std::bad_alloc{};
    prepare(*transfer, loop_->limits);
    auto* curl = transfer->curl.get();
    loop_->transfers.emplace(curl, std::move(transfer));
    curl_multi_add_handle(loop_->multi, curl);
}

std::size_t WebhookPost::under_way() const {
    return loop_->transfers.size();
}

std::vector<WebhookAnswer> WebhookPost::wait(std::chrono::milliseconds patience) {
    std::vector<WebhookAnswer> answers;
    const auto collect = [&] {
        int running = 0;
        curl_multi_perform(loop_->multi, &running);
        int left = 0;
        while (const auto* done = curl_multi_info_read(loop_->multi, &left)) {
            if (done->msg != CURLMSG_DONE) continue;
            auto* curl = done->easy_handle;
            const auto code = done->data.result;
            curl_multi_remove_handle(loop_->multi, curl);
            answers.push_back(answer_of(*loop_->transfers.at(curl), code));
            loop_->transfers.erase(curl);
        }
    };
    collect();
    if (!answers.empty()) return answers;
    curl_multi_poll(loop_->multi, nullptr, 0, static_cast<int>(patience.count()), nullptr);
    collect();
    return answers;
}

}  // namespace carillon::channels
