/* SPDX-License-Identifier: MIT */
/* A runtime's features, with memoryPolicy; see features.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oci/features.h"
#include "oci/config.h"

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "json/write.h"
#include "notation/names.h"

/* What every runtime that this front can stand before has had since version 1.0 of the
 * specification. */
static const char basis[] =
	"{\"ociVersionMin\":\"1.0.0\",\"ociVersionMax\":\"1.0.2\",\"hooks\":[\"prestart\","
	"\"createRuntime\",\"createContainer\",\"startContainer\",\"poststart\",\"poststop\"],"
	"\"linux\":{}}\n";

static void write_ours(struct strbuf *b)
{
	struct json_writer w = json_writer(b, JSON_LINE);

	json_begin_object(&w);
	json_key(&w, "modes");
	json_begin_array(&w);
	for (size_t i = 0; i < MPOL_N_MODES; i++)
		json_write_string(&w, mode_names[i].oci);
	json_end_array(&w);
	json_key(&w, "flags");
	json_begin_array(&w);
	for (size_t i = 0; i < N_FLAGS; i++)
		json_write_string(&w, flag_names[i].oci);
	json_end_array(&w);
	json_end_object(&w);
}

/* The parts of a features document that a configuration has at the same place. */
static int take(char *text, struct oci_config *ret, struct mpol_error *err)
{
	struct oci_config c = { .text = text, .len = strlen(text) };
	int r = scan_document(c.text, c.len, &c.root, err);

	*ret = c;
	if (r >= 0)
		r = scan_find(text, c.root, "linux", "", &ret->linux_, err);
	if (r >= 0 && !span_absent(ret->linux_.value))
		r = scan_find(text, ret->linux_.value, "memoryPolicy", "linux", &ret->policy, err);
	return r;
}

int oci_features(const struct oci_real *real, char **ret, struct mpol_error *err)
{
	static const char *const argv[] = { "runtime", "features", NULL };
	_cleanup_(oci_config_done) struct oci_config c = { 0 };
	struct strbuf ours = { 0 };
	char *answer = NULL;
	size_t len;
	int r;

	if (oci_real_ask(real, argv, &answer, NULL) < 0 ||
	    answer[strspn(answer, " \t\r\n")] != '{') {
		free(answer);
		answer = strdup(basis);
	}
	if (!answer)
		return no_memory(err, "the answer");
	r = take(answer, &c, err);
	if (r < 0)
		return r;
	write_ours(&ours);
	r = oci_config_with_policy(&c, strbuf_text(&ours), ret, &len, err);
	strbuf_done(&ours);
	return r;
}
