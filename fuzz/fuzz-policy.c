/* SPDX-License-Identifier: MIT */
/* Policies in any notation, told by looking. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mpol_policy_expr p;
	struct mpol_error err = { 0 };
	char *text;
	int r;

	if (size && *data == '@') /* files are not what is tested here */
		return 0;
	text = fuzz_text(data, size);
	r = mpol_policy_parse(text, &p, &err);
	if (r < 0)
		fuzz_must_explain(r, &err);
	else
		fuzz_round_trips(&p);
	free(text);
	return 0;
}
