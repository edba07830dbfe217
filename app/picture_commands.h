// `carillon picture WORD`: the library of pictures that mails show.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/commands.h"

namespace carillon::app {

struct PictureWord {
    std::string name{};
    std::string meaning{};
    std::string wants{};  // the argument's name; "": none
};
const std::vector<PictureWord>& picture_words();
// `args` are read when it is run.
std::function<ExitCode(Program&, const Output&)> picture_command(const std::string& word,
                                                                 const NameArgs& args);

}  // namespace carillon::app
