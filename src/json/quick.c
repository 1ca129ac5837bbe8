/* SPDX-License-Identifier: MIT */
/* The quick way through a line of JSON; see quick.h. */
#include "json/quick.h"

struct json_quick json_quick(const char *text, size_t len)
{
	return (struct json_quick){ .p = text, .end = text + len };
}

static bool give_up(struct json_quick *q)
{
	q->failed = true;
	return false;
}

static void skip_space(struct json_quick *q)
{
	while (q->p < q->end && (*q->p == ' ' || *q->p == '\t' || *q->p == '\r' || *q->p == '\n'))
		q->p++;
}

/* Past the character c, or false without giving up. */
static bool take(struct json_quick *q, char c)
{
	skip_space(q);
	if (q->failed || q->p == q->end || *q->p != c)
		return false;
	q->p++;
	return true;
}

static bool enter(struct json_quick *q, char bracket)
{
	q->first = true;
	return take(q, bracket) || give_up(q);
}

bool json_quick_object(struct json_quick *q)
{
	return enter(q, '{');
}

bool json_quick_array(struct json_quick *q)
{
	return enter(q, '[');
}

/* Whether another member or element follows; past the comma, or past the bracket that closes. */
static bool another(struct json_quick *q, char bracket)
{
	bool first = q->first;

	q->first = false;
	if (take(q, bracket))
		return false;
	if (q->failed)
		return false;
	return first || take(q, ',') || give_up(q);
}

bool json_quick_key(struct json_quick *q, struct json_slice *ret)
{
	return another(q, '}') && json_quick_string(q, ret) && (take(q, ':') || give_up(q));
}

bool json_quick_element(struct json_quick *q)
{
	return another(q, ']');
}

char json_quick_peek(struct json_quick *q)
{
	skip_space(q);
	return q->failed || q->p == q->end ? '\0' : *q->p;
}

bool json_quick_string(struct json_quick *q, struct json_slice *ret)
{
	const char *start, *p;

	if (!take(q, '"'))
		return give_up(q);
	start = q->p;
	for (p = start; p < q->end && *p != '"'; p++)
		if (*p < ' ' || *p > '~' || *p == '\\')
			return give_up(q);
	if (p == q->end)
		return give_up(q);
	*ret = (struct json_slice){ start, (size_t)(p - start) };
	q->p = p + 1;
	return true;
}

bool json_quick_integer(struct json_quick *q, int64_t *ret)
{
	bool negative = take(q, '-');
	const char *start = q->p;
	int64_t value = 0;

	if (q->failed)
		return false;
	for (; q->p < q->end && *q->p >= '0' && *q->p <= '9' && q->p - start < 18; q->p++)
		value = value * 10 + (*q->p - '0');
	if (q->p == start || (*start == '0' && q->p - start > 1))
		return give_up(q);
	/* A fraction, an exponent or one more digit makes it another number. */
	if (q->p < q->end && !memchr(",]} \t\r\n", *q->p, 7))
		return give_up(q);
	*ret = negative ? -value : value;
	return true;
}

bool json_quick_null(struct json_quick *q)
{
	skip_space(q);
	if (q->failed || q->end - q->p < 4 || memcmp(q->p, "null", 4) != 0)
		return give_up(q);
	q->p += 4;
	return true;
}

bool json_quick_end(struct json_quick *q)
{
	skip_space(q);
	return !q->failed && q->p == q->end;
}
