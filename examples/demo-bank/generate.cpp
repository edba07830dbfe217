// Writes the demo bank as the CSV files a core banking system would hand over:
//   carillon-demo-data FOLDER [CLIENTS [SEED]]
// clients.csv, contracts.csv (three a client) and consents.csv, the same for the same numbers.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "bench/bank_generator.h"

namespace {

using carillon::bench::BankGenerator;

constexpr int contracts_per_client = 3;

template <class Append>
bool write(const std::filesystem::path& path, std::string_view header, std::int64_t rows,
           Append&& append) {
    std::ofstream file{path, std::ios::binary};
    std::string text{header};
    for (std::int64_t i = 1; i <= rows; ++i) {
        append(text, i);
        if (text.size() < 1 << 20) continue;
        file << text;
        text.clear();
    }
    file << text;
    file.close();
    if (!file) std::cerr << "carillon-demo-data: cannot write " << path << '\n';
    return static_cast<bool>(file);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 4) {
        std::cerr << "usage: carillon-demo-data FOLDER [CLIENTS [SEED]]\n";
        return 2;
    }
    const std::filesystem::path folder{argv[1]};
    const std::int64_t clients = argc > 2 ? std::atoll(argv[2]) : 5000;
    const BankGenerator bank{argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1,
                             carillon::bench::Contacts::mixed};
    std::filesystem::create_directories(folder);
    const bool good =
        write(folder / "clients.csv", bank.clients_header(), clients,
              [&](std::string& text, std::int64_t i) { bank.append_client(text, i); }) &&
        write(folder / "contracts.csv", BankGenerator::contracts_header(), clients,
              [&](std::string& text, std::int64_t i) {
                  for (int k = 0; k < contracts_per_client; ++k) bank.append_contract(text, i, k);
              }) &&
        write(folder / "consents.csv", BankGenerator::consents_header(), clients,
              [&](std::string& text, std::int64_t i) { bank.append_consents(text, i); });
    return good ? 0 : 1;
}
