/* SPDX-License-Identifier: MIT */
/* The kernel's list format; see list.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/list.h"
#include "base/macros.h"

static const struct mpol_rule rule_syntax = {
	"list-syntax",
	EINVAL,
	"A list is numbers and ranges with single commas between them, as the kernel prints it; a "
	"half-read list would name other nodes or CPUs than were meant.",
	"write it like 0-3,7",
	"lib/bitmap.c bitmap_parselist()",
	NULL,
};
static const struct mpol_rule rule_range = {
	"list-reversed",
	EINVAL,
	"A range goes from its lower to its higher number.",
	NULL,
	"lib/bitmap.c bitmap_parselist()",
	NULL,
};
static const struct mpol_rule rule_large = {
	"list-number-too-large",
	EINVAL,
	"No Linux kernel numbers nodes above 1023 or CPUs above 8191.",
	NULL,
	"mm/Kconfig NODES_SHIFT, arch/x86/Kconfig NR_CPUS",
	NULL,
};

/* "column N" of p within text. */
static const char *column(const char *text, const char *p, char buf[32])
{
	(void)snprintf(buf, 32, "column %zu", (size_t)(p - text) + 1);
	return buf;
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

static int parse_number(const char *text, const char **p, unsigned max, const char *noun,
			unsigned *ret, struct mpol_error *err)
{
	const char *start = *p;
	char where[32], what[16];
	unsigned long value = 0;

	if (*start < '0' || *start > '9')
		return mpol_fail(err, &rule_syntax, column(text, start, where),
				 "a %s number is expected, not %s", noun, shown(start, what));
	for (; **p >= '0' && **p <= '9'; (*p)++)
		if (value <= max)
			value = value * 10 + (unsigned long)(**p - '0');
	if (value > max) {
		(void)mpol_fail(err, &rule_large, column(text, start, where),
				"%s %.*s is above %u, the highest there can be", noun,
				(int)MIN(*p - start, 24), start, max);
		(void)mpol_hint(err, "name a %s between 0 and %u", noun, max);
		return -EINVAL; /* mpol_hint() does not know without err */
	}
	*ret = (unsigned)value;
	return 0;
}

void bits_add_range(uint64_t *words, unsigned first, unsigned last)
{
	for (unsigned w = first / 64; w <= last / 64; w++) {
		unsigned low = w == first / 64 ? first % 64 : 0;
		unsigned high = w == last / 64 ? last % 64 : 63;

		words[w] |= (~(uint64_t)0 >> (63 - high)) & (~(uint64_t)0 << low);
	}
}

/* One pass over the list; words may be NULL, to look before it is touched. */
static int walk(const char *text, unsigned max, const char *noun, uint64_t *words,
		struct mpol_error *err)
{
	const char *p = text;
	char where[32], what[16];

	if (!*text)
		return 0;
	for (;; p++) {
		const char *item = p;
		unsigned first, last;
		int r = parse_number(text, &p, max, noun, &first, err);

		if (r < 0)
			return r;
		last = first;
		if (*p == '-') {
			p++;
			r = parse_number(text, &p, max, noun, &last, err);
			if (r < 0)
				return r;
		}
		if (last < first) {
			(void)mpol_fail(err, &rule_range, column(text, item, where),
					"the range %u-%u is reversed", first, last);
			(void)mpol_hint(err, "write %u-%u", last, first);
			return -EINVAL;
		}
		if (words)
			bits_add_range(words, first, last);
		if (!*p)
			return 0;
		if (*p != ',')
			return mpol_fail(err, &rule_syntax, column(text, p, where),
					 "a comma or the end is expected, not %s", shown(p, what));
	}
}

int list_parse(const char *text, unsigned max, const char *noun, uint64_t *words,
	       struct mpol_error *err)
{
	int r = walk(text, max, noun, NULL, err);

	if (r < 0)
		return r;
	memset(words, 0, (max / 64 + 1) * sizeof(words[0]));
	return walk(text, max, noun, words, NULL);
}

int bits_next(const uint64_t *words, size_t n_words, unsigned from)
{
	for (size_t w = from / 64; w < n_words; w++) {
		uint64_t rest = words[w];

		if (w == from / 64)
			rest &= ~(uint64_t)0 << (from % 64);
		if (rest)
			return (int)(w * 64 + (unsigned)__builtin_ctzll(rest));
	}
	return -1;
}

unsigned bits_count(const uint64_t *words, size_t n_words)
{
	unsigned n = 0;

	for (size_t w = 0; w < n_words; w++)
		n += (unsigned)__builtin_popcountll(words[w]);
	return n;
}

static bool bit(const uint64_t *words, size_t n_words, unsigned n)
{
	return n / 64 < n_words && (words[n / 64] >> (n % 64) & 1);
}

/* What was printed so far: text that does not fit is counted, and the buffer ends with a NUL. */
struct printed {
	char *buf;
	size_t size, len;
};

static void print_char(struct printed *out, char c)
{
	if (out->len + 1 < out->size) {
		out->buf[out->len] = c;
		out->buf[out->len + 1] = '\0';
	}
	out->len++;
}

static void print_number(struct printed *out, unsigned n)
{
	char digits[12];
	size_t count = 0;

	do
		digits[count++] = (char)('0' + n % 10);
	while (n /= 10);
	while (count > 0)
		print_char(out, digits[--count]);
}

/* By hand: a batch prints millions of lists. */
size_t list_print(const uint64_t *words, size_t n_words, char *buf, size_t size)
{
	struct printed out = { buf, size, 0 };

	if (size)
		buf[0] = '\0';
	for (int n = bits_next(words, n_words, 0); n >= 0;
	     n = bits_next(words, n_words, (unsigned)n + 1)) {
		int first = n;

		while (bit(words, n_words, (unsigned)n + 1))
			n++;
		if (out.len)
			print_char(&out, ',');
		print_number(&out, (unsigned)first);
		if (n > first) {
			print_char(&out, '-');
			print_number(&out, (unsigned)n);
		}
	}
	return out.len;
}
