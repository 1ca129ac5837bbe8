/* SPDX-License-Identifier: MIT */
/* Policies in numactl's options. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_notation(mpol_notation("numactl"), data, size);
}
