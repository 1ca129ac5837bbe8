/* SPDX-License-Identifier: MIT */
/*
 * Node expressions: how "0-3,7", "!2", "+0-1", "all" and "netdev:eth0" are read and written. The
 * grammar is numactl's, with its surprises removed (its "!" counts nodes instead of looking at
 * them), and the sets cpu, mem-only and dist<=N. What they mean on a machine: nodes-meant.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/list.h"
#include "base/macros.h"
#include "base/nearest.h"
#include "model/nodes-expr.h"

static const struct mpol_rule rule_syntax = {
	"nodes-syntax",
	EINVAL,
	"A node list is numbers, ranges and named sets with commas between them; a half-read list "
	"would name other nodes than were meant.",
	"write it like 0-3,7 or all or !2 or cpu,mem-only",
	"numa(3) numa_parse_nodestring(), mpol-policy(7)",
	NULL,
};
static const struct mpol_rule rule_unknown = {
	"nodes-unknown-set",
	EINVAL,
	"A word in a node list is the name of a set (all, same, cpu, mem-only, dist<=N) or a "
	"device "
	"(netdev:, ip:, file:, block:, pci:).",
	"use one of these words, or node numbers",
	"mpol-policy(7)",
	NULL,
};
static const struct mpol_rule rule_reversed = {
	"nodes-reversed",
	EINVAL,
	"A range goes from its lower to its higher number.",
	NULL,
	"numa(3) numa_parse_nodestring()",
	NULL,
};
static const struct mpol_rule rule_large = {
	"nodes-number-too-large", EINVAL, "No Linux kernel numbers nodes above 1023.", NULL,
	"mm/Kconfig NODES_SHIFT", NULL,
};
static const struct mpol_rule rule_octal = {
	"nodes-octal",
	EINVAL,
	"With a leading zero, numactl reads a number as octal and the kernel as decimal: they "
	"would "
	"name different nodes.",
	"leave the leading zero out",
	"numa(3) numa_parse_nodestring() strtoul base 0, lib/bitmap-str.c bitmap_parselist()",
	NULL,
};
static const struct mpol_rule rule_alone = {
	"nodes-stands-alone",
	EINVAL,
	"\"same\" stands for a whole node list, and positions (\"+\") are counted with numbers "
	"only.",
	"write same alone, and only numbers after +",
	"numactl(8), mpol-policy(7)",
	NULL,
};
static const struct mpol_rule rule_distance = {
	"nodes-distance",
	EINVAL,
	"Distances between nodes are 10, a node to itself, to 255, unreachable.",
	"write it like dist<=20; `mpol machine` shows the distances",
	"ACPI 6.5 section 5.2.17 (SLIT)",
	NULL,
};
static const struct mpol_rule rule_device = {
	"nodes-device-name",
	EINVAL,
	"A device is named as the system names it: an interface, an address, a path, a block "
	"device, "
	"a PCI address.",
	"write netdev:eth0, ip:192.0.2.1, file:/srv, block:sda or pci:0000:00:1f.2",
	"numactl(8)",
	NULL,
};

const struct mpol_rule *const nodes_expr_rules[] = {
	&rule_syntax, &rule_unknown,  &rule_reversed, &rule_large, &rule_octal,
	&rule_alone,  &rule_distance, &rule_device,   NULL,
};

static const struct {
	const char *word;
	unsigned set;
} sets[] = {
	{ "all", MPOL_SET_ALL },
	{ "cpu", MPOL_SET_CPU },
	{ "mem-only", MPOL_SET_MEM_ONLY },
};

static const char *const devices[] = {
	[MPOL_DEVICE_NETDEV] = "netdev:", [MPOL_DEVICE_IP] = "ip:",   [MPOL_DEVICE_FILE] = "file:",
	[MPOL_DEVICE_BLOCK] = "block:",	  [MPOL_DEVICE_PCI] = "pci:",
};

struct reader {
	const char *text, *p;
	size_t column; /* of text[0] */
	bool numactl;
	struct mpol_nodes_expr *e;
	struct mpol_error *err;
	char where[32];
};

const char *nodes_expr_device_prefix(enum mpol_device device)
{
	return devices[device];
}

