// AddressSanitizer's words where the build has it (build.sh --asan), nothing where not.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JQE_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(JQE_ASAN)
#define JQE_ASAN
#endif

#ifdef JQE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes) ((void)0)
#endif
