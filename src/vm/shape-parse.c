/* SPDX-License-Identifier: MIT */
/* The text of a shape, and the fields of a test that are one; see shape.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vm/shape-wanted.h"

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"

static const struct mpol_rule rule_syntax = {
	"shape-syntax",
	EINVAL,
	"A shape is like 2n4l4c1t, or KEY=VALUE with commas between, or both; a half-read shape "
	"would be another machine than was meant.",
	"see SHAPES in mpol-vm(1)",
	NULL,
	NULL,
};
#define MAX_CELLS ((size_t)VM_MAX_NODES * VM_MAX_NODES)
#define MAX_VALUE ((uint64_t)1 << 60)

static const struct {
	const char *name;
	char letter; /* in the short form */
	bool sizes;  /* numbers take K, M, G or T */
	bool lists;  /* rows, separated by colons */
	bool tables; /* columns, separated by slashes */
} keys[SHAPE_N_KEYS] = {
	[SHAPE_NODES] = { "nodes", 'n' },
	[SHAPE_LLCS] = { "llcs", 'l' },
	[SHAPE_CORES] = { "cores", 'c' },
	[SHAPE_THREADS] = { "threads", 't' },
	[SHAPE_CPUS] = { "cpus", .lists = true },
	[SHAPE_MEMORY] = { "memory", .sizes = true, .lists = true },
	[SHAPE_HOTPLUG] = { "hotplug", .sizes = true, .lists = true },
	[SHAPE_DISTANCE] = { "distance", .lists = true, .tables = true },
	[SHAPE_LATENCY] = { "latency", .lists = true, .tables = true },
	[SHAPE_BANDWIDTH] = { "bandwidth", .sizes = true, .lists = true, .tables = true },
};

void wanted_done(struct wanted *w)
{
	for (size_t k = 0; k < SHAPE_N_KEYS; k++)
		free(w->of[k].value);
	memset(w, 0, sizeof(*w));
}

static const char *place(const char *field, size_t column, char buf[WANTED_WHERE])
{
	if (field && column)
		(void)snprintf(buf, WANTED_WHERE, "%s, column %zu", field, column);
	else if (field)
		(void)snprintf(buf, WANTED_WHERE, "%s", field);
	else
		(void)snprintf(buf, WANTED_WHERE, "column %zu", column);
	return buf;
}

const char *wanted_where(const struct wanted *w, enum shape_key key, char buf[WANTED_WHERE])
{
	const struct wanted_value *v = &w->of[key];

	if (!v->given)
		return "";
	return place(v->field, v->field ? 0 : v->column, buf);
}

static int refuse(struct mpol_error *err, const char *field, size_t column, const char *what,
		  const char *at, size_t len)
{
	char where[WANTED_WHERE], shown[24];

	if (!len)
		(void)snprintf(shown, sizeof(shown), "the end");
	else if ((unsigned char)*at < ' ' || (unsigned char)*at > '~')
		(void)snprintf(shown, sizeof(shown), "byte 0x%02x", (unsigned char)*at);
	else
		(void)snprintf(shown, sizeof(shown), "'%c'", *at);
	return mpol_fail(err, &rule_syntax, place(field, column, where), "%s is expected, not %s",
			 what, shown);
}

/* Digits at the start of text; their number in ret_len. Saturates far above what any rule allows.
 */
static uint64_t digits(const char *text, size_t len, size_t *ret_len)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; n < len && text[n] >= '0' && text[n] <= '9'; n++)
		value = MIN(value * 10 + (uint64_t)(text[n] - '0'), MAX_VALUE);
	*ret_len = n;
	return value;
}

/* 0 when c is no unit. */
static unsigned unit_shift(char c)
{
	static const char units[] = "KMGT";
	const char *unit = c ? strchr(units, c) : NULL;

	return unit ? (unsigned)(unit - units + 1) * 10 : 0;
}

static int put(struct wanted_value *v, unsigned row, unsigned column, uint64_t value,
	       struct mpol_error *err)
{
	size_t at = row ? (size_t)row * v->columns + column : column;

	if (!v->value)
		v->value = calloc(MAX_CELLS, sizeof(*v->value));
	if (!v->value)
		return no_memory(err, "a shape");
	if (at < MAX_CELLS)
		v->value[at] = value;
	v->rows = row + 1;
	if (row == 0)
		v->columns = column + 1;
	return 0;
}

