/* SPDX-License-Identifier: MIT */
/* Policies in unit files. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_notation(mpol_notation("systemd"), data, size);
}
