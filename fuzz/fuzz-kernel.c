/* SPDX-License-Identifier: MIT */
/* Policies in the kernel's text, bind=static:0-1. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_notation(mpol_notation("kernel"), data, size);
}
