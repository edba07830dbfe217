// A request as it was heard and a response as it will be said: plain values.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::server {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Header names are compared without regard to ASCII case.
bool same_name(std::string_view a, std::string_view b);

// What the parser let through: bounded, without control characters outside of the body.
struct Request {
    std::string method{};
    std::string path{};   // as asked for, still percent-encoded; begins with '/' or is "*"
    std::string query{};  // behind '?', still encoded
    Headers headers{};
    std::string body{};
    std::string peer{};  // address of the other end, or of the client of a trusted proxy
    bool keep_alive{true};
    bool through_proxy{false};
    std::shared_ptr<const std::atomic<bool>> gone{};  // set once the other end has left
    std::map<std::string, std::string, std::less<>> parameters{};  // of the route, decoded

    std::string_view header(std::string_view name) const;  // "" when absent
    std::string url() const { return query.empty() ? path : path + "?" + query; }
};

// Errors are values here too: nothing but a whole response ever leaves the process.
class Response {
public:
    explicit Response(int status = 200) : status_(status) {}
    static Response of(int status, std::string_view type, std::string body);
    static Response redirect(std::string_view to);  // 302, not to be kept

    int status() const { return status_; }
    const std::string& body() const { return body_; }
    const Headers& headers() const { return headers_; }

    // Replaces. Throws std::invalid_argument for a name that is no token and for a value with a
    // control character: nobody can write a second header or a second response through this.
    Response& set(std::string_view name, std::string_view value);
    Response& set_body(std::string_view type, std::string body);

private:
    int status_;
    Headers headers_;
    std::string body_;
};

std::string_view reason_of(int status);  // "Not Found"

// The bytes on the wire. `date`: RFC 9110 date. A HEAD request gets the length, not the body.
struct Delivery {
    bool keep_alive{true};
    bool head_only{false};
    std::string_view date{};
};
void append_response(std::string& out, const Response& response, const Delivery& delivery);

// "Sun, 06 Nov 1994 08:49:37 GMT"; `seconds` since 1970.
std::string http_date(std::int64_t seconds);

// Percent-decoding of RFC 3986; false for a broken escape or a NUL. `plus_is_space`: in forms.
bool percent_decode(std::string_view text, bool plus_is_space, std::string& out);
// Fields of a query or a form body; at most 100, broken ones are left out.
std::vector<std::pair<std::string, std::string>> form_fields(std::string_view text);
std::string field_of(const std::vector<std::pair<std::string, std::string>>& fields,
                     std::string_view name);

}  // namespace carillon::server