/* "column N" of p. */
static const char *column(struct reader *in, const char *p)
{
	(void)snprintf(in->where, sizeof(in->where), "column %zu",
		       in->column + (size_t)(p - in->text));
	return in->where;
}

/* What stands at p, for a sentence: 'x', or "the end". */
static const char *shown(const char *p, char buf[16])
{
	if (!*p)
		return "the end";
	(void)snprintf(buf, 16,
		       (unsigned char)*p < ' ' || (unsigned char)*p > '~' ? "byte 0x%02x" : "'%c'",
		       (unsigned char)*p);
	return buf;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The value of a digit in the base, or -1. */
static int digit_value(char c, unsigned base)
{
	int v = is_digit(c) ? c - '0' : is_letter(c) ? (c | 0x20) - 'a' + 10 : -1;

	return v < (int)base ? v : -1;
}

/* Reads digits; large numbers stop growing above 1023. */
static unsigned read_digits(const char **p, unsigned base)
{
	unsigned value = 0;

	for (; digit_value(**p, base) >= 0; (*p)++)
		if (value < MPOL_MAX_NODES)
			value = value * base + (unsigned)digit_value(**p, base);
	return value;
}

/* Of "010": whether kernel and numactl disagree about it. */
static bool is_ambiguous(const char *digits, const char *end)
{
	const char *p = digits;
	unsigned octal = read_digits(&p, 8);

	return *digits == '0' && p == end && octal != read_digits(&digits, 10);
}

static int read_number(struct reader *in, unsigned *ret)
{
	const char *start = in->p, *end;
	char what[16];
	unsigned value;

	if (!is_digit(*start))
		return mpol_fail(in->err, &rule_syntax, column(in, start),
				 "a node number is expected, not %s", shown(start, what));
	if (start[0] == '0' && (start[1] | 0x20) == 'x' && digit_value(start[2], 16) >= 0) {
		in->p += 2;
		value = read_digits(&in->p, 16);
	} else if (in->numactl && start[0] == '0') {
		value = read_digits(&in->p, 8);
		if (is_digit(*in->p))
			return mpol_fail(in->err, &rule_octal, column(in, start),
					 "%.*s is no octal number",
					 (int)MIN(strspn(start, "0123456789"), 24), start);
	} else {
		value = read_digits(&in->p, 10);
		if (is_ambiguous(start, in->p))
			return mpol_fail(in->err, &rule_octal, column(in, start),
					 "%.*s is %u to the kernel and another number to numactl",
					 (int)MIN(in->p - start, 24), start, value);
	}
	end = in->p;
	if (value >= MPOL_MAX_NODES) {
		(void)mpol_fail(in->err, &rule_large, column(in, start),
				"node %.*s is above %u, the highest there can be",
				(int)MIN(end - start, 24), start, MPOL_MAX_NODES - 1);
		return mpol_hint(in->err, "name a node between 0 and %u", MPOL_MAX_NODES - 1);
	}
	*ret = value;
	return 0;
}

static int read_range(struct reader *in)
{
	const char *start = in->p;
	unsigned first, last;
	int r = read_number(in, &first);

	if (r < 0)
		return r;
	last = first;
	if (*in->p == '-') {
		in->p++;
		r = read_number(in, &last);
		if (r < 0)
			return r;
	}
	if (last < first) {
		(void)mpol_fail(in->err, &rule_reversed, column(in, start),
				"the range %u-%u is reversed", first, last);
		return mpol_hint(in->err, "write %u-%u", last, first);
	}
	bits_add_range(in->e->nodes.word, first, last);
	return 0;
}

static int read_distance(struct reader *in)
{
	const char *start = in->p;
	unsigned value;

	if (!is_digit(*in->p))
		return mpol_fail(in->err, &rule_distance, column(in, in->p),
				 "a distance is expected after dist<=");
	value = read_digits(&in->p, 10);
	if (value < 10 || value > 255)
		return mpol_fail(in->err, &rule_distance, column(in, start), "%.*s is no distance",
				 (int)MIN(in->p - start, 24), start);
	in->e->sets |= MPOL_SET_NEAR;
	in->e->distance = MAX(in->e->distance, value);
	return 0;
}

/* [SEGMENT:]BUS:DEVICE[.FUNCTION], all hexadecimal. */
static bool is_pci_address(const char *name)
{
	unsigned colons = 0, digits = 0;
	const char *p = name;

	for (; *p && *p != '.'; p++) {
		if (*p == ':' ? digits == 0 : digit_value(*p, 16) < 0)
			return false;
		digits = *p == ':' ? 0 : digits + 1;
		colons += *p == ':';
	}
	if (colons < 1 || colons > 2 || digits < 1 || digits > 2)
		return false;
	return !*p || (digit_value(p[1], 8) >= 0 && !p[2]);
}

/* A name that is one part of a path below /sys. */
static bool is_sysfs_name(const char *name)
{
	return !strchr(name, '/') && !STREQ(name, ".") && !STREQ(name, "..");
}

static int read_device(struct reader *in, enum mpol_device device)
{
	const char *name = in->p + strlen(devices[device]);
	size_t len = strlen(name);

	if (len == 0)
		return mpol_fail(in->err, &rule_device, column(in, name),
				 "a name is expected after %s", devices[device]);
	if (len >= sizeof(in->e->device_name))
		return mpol_fail(in->err, &rule_device, column(in, name),
				 "the name after %s has %zu bytes, more than any path may have",
				 devices[device], len);
	if (device == MPOL_DEVICE_PCI && !is_pci_address(name)) {
		(void)mpol_fail(in->err, &rule_device, column(in, name),
				"\"%.40s\" is no PCI address", name);
		return mpol_hint(in->err, "write [SEGMENT:]BUS:DEVICE[.FUNCTION] in hexadecimal, "
					  "as lspci does: pci:0000:00:1f.2");
	}
	if ((device == MPOL_DEVICE_NETDEV || device == MPOL_DEVICE_BLOCK) && !is_sysfs_name(name))
		return mpol_fail(in->err, &rule_device, column(in, name),
				 "\"%.40s\" is no device's name", name);
	in->e->device = device;
	memcpy(in->e->device_name, name, len + 1);
	in->p = name + len;
	return 0;
}

static int unknown_word(struct reader *in, size_t len)
{
	const char *colon = memchr(in->p, ':', len);
	size_t prefix = colon ? (size_t)(colon - in->p) + 1 : len;
	struct nearest near = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(sets); i++)
		nearest_offer(&near, in->p, len, sets[i].word);
	for (size_t i = 1; i < ELEMENTSOF(devices); i++)
		nearest_offer(&near, in->p, prefix, devices[i]);
	nearest_offer(&near, in->p, len, "same");
	nearest_offer(&near, in->p, len, "dist<=");
	(void)mpol_fail(in->err, &rule_unknown, column(in, in->p), "\"%.*s\" names no set of nodes",
			(int)MIN(len, 40), in->p);
	return near.best ? mpol_hint(in->err, "did you mean %s?", near.best) : -EINVAL;
}

