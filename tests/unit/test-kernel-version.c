/* SPDX-License-Identifier: MIT */
/* What a version tells; one row per difference, on both sides of it. */
#include <errno.h>

#include <mpol/predict.h>

#include "base/macros.h"
#include "check.h"

#define MODES(n) ((1u << (n)) - 1)

/* The modes up to and without the given one, and the five differences as they stand in struct
 * mpol_kernel. */
static const struct {
	const char *version;
	unsigned modes, flags;
	bool balancing_with_many, local, keeps, shown, whole;
} rows[] = {
	{ "5.10.223", MODES(5), 3 << 14, 0, 0, 0, 0, 0 },
	{ "5.10.0-46-cloud-amd64", MODES(5), 3 << 14, 0, 0, 0, 0, 0 },
	{ "4.19", MODES(5), 3 << 14, 0, 0, 0, 0, 0 },
	{ "5.11.22", MODES(5), 3 << 14, 0, 0, 0, 0, 0 },
	{ "5.12", MODES(5), 7 << 13, 0, 0, 1, 0, 0 },
	{ "5.13.9", MODES(5), 7 << 13, 0, 0, 1, 0, 0 },
	{ "5.14.0", MODES(5), 7 << 13, 0, 1, 1, 0, 0 },
	{ "5.15.1", MODES(6), 7 << 13, 0, 1, 1, 0, 1 },
	{ "5.15.164", MODES(6), 7 << 13, 0, 1, 1, 0, 1 },
	{ "5.15.165", MODES(6), 7 << 13, 0, 1, 1, 1, 1 },
	{ "5.16.20", MODES(6), 7 << 13, 0, 1, 1, 0, 1 },
	{ "6.1.102", MODES(6), 7 << 13, 0, 1, 1, 0, 1 },
	{ "6.1.103", MODES(6), 7 << 13, 0, 1, 1, 1, 1 },
	{ "6.1.192", MODES(6), 7 << 13, 0, 1, 1, 1, 1 },
	{ "6.1", MODES(6), 7 << 13, 0, 1, 1, 1, 1 },
	{ "6.1.0", MODES(6), 7 << 13, 0, 1, 1, 0, 1 },
	{ "6.1.0-rc3", MODES(6), 7 << 13, 0, 1, 1, 0, 1 },
	{ "6.1.0-56-cloud-amd64", MODES(6), 7 << 13, 0, 1, 1, 1, 1 },
	{ "6.6.43", MODES(6), 7 << 13, 0, 1, 1, 0, 1 },
	{ "6.6.44", MODES(6), 7 << 13, 0, 1, 1, 1, 1 },
	{ "6.8.12", MODES(6), 7 << 13, 0, 1, 1, 0, 1 },
	{ "6.9.0", MODES(7), 7 << 13, 0, 1, 1, 0, 1 },
	{ "6.10.2", MODES(7), 7 << 13, 1, 1, 1, 0, 1 },
	{ "6.10.3", MODES(7), 7 << 13, 1, 1, 1, 1, 1 },
	{ "6.11", MODES(7), 7 << 13, 1, 1, 1, 1, 1 },
	{ "6.12.107+deb13-cloud-amd64", MODES(7), 7 << 13, 1, 1, 1, 1, 1 },
	{ "6.19.9", MODES(7), 7 << 13, 1, 1, 1, 1, 1 },
	{ "7.0", MODES(7), 7 << 13, 1, 1, 0, 1, 1 },
	{ "7.2.13", MODES(7), 7 << 13, 1, 1, 0, 1, 1 },
	{ "10.1", MODES(7), 7 << 13, 1, 1, 0, 1, 1 },
};

TEST(a_version_tells_what_its_kernel_makes_of_policies)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct mpol_kernel k = { 0 };

		check_row(i, rows[i].version);
		CHECK_EQ(mpol_kernel_from_version(rows[i].version, &k, NULL), 0);
		CHECK(k.known);
		CHECK_STR(k.release, rows[i].version);
		CHECK_EQ(k.modes, rows[i].modes);
		CHECK_EQ(k.flags, rows[i].flags);
		CHECK_EQ(k.balancing_with_preferred_many, rows[i].balancing_with_many);
		CHECK_EQ(k.local_is_a_mode, rows[i].local);
		CHECK_EQ(k.balancing_keeps_user_nodes, rows[i].keeps);
		CHECK_EQ(k.balancing_is_shown, rows[i].shown);
		CHECK_EQ(k.mask_checks_whole_words, rows[i].whole);
	}
}

TEST(what_does_not_begin_with_a_version_is_refused)
{
	static const char *const bad[] = { "",	  "6",	   "6.",     ".12",	"linux-6.1",
					   "6.x", "6.12.", "6.12.x", "99999.1", "-6.1" };
	struct mpol_kernel untouched = { .release = "before" };

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct mpol_error err = { 0 };

		check_row(i, bad[i]);
		CHECK_EQ(mpol_kernel_from_version(bad[i], &untouched, &err), -EINVAL);
		CHECK_STR(err.rule->id, "kernel-version");
		CHECK_HAS(err.what, bad[i]);
		CHECK_STR(untouched.release, "before");
	}
}

TEST(every_difference_is_listed_with_its_source)
{
	size_t n;
	const struct mpol_kernel_feature *features = mpol_kernel_features(&n);

	CHECK_EQ(n, 8);
	for (size_t i = 0; i < n; i++) {
		check_row(i, features[i].name);
		CHECK(strlen(features[i].since) >= 3 && strlen(features[i].what) > 10);
		CHECK_HAS(features[i].source, "(");
	}
}
