/* SPDX-License-Identifier: MIT */
/* What the reader's screen can do, and the width of text on it; see style.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "view/style.h"
#include "base/macros.h"
#include "base/utf8.h"

static const char *const escapes[VIEW_N_TONES] = {
	[VIEW_PLAIN] = "",	  [VIEW_DIM] = "\033[2m",  [VIEW_BOLD] = "\033[1m",
	[VIEW_GOOD] = "\033[32m", [VIEW_BAD] = "\033[31m", [VIEW_WARN] = "\033[33m",
};

static const char *set_variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool locale_is_utf8(void)
{
	const char *locale = set_variable("LC_ALL");

	if (!locale)
		locale = set_variable("LC_CTYPE");
	if (!locale)
		locale = set_variable("LANG");
	return locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

struct view_style view_style_of(int fd)
{
	struct view_style s = { .utf8 = locale_is_utf8() };
	const char *terminal = getenv("TERM");
	struct winsize size = { 0 };

	if (!isatty(fd))
		return s;
	s.colour = !set_variable("NO_COLOR") && !(terminal && STREQ(terminal, "dumb"));
	if (ioctl(fd, TIOCGWINSZ, &size) == 0)
		s.width = size.ws_col;
	return s;
}

/* One character of UTF-8: returns its length in bytes and its code point; 1 and the byte itself
 * where it is malformed. */
static size_t decode(const unsigned char *p, size_t left, uint32_t *ret)
{
	size_t len = utf8_length((const char *)p, left);

	*ret = len < 2 ? p[0] : p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++)
		*ret = *ret << 6 | (p[i] & 0x3f);
	return len ? len : 1;
}

/* Unicode's combining marks and East Asian wide characters, as far as names of files and processes
 * go. */
static const struct {
	uint32_t first, last;
	unsigned width;
} widths[] = {
	{ 0x0300, 0x036f, 0 },	 { 0x1100, 0x115f, 2 },	  { 0x200b, 0x200f, 0 },
	{ 0x2e80, 0x303e, 2 },	 { 0x3041, 0xa4cf, 2 },	  { 0xac00, 0xd7a3, 2 },
	{ 0xf900, 0xfaff, 2 },	 { 0xfe00, 0xfe0f, 0 },	  { 0xfe30, 0xfe6f, 2 },
	{ 0xff00, 0xff60, 2 },	 { 0xffe0, 0xffe6, 2 },	  { 0x1f300, 0x1f64f, 2 },
	{ 0x1f900, 0x1f9ff, 2 }, { 0x20000, 0x3fffd, 2 },
};

static unsigned width_of(uint32_t code)
{
	for (size_t i = 0; i < ELEMENTSOF(widths); i++)
		if (code >= widths[i].first && code <= widths[i].last)
			return widths[i].width;
	return 1;
}

size_t view_width(const char *text)
{
	size_t width = 0;

	for (size_t left = strlen(text), len; left; text += len, left -= len) {
		uint32_t code;

		len = decode((const unsigned char *)text, left, &code);
		width += width_of(code);
	}
	return width;
}

void view_tone(struct strbuf *out, const struct view_style *s, enum view_tone tone,
	       const char *text)
{
	const char *escape = s->colour && *text ? escapes[tone] : "";

	strbuf_puts(out, escape);
	strbuf_puts_visible(out, text);
	if (*escape)
		strbuf_puts(out, "\033[0m");
}