static int read_word(struct reader *in)
{
	size_t len = strcspn(in->p, ",+");

	for (size_t i = 1; i < ELEMENTSOF(devices); i++)
		if (STARTS(in->p, devices[i]))
			return read_device(in, (enum mpol_device)i);
	if (STARTS(in->p, "dist<=")) {
		in->p += strlen("dist<=");
		return read_distance(in);
	}
	for (size_t i = 0; i < ELEMENTSOF(sets); i++) {
		if (len != strlen(sets[i].word) || strncmp(in->p, sets[i].word, len) != 0)
			continue;
		in->e->sets |= sets[i].set;
		in->p += len;
		return 0;
	}
	if (len == 4 && STARTS(in->p, "same"))
		return mpol_fail(in->err, &rule_alone, column(in, in->p),
				 "\"same\" stands beside something else");
	return unknown_word(in, len);
}

static int read_item(struct reader *in)
{
	char what[16];

	if (is_digit(*in->p))
		return read_range(in);
	if (!is_letter(*in->p))
		return mpol_fail(in->err, &rule_syntax, column(in, in->p),
				 "a node number or a set's name is expected, not %s",
				 shown(in->p, what));
	if (in->e->relative)
		return mpol_fail(in->err, &rule_alone, column(in, in->p),
				 "\"+\" counts positions among the allowed nodes, so numbers are "
				 "expected after it");
	return read_word(in);
}

