/* SPDX-License-Identifier: MIT */
/* Policies in OCI's object. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_notation(mpol_notation("oci"), data, size);
}
