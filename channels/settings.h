// A channel as it is configured: one JSON object, all mistakes reported at once with their JSON
// paths. Published as docs/schema/channel.schema.json. Secrets never stand in it, only where they
// are found.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "channels/channel.h"
#include "channels/file_channel.h"
#include "channels/mime.h"
#include "channels/secret_source.h"
#include "channels/smtp_channel.h"
#include "channels/verp.h"

namespace carillon::channels {

struct DkimSettings {
    std::string selector{};
    std::string domain{};
    std::string key_file{};  // PEM
};

// file is the sandbox: nothing leaves the machine.
enum class Transport { file, smtp };

// Where bounces and answers of an e-mail channel are fetched from.
struct InboxSettings {
    std::string url{};  // imaps://host[:port], pop3s://...; imap:// and pop3:// upgrade by STARTTLS
    std::string user{};
    SecretSource password{};
    std::string folder{"INBOX"};  // IMAP
    std::chrono::seconds every{60};
    std::string ca_file{};  // PEM; empty: the authorities the system trusts
    bool keep{false};       // IMAP: marked as read and taken instead of deleted
};

struct ChannelSettings {
    std::string name{};
    base::ChannelKind kind{base::ChannelKind::email};
    Transport transport{Transport::file};
    FileChannelSettings file{};
    SmtpSettings smtp{};  // without the password
    SecretSource password{};
    Mailbox from{};
    std::optional<Mailbox> reply_to{};
    std::string
        bounce_domain{};  // right of the '@' in return addresses; the domain of `from` if not given
    SecretSource bounce_key{};        // optional: of this channel alone
    std::string message_id_domain{};  // the domain of `from` if not given
    std::vector<DkimSettings> dkim{};
    std::optional<InboxSettings> inbox{};
    std::int64_t cost_per_message_minor{0};
};

// `folder`: what relative paths are relative to. Both transports may be described; `transport`
// chooses, so that one word takes a channel into the sandbox and out of it.
tl::expected<ChannelSettings, base::Problems> parse_channel_settings(
    const base::Json& json, const std::filesystem::path& folder);

// `clock` is borrowed by the file channel. Errors: channel.secret_missing, tls.*.
base::Result<std::unique_ptr<Channel>> make_channel(const ChannelSettings& settings,
                                                    const base::Clock& clock, OutcomeSink sink,
                                                    BeginSink begins = {});

// Reads the DKIM keys. Errors: channel.key_unreadable, dkim.*.
base::Result<EmailComposer> make_composer(const ChannelSettings& settings);

// `installation_key`: used when the channel names no key of its own. Errors:
// channel.secret_missing, channel.bounce_key_short.
base::Result<Verp> make_verp(const ChannelSettings& settings, const std::string& installation_key);

}  // namespace carillon::channels