static int read_items(struct reader *in)
{
	char what[16];

	for (;;) {
		int r = read_item(in);

		if (r < 0)
			return r;
		if (!*in->p)
			return 0;
		if (*in->p != ',' && *in->p != '+')
			return mpol_fail(in->err, &rule_syntax, column(in, in->p),
					 "a comma or the end is expected, not %s",
					 shown(in->p, what));
		in->p++;
	}
}

int nodes_expr_parse(const char *text, size_t first_column, bool numactl,
		     struct mpol_nodes_expr *ret, struct mpol_error *err)
{
	struct mpol_nodes_expr e = { 0 };
	struct reader in = { text, text, first_column, numactl, &e, err, "" };
	int r;

	if (STREQ(text, "same")) {
		e.sets = MPOL_SET_SAME;
	} else if (*text) {
		e.inverted = *in.p == '!';
		in.p += e.inverted;
		e.relative = *in.p == '+';
		in.p += e.relative;
		r = read_items(&in);
		if (r < 0)
			return r;
	}
	*ret = e;
	return 0;
}

int mpol_nodes_expr_parse(const char *text, struct mpol_nodes_expr *ret, struct mpol_error *err)
{
	return nodes_expr_parse(text, 1, false, ret, err);
}

bool mpol_nodes_expr_is_literal(const struct mpol_nodes_expr *e)
{
	return !e->sets && !e->inverted && !e->relative && e->device == MPOL_DEVICE_NONE;
}

bool mpol_nodes_expr_equal(const struct mpol_nodes_expr *a, const struct mpol_nodes_expr *b)
{
	return mpol_nodes_equal(&a->nodes, &b->nodes) && a->sets == b->sets &&
	       a->distance == b->distance && a->inverted == b->inverted &&
	       a->relative == b->relative && a->device == b->device &&
	       STREQ(a->device_name, b->device_name);
}

/* Output that is counted, and written as far as there is room. */
struct writer {
	char *buf;
	size_t size, len;
};

static void put(struct writer *out, const char *text)
{
	if (out->len < out->size)
		(void)snprintf(out->buf + out->len, out->size - out->len, "%s", text);
	out->len += strlen(text);
}

size_t mpol_nodes_expr_print(const struct mpol_nodes_expr *e, char *buf, size_t size)
{
	struct writer out = { buf, size, 0 };
	const char *comma = "";

	if (size)
		buf[0] = '\0';
	if (e->inverted)
		put(&out, "!");
	if (e->relative)
		put(&out, "+");
	if (!mpol_nodes_empty(&e->nodes)) {
		out.len += mpol_nodes_print(&e->nodes, out.len < size ? buf + out.len : NULL,
					    out.len < size ? size - out.len : 0);
		comma = ",";
	}
	for (size_t i = 0; i < ELEMENTSOF(sets); i++) {
		if (!(e->sets & sets[i].set))
			continue;
		put(&out, comma);
		put(&out, sets[i].word);
		comma = ",";
	}
	if (e->sets & MPOL_SET_NEAR) {
		char text[32];

		(void)snprintf(text, sizeof(text), "%sdist<=%u", comma, e->distance);
		put(&out, text);
		comma = ",";
	}
	if (e->sets & MPOL_SET_SAME)
		put(&out, "same");
	if (e->device != MPOL_DEVICE_NONE) {
		put(&out, comma);
		put(&out, devices[e->device]);
		put(&out, e->device_name);
	}
	return out.len;
}

size_t mpol_nodes_resolution_print(const struct mpol_nodes_expr *e,
				   const struct mpol_nodeset *nodes, char *buf, size_t size)
{
	struct writer out = { buf, size, 0 };
	char list[MPOL_NODES_TEXT];

	if (size)
		buf[0] = '\0';
	if (mpol_nodes_expr_is_literal(e))
		return 0;
	out.len = mpol_nodes_expr_print(e, buf, size);
	(void)mpol_nodes_print(nodes, list, sizeof(list));
	put(&out, " = ");
	put(&out, list);
	return out.len;
}
