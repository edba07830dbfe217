#include "channels/smtp_commands.h"

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "base/text.h"
#include "channels/header_field.h"

namespace carillon::channels {

namespace {

constexpr std::size_t line_bytes_max = 998;
constexpr char hex_digits[] = "0123456789ABCDEF";

// RFC 3461 section 4: what is not a plain visible character becomes +XX.
std::string xtext(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7F && c != '+' && c != '=') {
            encoded += c;
        } else {
            encoded += '+';
            encoded += hex_digits[byte >> 4];
            encoded += hex_digits[byte & 15];
        }
    }
    return encoded;
}

void read_keyword(SmtpExtensions& extensions, std::string_view line) {
    // "AUTH=PLAIN" is what some old servers write.
    const auto end = std::min(line.find_first_of(" ="), line.size());
    const auto keyword = base::fold_case(line.substr(0, end));
    const auto rest = line.substr(std::min(end + 1, line.size()));
    if (keyword == "pipelining") extensions.pipelining = true;
    if (keyword == "starttls") extensions.starttls = true;
    if (keyword == "8bitmime") extensions.eight_bit = true;
    if (keyword == "smtputf8") extensions.smtputf8 = true;
    if (keyword == "dsn") extensions.dsn = true;
    if (keyword == "size") {
        extensions.size = true;
        std::from_chars(rest.data(), rest.data() + rest.size(), extensions.size_max);
    }
    if (keyword != "auth") return;
    for (const auto mechanism : base::split(rest, ' ')) {
        const auto name = base::fold_case(mechanism);
        if (name == "plain") extensions.auth_plain = true;
        if (name == "login") extensions.auth_login = true;
    }
}

base::Result<BodyTraits> bytes_invalid(std::string detail) {
    return base::fail("email.bytes_invalid", std::move(detail));
}

}  // namespace

SmtpExtensions SmtpExtensions::parse(std::string_view ehlo_text) {
    SmtpExtensions extensions;
    const auto lines = base::split(ehlo_text, '\n');
    for (std::size_t i = 1; i < lines.size(); ++i) read_keyword(extensions, base::trim(lines[i]));
    return extensions;
}

std::string SmtpExtensions::text() const {
    std::vector<std::string> words;
    if (pipelining) words.emplace_back("PIPELINING");
    if (starttls) words.emplace_back("STARTTLS");
    if (auth_plain) words.emplace_back("AUTH=PLAIN");
    if (auth_login) words.emplace_back("AUTH=LOGIN");
    if (size) words.emplace_back("SIZE=" + std::to_string(size_max));
    if (eight_bit) words.emplace_back("8BITMIME");
    if (smtputf8) words.emplace_back("SMTPUTF8");
    if (dsn) words.emplace_back("DSN");
    return base::join(words, " ");
}

base::Result<BodyTraits> inspect_body(std::string_view bytes) {
    BodyTraits traits{.stuffing = bytes.starts_with('.'),
                      .eight_bit = !is_ascii(bytes),
                      .ends_with_crlf = bytes.ends_with("\r\n")};
    std::ptrdiff_t lines = 0;
    std::size_t start = 0;
    while (true) {
        const auto end = bytes.find('\n', start);
        if (end == std::string_view::npos) break;
        if (end == 0 || bytes[end - 1] != '\r')
            return bytes_invalid("A line ends with LF without CR.");
        if (end - start > line_bytes_max + 1)
            return bytes_invalid("A line is longer than 998 bytes.");
        ++lines;
        start = end + 1;
        if (start < bytes.size() && bytes[start] == '.') traits.stuffing = true;
    }
    if (bytes.size() - start > line_bytes_max)
        return bytes_invalid("A line is longer than 998 bytes.");
    // Every LF has its CR, so any further CR is a bare one.
    if (std::count(bytes.begin(), bytes.end(), '\r') != lines)
        return bytes_invalid("There is a CR without LF.");
    if (bytes.find('\0') != std::string_view::npos) return bytes_invalid("There is a NUL byte.");
    return traits;
}

base::Result<void> check_path(std::string_view address) {
    return check_header_address(address, "envelope");
}

void append_mail(std::string& out, const Message& message, const SmtpExtensions& extensions,
                 const BodyTraits& traits) {
    constexpr std::size_t envid_max = 100;  // RFC 3461 section 4.4
    const auto& payload = std::get<EmailPayload>(message.payload);
    out.append("MAIL FROM:<").append(payload.envelope_from).append(">");
    if (extensions.size) out.append(" SIZE=").append(std::to_string(payload.bytes.size()));
    if (extensions.eight_bit && traits.eight_bit) out += " BODY=8BITMIME";
    if (payload.smtputf8 && extensions.smtputf8) out += " SMTPUTF8";
    if (extensions.dsn) {
        out += " RET=HDRS";
        const auto envid = xtext(message.key);
        if (!envid.empty() && envid.size() <= envid_max) out.append(" ENVID=").append(envid);
    }
    out += "\r\n";
}

void append_rcpt(std::string& out, const Message& message, const SmtpExtensions& extensions) {
    const auto& payload = std::get<EmailPayload>(message.payload);
    out.append("RCPT TO:<").append(message.to).append(">");
    if (extensions.dsn && payload.dsn_failure_only) {
        out += " NOTIFY=FAILURE";
        if (is_ascii(message.to)) out.append(" ORCPT=rfc822;").append(xtext(message.to));
    }
    out += "\r\n";
}

void append_data(std::string& out, std::string_view bytes, const BodyTraits& traits) {
    if (traits.stuffing) {
        if (bytes.starts_with('.')) out += '.';
        std::size_t start = 0;
        while (true) {
            const auto dot = bytes.find("\n.", start);
            if (dot == std::string_view::npos) break;
            out.append(bytes.substr(start, dot + 1 - start)).append(".");
            start = dot + 1;
        }
        out.append(bytes.substr(start));
    } else {
        out.append(bytes);
    }
    if (!traits.ends_with_crlf) out += "\r\n";
}

std::string auth_plain_line(std::string_view user, std::string_view password) {
    std::string secret;
    secret.append(1, '\0').append(user).append(1, '\0').append(password);
    return "AUTH PLAIN " + base::to_base64(secret) + "\r\n";
}

}  // namespace carillon::channels
