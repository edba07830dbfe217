// One HTTP request at a time on a handle that is used again. Hides libcurl from everything but
// http_provider.cpp's loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "channels/http_provider.h"

namespace carillon::channels {

// Used from one thread.
class HttpTransfer {
public:
    explicit HttpTransfer(const HttpProviderSettings& settings);
    ~HttpTransfer();
    HttpTransfer(const HttpTransfer&) = delete;
    HttpTransfer& operator=(const HttpTransfer&) = delete;

    bool busy() const;
    const Message& message() const;
    void* handle() const;  // CURL*
    // Prepares the request. Errors: http.field_unsafe (a control character in a header).
    base::Result<void> begin(Message message, base::Instant wall);
    // Only a connection, no request.
    void prepare_connect();

    // What became of it. `code` is a CURLcode.
    struct Result {
        Outcome outcome{};
        bool reached{false};  // the server answered something
        std::string failure{};
    };
    Result finish(int code);
    // Not finished and not to be: Uncertain if the request had begun.
    Outcome abandon(const std::string& why);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace carillon::channels