int wanted_number(struct wanted *w, enum shape_key key, uint64_t value, const char *field,
		  size_t column, struct mpol_error *err)
{
	struct wanted_value *v = &w->of[key];
	char where[WANTED_WHERE];

	if (v->given)
		return mpol_fail(err, &rule_syntax, place(field, column, where), "%s is said twice",
				 keys[key].name);
	v->given = true;
	v->field = field;
	v->column = column;
	return put(v, 0, 0, value, err);
}

/* One number of a value, with its unit; its length in ret_len. */
static int parse_cell(enum shape_key key, const char *text, size_t len, size_t offset,
		      const char *field, uint64_t *ret, size_t *ret_len, struct mpol_error *err)
{
	uint64_t value = digits(text, len, ret_len);
	char where[WANTED_WHERE];
	unsigned shift = 0;

	if (!*ret_len)
		return refuse(err, field, offset + 1, keys[key].sizes ? "a size" : "a number", text,
			      len);
	if (keys[key].sizes && *ret_len < len)
		shift = unit_shift(text[*ret_len]);
	if (keys[key].sizes && !shift && value) {
		(void)mpol_fail(err, &rule_syntax, place(field, offset + *ret_len + 1, where),
				"%.*s has no unit", (int)MIN(*ret_len, 24), text);
		return mpol_hint(err, "write %.*sM or %.*sG", (int)MIN(*ret_len, 24), text,
				 (int)MIN(*ret_len, 24), text);
	}
	*ret_len += shift != 0;
	*ret = value > MAX_VALUE >> shift ? MAX_VALUE : value << shift;
	return 0;
}

int wanted_parse_value(struct wanted *w, enum shape_key key, const char *text, size_t len,
		       size_t offset, const char *field, struct mpol_error *err)
{
	struct wanted_value *v = &w->of[key];
	unsigned row = 0, column = 0;
	char where[WANTED_WHERE];

	if (v->given)
		return mpol_fail(err, &rule_syntax, place(field, offset + 1, where),
				 "%s is said twice", keys[key].name);
	v->given = true;
	v->field = field;
	v->column = offset + 1;
	for (size_t at = 0;;) {
		uint64_t value = 0;
		size_t n;
		int r = parse_cell(key, text + at, len - at, offset + at, field, &value, &n, err);

		if (r < 0)
			return r;
		r = put(v, row, column, value, err);
		if (r < 0)
			return r;
		at += n;
		if (keys[key].tables && at < len && text[at] == '/' &&
		    (row == 0 || column + 1 < v->columns)) {
			column++;
		} else if (keys[key].tables && row > 0 && column + 1 != v->columns) {
			(void)mpol_fail(err, &rule_syntax, place(field, offset + at + 1, where),
					"row %u has %u values, and the first row %u", row + 1,
					column + 1, v->columns);
			return mpol_hint(
				err,
				"rows are separated by colons, the values of a row by slashes");
		} else if (keys[key].lists && at < len && text[at] == ':') {
			row++;
			column = 0;
		} else if (at == len) {
			return 0;
		} else {
			return refuse(err, field, offset + at + 1,
				      keys[key].tables	? "'/', ':' or the end"
				      : keys[key].lists ? "':' or the end"
							: "the end of the number",
				      text + at, len - at);
		}
		at++;
		if (row >= VM_MAX_NODES || column >= VM_MAX_NODES) {
			(void)mpol_fail(err, &rule_syntax, place(field, offset + at, where),
					"%s has more than %u values", keys[key].name, VM_MAX_NODES);
			return mpol_hint(err, "a machine has at most %u nodes", VM_MAX_NODES);
		}
	}
}

/* "2n4l4c1t" */
static int parse_short(struct wanted *w, const char *text, size_t len, size_t offset,
		       struct mpol_error *err)
{
	static const char expected[SHAPE_N_KEYS][32] = { "n", "l, c, t or the end",
							 "c, t or the end", "t or the end",
							 "the end" };
	unsigned next = SHAPE_NODES;
	size_t at = 0;

