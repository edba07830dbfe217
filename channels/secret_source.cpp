#include "channels/secret_source.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace carillon::channels {

base::Result<std::string> SecretSource::read() const {
    if (!environment.empty()) {
        const char* value = std::getenv(environment.c_str());
        if (value == nullptr || *value == '\0')
            return base::fail("channel.secret_missing", "The environment variable is not set.",
                              environment);
        return std::string{value};
    }
    std::ifstream in{file, std::ios::binary};
    if (!in) return base::fail("channel.secret_missing", "The file cannot be read.", file);
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    if (text.empty()) return base::fail("channel.secret_missing", "The file is empty.", file);
    return text;
}

SecretSource read_secret_source(base::ObjectReader& reader, const std::string& name,
                                const std::string& folder) {
    SecretSource source{.environment = reader.text(name + "_env"),
                        .file = reader.text(name + "_file")};
    if (!source.file.empty()) source.file = (std::filesystem::path{folder} / source.file).string();
    if (!source.environment.empty() && !source.file.empty())
        reader.problem(name + "_file", "channel.secret_twice",
                       "either " + name + "_env or " + name + "_file, not both");
    return source;
}

}  // namespace carillon::channels
