/* SPDX-License-Identifier: MIT */
/* Node lists as the kernel prints them, "0-3,7". */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mpol_nodeset s, again;
	struct mpol_error err = { 0 };
	char *text = fuzz_text(data, size), printed[MPOL_NODES_TEXT];
	int r = mpol_nodes_parse(text, &s, &err);

	if (r < 0) {
		fuzz_must_explain(r, &err);
	} else {
		MUST(mpol_nodes_print(&s, printed, sizeof(printed)) < sizeof(printed));
		MUST(mpol_nodes_parse(printed, &again, NULL) == 0);
		MUST(mpol_nodes_equal(&s, &again));
	}
	free(text);
	return 0;
}
