// Any bytes as a mail: never a crash, always valid UTF-8 out, the same answer twice, bounded
// memory.
#include <cstdint>
#include <cstdlib>

#include "base/text.h"
#include "responses/mail_classify.h"
#include "responses/mail_match.h"
#include "responses/reply_text.h"

using namespace carillon;
using namespace carillon::responses;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    static const MailKeys keys{campaigns::MessageKeys{"a secret of the fuzzer"},
                               {channels::Verp{"a secret of the fuzzer", "bank.test"}}};
    const auto mail = parse_mail(bytes);
    require(base::is_valid_utf8(mail.text) && mail.text.size() <= 256 * 1024);
    for (const auto& [name, value] : mail.headers)
        require(base::is_valid_utf8(name) && base::is_valid_utf8(value));
    const auto verdict = classify(mail, builtin_mail_rules());
    require(verdict.recipients.size() <= 50);
    for (const auto& one : verdict.recipients)
        require(base::is_valid_utf8(one.diagnostic) && one.diagnostic.size() <= 500 &&
                base::is_valid_utf8(one.final) && base::is_valid_utf8(one.original));
    const auto again = classify(mail, builtin_mail_rules());
    require(again.kind == verdict.kind && again.reason == verdict.reason);
    // Nobody guesses a key.
    require(!match(mail, {}, keys).message);
    const auto own = reply_text(mail.text);
    require(base::is_valid_utf8(own) && own.size() <= mail.text.size());
    return 0;
}
