#include "responses/mail_folder.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <istream>

#include "responses/mail_inbox.h"

namespace carillon::responses {

std::string read_mail(std::istream& in) {
    std::string bytes;
    std::array<char, 65'536> room{};
    while (in) {
        in.read(room.data(), room.size());
        const auto left = mail_bytes_max - std::min(mail_bytes_max, bytes.size());
        // Read to the end: who pipes a mail in must not find a broken pipe.
        bytes.append(room.data(), std::min(left, static_cast<std::size_t>(in.gcount())));
    }
    return bytes;
}

std::int64_t take_maildir(const std::filesystem::path& folder,
                          const std::function<bool(const std::vector<std::string>& mails)>& sink) {
    constexpr std::size_t batch_max = 50;
    std::vector<std::filesystem::path> files;
    for (const auto* part : {"new", "cur"})
        if (std::filesystem::is_directory(folder / part))
            for (const auto& entry : std::filesystem::directory_iterator{folder / part})
                if (entry.is_regular_file()) files.push_back(entry.path());
    std::ranges::sort(files);
    std::int64_t taken = 0;
    for (std::size_t begin = 0; begin < files.size(); begin += batch_max) {
        const auto end = std::min(files.size(), begin + batch_max);
        std::vector<std::string> mails;
        for (auto i = begin; i < end; ++i) {
            std::ifstream in{files[i], std::ios::binary};
            mails.push_back(read_mail(in));
        }
        if (!sink(mails)) return taken;
        for (auto i = begin; i < end; ++i) std::filesystem::remove(files[i]);
        taken += static_cast<std::int64_t>(end - begin);
    }
    return taken;
}

}  // namespace carillon::responses