	while (at < len) {
		unsigned key = next;
		uint64_t value = 0;
		size_t n;
		int r;

		value = digits(text + at, len - at, &n);
		if (!n)
			return refuse(err, NULL, offset + at + 1,
				      next > SHAPE_THREADS ? "a comma or the end" : "a number",
				      text + at, len - at);
		while (key <= SHAPE_THREADS && (at + n == len || text[at + n] != keys[key].letter))
			key++;
		if (key > SHAPE_THREADS || (next == SHAPE_NODES && key != SHAPE_NODES)) {
			(void)refuse(err, NULL, offset + at + n + 1, expected[next], text + at + n,
				     len - at - n);
			return mpol_hint(err, "write it like 2n4l4c1t: nodes, last-level caches in "
					      "all, cores per cache, threads per core");
		}
		r = wanted_number(w, key, value, NULL, offset + at + 1, err);
		if (r < 0)
			return r;
		next = key + 1;
		at += n + 1;
	}
	return 0;
}

static int unknown_key(const char *text, size_t len, size_t offset, struct mpol_error *err)
{
	char where[WANTED_WHERE];

	(void)mpol_fail(err, &rule_syntax, place(NULL, offset + 1, where), "there is no key '%.*s'",
			(int)MIN(len, 40), text);
	return mpol_hint(
		err,
		"nodes, llcs, cores, threads, cpus, memory, hotplug, distance, latency, bandwidth");
}

static int parse_item(struct wanted *w, const char *text, size_t len, size_t offset,
		      struct mpol_error *err)
{
	const char *equals = memchr(text, '=', len);

	if (!equals && len && text[0] >= '0' && text[0] <= '9')
		return parse_short(w, text, len, offset, err);
	if (!equals)
		return refuse(err, NULL, offset + 1, offset ? "KEY=VALUE" : "2n4l4c1t or KEY=VALUE",
			      text, *text != 0);
	for (size_t k = 0; k < SHAPE_N_KEYS; k++) {
		size_t name = (size_t)(equals - text);

		if (strlen(keys[k].name) == name && memcmp(keys[k].name, text, name) == 0)
			return wanted_parse_value(w, k, equals + 1, len - name - 1,
						  offset + name + 1, NULL, err);
	}
	return unknown_key(text, (size_t)(equals - text), offset, err);
}

static int resolve(const struct wanted *w, struct vm_shape *ret, struct mpol_error *err)
{
	_cleanup_free_ struct vm_shape *s = malloc(sizeof(*s));
	int r;

	if (!s)
		return no_memory(err, "a shape");
	r = wanted_resolve(w, s, err);
	if (r == 0)
		*ret = *s;
	return r;
}

int vm_shape_parse(const char *text, struct vm_shape *ret, struct mpol_error *err)
{
	_cleanup_(wanted_done) struct wanted w = { 0 };
	struct mpol_error ignored;

	err = err ? err : &ignored;
	for (size_t at = 0;; at++) {
		size_t len = strcspn(text + at, ",");
		int r = parse_item(&w, text + at, len, at, err);

		if (r < 0)
			return r;
		at += len;
		if (!text[at])
			break;
	}
	return resolve(&w, ret, err);
}

int vm_shape_resolve(const struct mpol_shape *declared, struct vm_shape *ret,
		     struct mpol_error *err)
{
	const struct {
		enum shape_key key;
		unsigned number;
		const char *text, *field;
	} fields[] = {
		{ SHAPE_NODES, declared->nodes, NULL, "machine.nodes" },
		{ SHAPE_LLCS, declared->llcs, NULL, "machine.llcs" },
		{ SHAPE_CORES, declared->cores, NULL, "machine.cores" },
		{ SHAPE_THREADS, declared->threads, NULL, "machine.threads" },
		{ SHAPE_CPUS, 0, declared->cpus, "machine.cpus" },
		{ SHAPE_MEMORY, 0, declared->memory, "machine.memory" },
		{ SHAPE_HOTPLUG, 0, declared->hotplug, "machine.hotplug" },
		{ SHAPE_DISTANCE, 0, declared->distance, "machine.distance" },
		{ SHAPE_LATENCY, 0, declared->latency, "machine.latency" },
		{ SHAPE_BANDWIDTH, 0, declared->bandwidth, "machine.bandwidth" },
	};
	_cleanup_(wanted_done) struct wanted w = { 0 };
	struct mpol_error ignored;

	err = err ? err : &ignored;
	for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
		int r = 0;

		if (fields[i].number)
			r = wanted_number(&w, fields[i].key, fields[i].number, fields[i].field, 0,
					  err);
		if (fields[i].text && *fields[i].text)
			r = wanted_parse_value(&w, fields[i].key, fields[i].text,
					       strlen(fields[i].text), 0, fields[i].field, err);
		if (r < 0)
			return r;
	}
	return resolve(&w, ret, err);
}
