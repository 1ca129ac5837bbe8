/* SPDX-License-Identifier: MIT */
#include "base/macros.h"
#include "base/nearest.h"
#include "check.h"

static const char *const names[] = {
	"mode", "nodes", "flags", "interleave", "weighted-interleave", "all", "preferred-many"
};

static const struct {
	const char *word, *meant; /* NULL: nothing is near */
} rows[] = {
	{ "mode", "mode" },
	{ "mod", "mode" },
	{ "mdoe", "mode" },  /* letters swapped */
	{ "node", "nodes" }, /* as near as mode, with the same beginning */
	{ "FLAGS", "flags" },
	{ "interleaved", "interleave" },
	{ "intreleave", "interleave" },
	{ "weighted_interleave", "weighted-interleave" },
	{ "weighted interleave", "weighted-interleave" },
	{ "preferedmany", "preferred-many" },
	{ "al", "all" },
	{ "x", NULL },
	{ "", NULL },
	{ "something-else-entirely", NULL },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  NULL }, /* longer than any name */
};

TEST(a_misspelt_word_finds_the_name_that_was_meant)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct nearest near = { 0 };

		check_row(i, rows[i].word);
		for (size_t n = 0; n < ELEMENTSOF(names); n++)
			nearest_offer(&near, rows[i].word, strlen(rows[i].word), names[n]);
		CHECK_STR(near.best, rows[i].meant);
	}
}

TEST(of_a_longer_text_only_the_word_is_looked_at)
{
	struct nearest near = { 0 };

	nearest_offer(&near, "mdoe:0-1", 4, "mode");
	CHECK_STR(near.best, "mode");
}
