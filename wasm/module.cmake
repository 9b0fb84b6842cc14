# The WebAssembly module: size first, no exceptions, no eval, no file system, our own loader.
add_executable(dvmeet_module wasm/bindings.cpp ${CORE_SOURCES})
target_include_directories(dvmeet_module PRIVATE include src)
target_compile_options(dvmeet_module PRIVATE -Oz -flto -fno-exceptions -fno-rtti -DNDEBUG
                       -DEMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)
# -Os, not -Oz: the latter picks a memcpy that goes byte by byte.
# --stack-first: an overflow traps instead of overwriting static data.
target_link_options(dvmeet_module PRIVATE -Os -flto -fno-exceptions -fno-rtti --bind
                    -sSTRICT -sMODULARIZE -sEXPORT_ES6 -sUSE_ES6_IMPORT_META=0
                    -sEXPORT_NAME=createModule -sENVIRONMENT=web -sFILESYSTEM=0 -sMALLOC=emmalloc
                    -sDYNAMIC_EXECUTION=0 -sTEXTDECODER=2
                    -sINCOMING_MODULE_JS_API=[instantiateWasm] -sSUPPORT_ERRNO=0
                    -sSUPPORT_LONGJMP=0 -sALLOW_MEMORY_GROWTH -sINITIAL_MEMORY=1MB
                    -sTOTAL_STACK=128KB -Wl,--stack-first --no-entry)
set_target_properties(dvmeet_module PROPERTIES OUTPUT_NAME dvmeet
                      RUNTIME_OUTPUT_DIRECTORY "${CMAKE_SOURCE_DIR}/wasm/dist")
