/* SPDX-License-Identifier: MIT */
/*
 * What the reader's screen can do, and the width of text on it. Everything else in this room is
 * pure: it takes a style and adds text to a struct strbuf.
 */
#ifndef VIEW_STYLE_H
#define VIEW_STYLE_H

#include "base/strbuf.h"

struct view_style {
	bool colour;	/* escape sequences may be written */
	bool utf8;	/* block characters may be written; otherwise ASCII only */
	unsigned width; /* columns of the terminal; 0: not a terminal, nothing is ever cut */
};

/* The meaning of a piece of text; its colour follows from it. */
enum view_tone {
	VIEW_PLAIN,
	VIEW_DIM,  /* less important: units, explanations */
	VIEW_BOLD, /* headings */
	VIEW_GOOD, /* passed, on its own node */
	VIEW_BAD,  /* failed, elsewhere */
	VIEW_WARN, /* unknown, skipped, inexact */
	VIEW_N_TONES
};

/*
 * For text written to fd: colours on a terminal that is not "dumb", unless NO_COLOR is set and not
 * empty (https://no-color.org); UTF-8 as LC_ALL, LC_CTYPE or LANG say, in this order; the width
 * from the terminal. Reads the environment and fd, nothing else.
 */
struct view_style view_style_of(int fd);

/* Columns that the UTF-8 text takes on a terminal. Bytes that are no UTF-8 count one each. */
size_t view_width(const char *text);

/*
 * Adds text in a tone. Control characters become '?', so that what a process calls itself cannot
 * write to the terminal; escape sequences are added only where the style has colours.
 */
void view_tone(struct strbuf *out, const struct view_style *s, enum view_tone tone,
	       const char *text);

#endif
