/* SPDX-License-Identifier: MIT */
/*
 * A container's configuration: what jansson takes for JSON the scanner does, too; and whatever is
 * edited is a configuration still, in which the edit can be found and undone.
 */
#include "fuzz.h"
#include "json/read.h"
#include "oci/config.h"

/* Deeper than the scanner goes. */
static bool is_deep(const char *text, size_t len)
{
	unsigned depth = 0;

	for (size_t i = 0; i < len; i++)
		if (text[i] == '[' || text[i] == '{')
			depth++;
	return depth >= SCAN_MAX_DEPTH;
}

static void compare(const char *text, size_t len)
{
	struct json_doc doc = { 0 };
	struct span root;
	int r = scan_document(text, len, &root, NULL);

	/* Behind a number that is the whole document jansson does not see a NUL byte. */
	if (memchr(text, '\0', len))
		return;
	if (json_read(text, len, &doc, NULL) == 0)
		MUST(r == 0 || is_deep(text, len));
	json_doc_done(&doc);
}

static void take(char *text, size_t len, struct oci_config *ret)
{
	MUST(oci_config_take(text, len, ret, NULL) == 0);
}

static void edit(const struct oci_config *c)
{
	static const char hook[] =
		"{\"path\":\"/x\",\"args\":[\"mpol-runtime\",\"hook\",\"--policy=local\"]}";
	struct oci_config hooked, again;
	size_t len, again_len;
	char *text, *policy = NULL;
	struct scan_member m = { 0 };
	size_t pos = 0;

	MUST(oci_config_with_hook(c, hook, true, &text, &len, NULL) == 0);
	take(text, len, &hooked);
	MUST(span_absent(hooked.policy.value));
	while (scan_next(hooked.text, hooked.create_runtime.value, &pos, &m))
		;
	MUST(oci_hook_is_ours(hooked.text, m.value, &policy) && strcmp(policy, "local") == 0);
	free(policy);
	/* Doing it again changes nothing. */
	MUST(oci_config_with_hook(&hooked, hook, true, &text, &again_len, NULL) == 0);
	take(text, again_len, &again);
	MUST(span_absent(again.policy.value));
	oci_config_done(&again);
	oci_config_done(&hooked);
	MUST(oci_config_with_policy(c, "{\"mode\":\"MPOL_LOCAL\"}", &text, &len, NULL) == 0);
	take(text, len, &again);
	MUST(!span_absent(again.policy.value));
	oci_config_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct oci_config c;

	compare(text, size);
	if (oci_config_take(text, size, &c, NULL) < 0) /* which took the text */
		return 0;
	edit(&c);
	oci_config_done(&c);
	return 0;
}
