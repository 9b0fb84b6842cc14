# Puts page.html, its style and its scripts into a header: -DSOURCE=this folder -DOUT=the header.
# The scripts are modules of their own for linters and type checkers; a page opened from a file can't
# import any, so they become one, in the order of their imports.
foreach(name page.html page.css steps.js layout.js diagram.js details.js page.js)
  file(READ "${SOURCE}/${name}" content)
  if(name MATCHES "\\.js$")
    string(REGEX REPLACE "(^|\n)import [^;]*;" "\\1" content "${content}")
    string(REGEX REPLACE "(^|\n)export " "\\1" content "${content}")
    string(APPEND scripts "${content}\n")
  elseif(name MATCHES "\\.css$")
    set(style "${content}")
  else()
    set(page "${content}")
  endif()
endforeach()
string(REPLACE "%STYLE%" "${style}" page "${page}")
string(REPLACE "%SCRIPT%" "${scripts}" page "${page}")
file(WRITE "${OUT}" "// Made from tools/sequence/ by embed.cmake.
#pragma once

#include <string_view>

namespace dvmeet {
inline constexpr std::string_view kSequencePage = R\"SEQUENCE(${page})SEQUENCE\";
}  // namespace dvmeet
")
